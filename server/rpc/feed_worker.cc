#include "server/rpc/feed_worker.h"

#include <sys/resource.h>
#include <unistd.h>

#include <utility>

namespace kakunin {

FeedWorker::FeedWorker(int threads, size_t most_queued, int niceness) : most_queued_(most_queued) {
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this, niceness] { Run(niceness); });
}

FeedWorker::~FeedWorker() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool FeedWorker::Submit(std::function<void()> job) {
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() >= most_queued_) return false;
    queue_.push_back(std::move(job));
  }
  wake_.notify_one();
  return true;
}

void FeedWorker::Run(int niceness) {
  // On Linux a thread has a niceness of its own.
  if (niceness > 0) setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), niceness);
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stop_ || !queue_.empty(); });
    if (queue_.empty()) return;
    const std::function<void()> job = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    job();
    lock.lock();
  }
}

}  // namespace kakunin
