#pragma once

#include <grpcpp/grpcpp.h>

#include <utility>

#include "domain/error.h"
#include "server/rpc/dispatch.h"
#include "server/rpc/feed_worker.h"
#include "server/rpc/status.h"

namespace kakunin {

// ServeOnWorker admits a unary call of the callback API on gRPC's thread and runs `act` (const
// Call&) -> absl::Status on one of the worker's; OVERLOADED when its queue is full.
template <class Act>
grpc::ServerUnaryReactor* ServeOnWorker(const Dispatch& dispatch, FeedWorker& worker,
                                        grpc::CallbackServerContext& context, const char* method,
                                        Act act) {
  grpc::ServerUnaryReactor* const reactor = context.DefaultReactor();
  const absl::StatusOr<Call> call = dispatch.Admit(context, method);
  if (!call.ok()) {
    reactor->Finish(ToGrpcStatus(call.status()));
    return reactor;
  }
  const auto end = [&dispatch, reactor, call = *call](const absl::Status& status) {
    dispatch.Ended(call, status);
    reactor->Finish(ToGrpcStatus(status));
  };
  if (!worker.Submit([act, end, call = *call] { end(act(call)); })) {
    end(MakeError(Reason::kOverloaded));
  }
  return reactor;
}

}  // namespace kakunin
