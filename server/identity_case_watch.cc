#include "server/identity_case_watch.h"

#include <chrono>
#include <vector>

namespace kakunin {

IdentityCaseWatch::IdentityCaseWatch(Database& database, IdentityCaseStore& cases,
                                     const Clock& clock)
    : database_(database), cases_(cases), clock_(clock) {
  Look();
  rounds_.emplace(std::chrono::minutes(1), [this] { Look(); });
}

void IdentityCaseWatch::Look() {
  const auto asked = std::chrono::steady_clock::now();
  std::vector<absl::Time> instants;
  instants.reserve(kLeastDays.size());
  for (const int days : kLeastDays) instants.push_back(clock_.Now() - absl::Hours(24) * days);
  std::vector<int64_t> counts;
  const absl::Status status =
      database_.Read(asked + std::chrono::seconds(5), [&](Transaction& tx) -> absl::Status {
        auto counted = cases_.CountOpen(tx, instants);
        if (!counted.ok()) return counted.status();
        counts = *std::move(counted);
        return absl::OkStatus();
      });
  if (!status.ok()) return;
  for (size_t age = 0; age < counts.size(); ++age) {
    counts_[age].store(counts[age], std::memory_order_relaxed);
  }
  age_.Renew(asked);
}

}  // namespace kakunin
