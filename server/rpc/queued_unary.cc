#include "server/rpc/queued_unary.h"

#include "server/rpc/status.h"

namespace kakunin {

QueuedUnary::QueuedUnary(std::shared_ptr<const Method> method) : method_(std::move(method)) {}

void QueuedUnary::Serve(std::shared_ptr<const Method> method) {
  auto* const call = new QueuedUnary(std::move(method));  // deletes itself: Happened
  call->method_->queue.Begun();
  call->method_->request(&call->context_, &call->request_, &call->writer_,
                         call->method_->queue.get(), static_cast<QueueTag*>(call));
}

void QueuedUnary::Happened(bool ok) {
  if (finishing_ || !ok) {  // it is over, or the server shuts down and nobody called
    CallQueue& queue = method_->queue;
    delete this;
    return queue.Over();
  }
  Serve(method_);
  absl::StatusOr<Call> call = method_->dispatch.Admit(context_, method_->name);
  if (!call.ok()) {
    finishing_ = true;
    return writer_.FinishWithError(ToGrpcStatus(call.status()), static_cast<QueueTag*>(this));
  }
  call_ = *std::move(call);
  method_->serve(*this);
}

void QueuedUnary::End(const absl::Status& status, const google::protobuf::MessageLite& response) {
  if (!status.ok()) return End(status);
  const grpc::ByteBuffer octets = WrittenMessage(response);
  method_->dispatch.Ended(call_, status);
  finishing_ = true;
  writer_.Finish(octets, grpc::Status::OK, static_cast<QueueTag*>(this));
}

void QueuedUnary::End(const absl::Status& status) {
  method_->dispatch.Ended(call_, status);
  finishing_ = true;
  writer_.FinishWithError(ToGrpcStatus(status), static_cast<QueueTag*>(this));
}

bool ReadMessage(const grpc::ByteBuffer& octets, google::protobuf::MessageLite& message) {
  grpc::Slice slice;
  if (!octets.TrySingleSlice(&slice).ok() && !octets.DumpToSingleSlice(&slice).ok()) return false;
  return message.ParseFromArray(slice.begin(), static_cast<int>(slice.size()));
}

grpc::ByteBuffer WrittenMessage(const google::protobuf::MessageLite& message) {
  const grpc::Slice slice(message.SerializeAsString());
  return {&slice, 1};
}

}  // namespace kakunin
