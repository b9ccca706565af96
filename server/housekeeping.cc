#include "server/housekeeping.h"

#include <spdlog/spdlog.h>

#include <chrono>
#include <utility>

#include "domain/error.h"

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
  const std::pair<const char*, Delete> deletions[] = {
      {"challenges",
       [&](Transaction& tx) { return store_.DeleteChallenges(tx, now - kChallengesKept, kBatch); }},
      {"request outcomes",
       [&](Transaction& tx) {
         return store_.DeleteRequestOutcomes(tx, now - kOutcomesKept, kBatch);
       }},
      {"inquiry counts",
       [&](Transaction& tx) { return store_.DeleteInquiryCounts(tx, hour - kCountsKeptHours); }},
  };
  absl::Status first;
  for (const auto& [what, deletion] : deletions) {
    const absl::Status status = DeleteAll(deletion);
    if (status.ok()) continue;
    failures_.fetch_add(1, std::memory_order_relaxed);
    spdlog::warn("housekeeping could not delete {}, the next round repeats it: {}", what,
                 std::string(status.message()));
    first.Update(status);
  }
  return first;
}

absl::Status Housekeeping::DeleteAll(const Delete& deletion) {
  int64_t deleted = kBatch;
  // Small batches, each its own transaction, until one is not full.
  while (deleted >= kBatch) {
    RETURN_IF_ERROR(database_.Write(std::chrono::steady_clock::now() + kBatchBound,
                                    [&](Transaction& tx) -> absl::Status {
                                      ASSIGN_OR_RETURN(deleted, deletion(tx));
                                      return absl::OkStatus();
                                    }));
  }
  return absl::OkStatus();
}

void Housekeeping::Run() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, kTidyEvery, [this] { return stop_; })) {
    lock.unlock();
    Tidy().IgnoreError();  // it has logged what failed
    lock.lock();
  }
}

}  // namespace kakunin
