#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>

#include "server/clock.h"
#include "storage/housekeeping_store.h"

namespace kakunin {

// Housekeeping deletes what has served its time, from a thread of its own: challenges ten minutes
// after their end, outcomes of administrative writes after 48 h, counts of inquiries after two
// days. Several servers may run it at once.
class Housekeeping {
 public:
  // All references outlive the object.
  Housekeeping(Database& database, HousekeepingStore& store, const Clock& clock);
  ~Housekeeping();

  // Tidy makes one round; the thread makes one every 30 s. A deletion that fails is logged and
  // counted, and the others are made all the same. Returns the first failure.
  absl::Status Tidy();

  // Failures is how many deletions failed since the start.
  int64_t Failures() const { return failures_.load(std::memory_order_relaxed); }

 private:
  using Delete = std::function<absl::StatusOr<int64_t>(Transaction&)>;

  void Run();
  absl::Status DeleteAll(const Delete& deletion);

  Database& database_;
  HousekeepingStore& store_;
  const Clock& clock_;
  std::atomic<int64_t> failures_{0};
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace kakunin
