#pragma once

#include <grpcpp/grpcpp.h>
#include <grpcpp/support/async_unary_call.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "domain/error.h"
#include "server/rpc/call_queue.h"
#include "server/rpc/dispatch.h"
#include "server/rpc/feed_worker.h"
#include "server/rpc/fields.h"

namespace kakunin {

// QueuedUnary is one call of a method with one request and one answer, served on a CallQueue: it is
// admitted and read on the queue's thread and may be answered by any other. It owns itself from its
// arming to its end.
class QueuedUnary final : private QueueTag {
 public:
  // RequestFunction arms one raw call on the generated service.
  using RequestFunction = std::function<void(grpc::ServerContext*, grpc::ByteBuffer*,
                                             grpc::ServerAsyncResponseWriter<grpc::ByteBuffer>*,
                                             grpc::ServerCompletionQueue*, void*)>;
  // Method is what is served and how. All references outlive the queue; `name` is a constant.
  struct Method {
    CallQueue& queue;
    const Dispatch& dispatch;
    std::string_view name;
    RequestFunction request;
    // Called for each call that was admitted, on the queue's thread; ends it, then or later.
    std::function<void(QueuedUnary&)> serve;
  };
  // Serve answers calls of `method` from now on, as many at once as there are.
  static void Serve(std::shared_ptr<const Method> method);

  const Call& call() const { return call_; }
  // Request is the serialised message.
  const grpc::ByteBuffer& request() const { return request_; }
  // End answers, once; the object is gone when it returns. `response` counts when `status` is OK.
  void End(const absl::Status& status, const google::protobuf::MessageLite& response);
  void End(const absl::Status& status);

 private:
  explicit QueuedUnary(std::shared_ptr<const Method> method);
  void Happened(bool ok) override;

  const std::shared_ptr<const Method> method_;
  grpc::ServerContext context_;
  grpc::ServerAsyncResponseWriter<grpc::ByteBuffer> writer_{&context_};
  grpc::ByteBuffer request_;
  Call call_;
  bool finishing_ = false;
};

// ReadMessage reads a serialised message; false: it is none of this type.
bool ReadMessage(const grpc::ByteBuffer& octets, google::protobuf::MessageLite& message);
// WrittenMessage is a message as it is sent.
grpc::ByteBuffer WrittenMessage(const google::protobuf::MessageLite& message);

// QueuedService is a service whose methods are served on a CallQueue.
class QueuedService {
 public:
  virtual ~QueuedService() = default;
  // Rpc is what the ServerBuilder registers.
  virtual grpc::Service& rpc() = 0;
  // Serve begins, once the server was built. The object outlives the queue's last call.
  virtual void Serve(CallQueue& queue) = 0;
};

// WorkerMethods serves raw methods of one service: each call on one of a worker's threads,
// OVERLOADED when its queue is full, INVALID_FIELDS when the request is no message.
template <class Rpc, class Object>
class WorkerMethods {
 public:
  // All references outlive the queue's last call. `after` is called behind an act that went well,
  // before its answer.
  WorkerMethods(CallQueue& queue, const Dispatch& dispatch, Rpc& rpc, Object& object,
                std::function<void(const Call&)> after = {})
      : queue_(queue), dispatch_(dispatch), rpc_(rpc), object_(object), after_(std::move(after)) {}

  // Add serves one method: `request` is RequestName of the service, `act` what answers it.
  template <class Owner, class Request, class Response>
  WorkerMethods& Add(FeedWorker& worker, const char* name,
                     void (Owner::*request)(grpc::ServerContext*, grpc::ByteBuffer*,
                                            grpc::ServerAsyncResponseWriter<grpc::ByteBuffer>*,
                                            grpc::CompletionQueue*, grpc::ServerCompletionQueue*,
                                            void*),
                     absl::Status (Object::*act)(const Call&, const Request&, Response&),
                     // What a call holds while it waits and runs; null: it is OVERLOADED.
                     std::function<std::shared_ptr<void>(const Call&)> share = {}) {
    QueuedUnary::Serve(std::make_shared<QueuedUnary::Method>(QueuedUnary::Method{
        .queue = queue_,
        .dispatch = dispatch_,
        .name = name,
        .request = [&rpc = rpc_, request](
                       auto* context, auto* octets, auto* writer, auto* on,
                       void* tag) { (rpc.*request)(context, octets, writer, on, on, tag); },
        .serve =
            [&worker, &object = object_, act, after = after_,
             share = std::move(share)](QueuedUnary& call) {
              const auto asked = std::make_shared<Request>();
              if (!ReadMessage(call.request(), *asked)) {
                return call.End(InvalidFields({{"", std::string(kFieldMalformed)}}));
              }
              const std::shared_ptr<void> held = share ? share(call.call()) : nullptr;
              if (share && held == nullptr) return call.End(MakeError(Reason::kOverloaded));
              const bool taken = worker.Submit([&call, &object, act, &after, asked, held] {
                Response response;
                const absl::Status status = (object.*act)(call.call(), *asked, response);
                if (status.ok() && after) after(call.call());
                call.End(status, response);
              });
              if (!taken) call.End(MakeError(Reason::kOverloaded));
            }}));
    return *this;
  }

 private:
  CallQueue& queue_;
  const Dispatch& dispatch_;
  Rpc& rpc_;
  Object& object_;
  std::function<void(const Call&)> after_;
};

}  // namespace kakunin
