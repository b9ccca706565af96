#include "server/rpc/queued_stream.h"

#include <utility>

namespace kakunin {

void QueuedStream::Arm(std::function<void()> again) {
  again_ = std::move(again);
  queue_.Begun();
  context_.AsyncNotifyWhenDone(static_cast<QueueTag*>(&end_));
  Request(queue_.get(), static_cast<QueueTag*>(&arrived_));
}

void QueuedStream::Arrived(bool ok) {
  if (ok) {
    again_();
    return OnBegun();
  }
  // The server shuts down and nobody called: gRPC tells no end of a call that never began.
  finished_ = ended_ = true;
  EndIfDone();
}

void QueuedStream::Finish(const grpc::Status& status) {
  finishing_ = true;
  SendFinish(status, static_cast<QueueTag*>(&finish_));
}

void QueuedStream::Finished(bool /*ok*/) {
  finished_ = true;
  EndIfDone();
}

void QueuedStream::Ended(bool /*ok*/) {
  ended_ = true;
  if (!finishing_) OnCancel();
  EndIfDone();
}

void QueuedStream::EndIfDone() {
  if (!finished_ || !ended_) return;
  CallQueue& queue = queue_;
  OnDone();
  queue.Over();
}

void QueuedReader::SendFinish(const grpc::Status& status, void* tag) {
  if (status.ok()) {
    stream_.Finish(Answer(), status, tag);
  } else {
    stream_.FinishWithError(status, tag);
  }
}

}  // namespace kakunin
