#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace kakunin {

// FeedWorker runs the database work of what the callback API serves, the feeds' streams and the
// calls for notices, on a few threads of its own, so that no thread of gRPC waits for the database
// and none waits for a peer. Thread-safe.
class FeedWorker {
 public:
  // For lists and feeds, which nobody stands and waits for.
  static constexpr int kNicerThanADesk = 10;

  // `niceness` of its threads, 0 to 19: what nobody at a desk waits for is nicer than a desk.
  FeedWorker(int threads, size_t most_queued, int niceness = 0);
  // Runs what is queued and stops.
  ~FeedWorker();
  FeedWorker(const FeedWorker&) = delete;
  FeedWorker& operator=(const FeedWorker&) = delete;

  // Submit queues `job`; false when the queue is full, and then `job` never runs.
  bool Submit(std::function<void()> job);

 private:
  void Run(int niceness);

  const size_t most_queued_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> queue_;
  bool stop_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace kakunin
