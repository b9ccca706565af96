#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace kakunin {

// ExitBound ends the process with exit 0 when it was not destroyed within `bound` of its making.
// For a server that was told to end: what it still does then (a publication of a million rows, a
// step of the housekeeping) is one transaction, which PostgreSQL rolls back; whoever asked for it
// was not answered and asks again. A supervisor sees the end that it asked for, not a failure.
class ExitBound {
 public:
  explicit ExitBound(std::chrono::milliseconds bound);
  ~ExitBound();
  ExitBound(const ExitBound&) = delete;
  ExitBound& operator=(const ExitBound&) = delete;

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  bool ended_ = false;  // by mutex_
  std::thread thread_;
};

}  // namespace kakunin
