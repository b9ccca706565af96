#pragma once

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <memory>
#include <thread>

namespace kakunin {

// QueueTag is whom an event of a CallQueue concerns.
class QueueTag {
 public:
  // Happened is called by the queue's thread and never waits for anything.
  virtual void Happened(bool ok) = 0;

 protected:
  ~QueueTag() = default;
};

// CallQueue is the completion queue of a port, and the only one that a thread waits for. Whoever
// waits for any queue of a process reads all of its sockets: a second thread takes requests off the
// first one's hands and pays for each with a wake-up (docs/adr/0013). So everything that a port
// serves hangs on this queue, and one thread, a lane's, polls it; what takes time is done by other
// threads, which begin their operations here. Thread-safe but for Take and Close, which are for the
// thread that polls.
class CallQueue {
 public:
  // `queue` comes from the ServerBuilder.
  explicit CallQueue(std::unique_ptr<grpc::ServerCompletionQueue> queue);

  // get is for beginning an operation; its tag is a QueueTag*.
  grpc::ServerCompletionQueue* get() const { return queue_.get(); }

  // gRPC aborts when anything is begun on a closed queue. So a call is counted from the instant it
  // is armed until nothing more is begun for it: Begun and Over.
  void Begun() { calls_.fetch_add(1, std::memory_order_relaxed); }
  void Over() { calls_.fetch_sub(1, std::memory_order_release); }
  bool HasCalls() const { return calls_.load(std::memory_order_acquire) > 0; }

  // Take waits for one event and tells whom it concerns; false when none came until then.
  bool Take(gpr_timespec until);
  // Close ends the queue; its server was shut down, and no call is left.
  void Close();

 private:
  const std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  std::atomic<int64_t> calls_{0};
};

// CallQueueThread polls a queue where no lane does.
class CallQueueThread {
 public:
  explicit CallQueueThread(std::unique_ptr<grpc::ServerCompletionQueue> queue)
      : queue_(std::move(queue)) {}
  // The server must have been shut down before.
  ~CallQueueThread() { Shutdown(); }

  CallQueue& queue() { return queue_; }
  // Start begins to poll, once the server was built.
  void Start();
  // Shutdown ends the queue when its last call is over, and the thread.
  void Shutdown();

 private:
  CallQueue queue_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace kakunin
