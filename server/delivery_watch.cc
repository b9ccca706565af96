#include "server/delivery_watch.h"

#include <chrono>
#include <utility>
#include <vector>

namespace kakunin {
namespace {

constexpr absl::Duration kStaleAfter = absl::Minutes(10);

}  // namespace

DeliveryWatch::DeliveryWatch(Database& database, DeliveryStore& deliveries, const Clock& clock,
                             int tolerated_days)
    : database_(database),
      deliveries_(deliveries),
      clock_(clock),
      tolerated_days_(tolerated_days),
      delays_(std::make_shared<const Delays>()) {
  Look();
  rounds_.emplace(std::chrono::minutes(1), [this] { Look(); });
}

std::optional<DeliveryDelay> DeliveryWatch::Of(std::string_view insurer_number) const {
  if (Age() > kStaleAfter) return std::nullopt;
  const std::shared_ptr<const Delays> delays = delays_.load();
  const auto found = delays->find(std::string(insurer_number));
  if (found == delays->end()) return std::nullopt;
  return found->second;
}

int DeliveryWatch::Behind() const { return static_cast<int>(delays_.load()->size()); }

void DeliveryWatch::Look() {
  const auto asked = std::chrono::steady_clock::now();
  std::vector<InsurerProgress> insurers;
  const absl::Status status =
      database_.Read(asked + std::chrono::seconds(5), [&](Transaction& tx) -> absl::Status {
        auto read = deliveries_.Insurers(tx);
        if (!read.ok()) return read.status();
        insurers = *std::move(read);
        return absl::OkStatus();
      });
  if (!status.ok()) return;
  auto delays = std::make_shared<Delays>();
  for (InsurerProgress& insurer : insurers) {
    if (const auto delay = DelayOf(insurer.through, clock_.Now(), tolerated_days_)) {
      delays->emplace(std::move(insurer.insurer_number), *delay);
    }
  }
  delays_.store(std::move(delays));
  age_.Renew(asked);
}

}  // namespace kakunin
