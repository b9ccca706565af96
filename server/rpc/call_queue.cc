#include "server/rpc/call_queue.h"

namespace kakunin {
namespace {

constexpr int kPollMillis = 100;

}  // namespace

CallQueue::CallQueue(std::unique_ptr<grpc::ServerCompletionQueue> queue)
    : queue_(std::move(queue)) {}

bool CallQueue::Take(gpr_timespec until) {
  void* tag = nullptr;
  bool ok = false;
  if (queue_->AsyncNext(&tag, &ok, until) != grpc::CompletionQueue::GOT_EVENT) return false;
  static_cast<QueueTag*>(tag)->Happened(ok);
  return true;
}

void CallQueue::Close() {
  queue_->Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue_->Next(&tag, &ok)) {
  }
}

void CallQueueThread::Start() {
  thread_ = std::thread([this] {
    while (!stopping_.load(std::memory_order_relaxed) || queue_.HasCalls()) {
      queue_.Take(gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                               gpr_time_from_millis(kPollMillis, GPR_TIMESPAN)));
    }
    queue_.Close();
  });
}

void CallQueueThread::Shutdown() {
  if (stopping_.exchange(true)) return;
  if (thread_.joinable()) {
    thread_.join();
  } else {
    queue_.Close();  // never started
  }
}

}  // namespace kakunin
