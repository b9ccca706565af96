#include "server/operation_test_ticks.h"

#include <algorithm>
#include <chrono>

namespace kakunin {
namespace {

constexpr auto kWriteBound = std::chrono::seconds(2);
constexpr auto kRetryAfter = std::chrono::milliseconds(500);
// Facilities in the test at once, times items: beyond it the newest wait for room.
constexpr size_t kMostQueued = 10'000;

}  // namespace

OperationTestTickWriter::OperationTestTickWriter(Database& database, ApplicationStore& store)
    : database_(database), store_(store), thread_([this] { Run(); }) {}

OperationTestTickWriter::~OperationTestTickWriter() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void OperationTestTickWriter::Tick(const std::string& facility_code, OperationTestItem item,
                                   absl::Time at) {
  {
    const std::lock_guard lock(mutex_);
    if (queued_.size() >= kMostQueued) return;
    absl::Time& newest = queued_.try_emplace({facility_code, item}, at).first->second;
    newest = std::max(newest, at);
  }
  wake_.notify_one();
}

bool OperationTestTickWriter::Write(const Ticks& ticks) {
  return database_
      .Write(std::chrono::steady_clock::now() + kWriteBound,
             [&](Transaction& tx) -> absl::Status {
               for (const auto& [what, at] : ticks) {
                 if (absl::Status put = store_.Tick(tx, what.first, what.second, at); !put.ok()) {
                   return put;
                 }
               }
               return absl::OkStatus();
             })
      .ok();
}

void OperationTestTickWriter::Run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stop_ || !queued_.empty(); });
    if (queued_.empty()) return;
    Ticks taken;
    taken.swap(queued_);
    const bool last = stop_;
    lock.unlock();
    const bool written = Write(taken);
    lock.lock();
    if (written) continue;
    if (last) return;
    for (const auto& [what, at] : taken) queued_.try_emplace(what, at);
    wake_.wait_for(lock, kRetryAfter, [this] { return stop_; });
  }
}

}  // namespace kakunin
