#include "server/housekeeping.h"

#include <spdlog/spdlog.h>

#include <chrono>
#include <functional>

namespace kakunin {
namespace {

constexpr auto kTidyEvery = std::chrono::seconds(30);
constexpr auto kBatchBound = std::chrono::seconds(5);
constexpr int kBatch = 10'000;
constexpr absl::Duration kChallengesKept = absl::Minutes(10);
constexpr absl::Duration kOutcomesKept = absl::Hours(48);
constexpr int64_t kCountsKeptHours = 48;

}  // namespace

Housekeeping::Housekeeping(Database& database, HousekeepingStore& store, const Clock& clock)
    : database_(database), store_(store), clock_(clock), thread_([this] { Run(); }) {}

Housekeeping::~Housekeeping() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

absl::Status Housekeeping::Tidy() {
  const absl::Time now = clock_.Now();
  const int64_t hour = absl::ToUnixSeconds(now) / 3600;
  using Delete = std::function<absl::StatusOr<int64_t>(Transaction&)>;
  const Delete deletions[] = {
      [&](Transaction& tx) { return store_.DeleteChallenges(tx, now - kChallengesKept, kBatch); },
      [&](Transaction& tx) {
        return store_.DeleteRequestOutcomes(tx, now - kOutcomesKept, kBatch);
      },
      [&](Transaction& tx) { return store_.DeleteInquiryCounts(tx, hour - kCountsKeptHours); },
  };
  for (const Delete& deletion : deletions) {
    int64_t deleted = kBatch;
    // Small batches, each its own transaction, until one is not full.
    while (deleted >= kBatch) {
      absl::Status status = database_.Write(std::chrono::steady_clock::now() + kBatchBound,
                                            [&](Transaction& tx) -> absl::Status {
                                              const auto count = deletion(tx);
                                              if (!count.ok()) return count.status();
                                              deleted = *count;
                                              return absl::OkStatus();
                                            });
      if (!status.ok()) return status;
    }
  }
  return absl::OkStatus();
}

void Housekeeping::Run() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, kTidyEvery, [this] { return stop_; })) {
    lock.unlock();
    if (const absl::Status status = Tidy(); !status.ok()) {
      spdlog::warn("housekeeping failed, the next round repeats it: {}",
                   std::string(status.message()));
    }
    lock.lock();
  }
}

}  // namespace kakunin
