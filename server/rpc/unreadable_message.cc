#include "server/rpc/unreadable_message.h"

#include <grpcpp/support/server_interceptor.h>

#include <chrono>
#include <memory>
#include <string_view>
#include <vector>

#include "domain/access_policy.h"
#include "server/rpc/fields.h"
#include "server/rpc/status.h"

namespace kakunin {
namespace {

using grpc::experimental::InterceptionHookPoints;
using grpc::experimental::Interceptor;
using grpc::experimental::InterceptorBatchMethods;
using grpc::experimental::ServerInterceptorFactoryInterface;
using grpc::experimental::ServerRpcInfo;
using std::chrono::steady_clock;

// Whether `status` is gRPC's own word for a message that it could not read. Ours have details.
bool IsOfGrpc(const grpc::Status& status) {
  return status.error_details().empty() && (status.error_code() == grpc::StatusCode::INTERNAL ||
                                            status.error_code() == grpc::StatusCode::UNIMPLEMENTED);
}

class Refuser final : public Interceptor {
 public:
  Refuser(std::string_view method, CallObserver& observer) : method_(method), observer_(observer) {}

  void Intercept(InterceptorBatchMethods* methods) override {
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_STATUS) &&
        IsOfGrpc(methods->GetSendStatus())) {
      const absl::Status refusal = InvalidFields({{"", std::string(kFieldMalformed)}});
      methods->ModifySendStatus(ToGrpcStatus(refusal));
      observer_.Ended(method_, "", refusal, steady_clock::now() - began_);
    }
    methods->Proceed();
  }

 private:
  const std::string_view method_;
  CallObserver& observer_;
  const steady_clock::time_point began_ = steady_clock::now();
};

class Factory final : public ServerInterceptorFactoryInterface {
 public:
  explicit Factory(CallObserver& observer) : observer_(observer) {}

  // Null: nobody listens. gRPC frees what is returned.
  Interceptor* CreateServerInterceptor(ServerRpcInfo* info) override {
    const MethodPolicy* policy = PolicyFor(info->method());
    return policy == nullptr ? nullptr : new Refuser(policy->method, observer_);
  }

 private:
  CallObserver& observer_;
};

}  // namespace

void RefuseUnreadableMessages(grpc::ServerBuilder& builder, CallObserver& observer) {
  std::vector<std::unique_ptr<ServerInterceptorFactoryInterface>> factories;
  factories.push_back(std::make_unique<Factory>(observer));
  builder.experimental().SetInterceptorCreators(std::move(factories));
}

}  // namespace kakunin
