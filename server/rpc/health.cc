#include "server/rpc/health.h"

#include <algorithm>

#include "domain/access_policy.h"
#include "domain/error.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "server/rpc/health_rpc.h"

namespace kakunin {
namespace {

namespace api = grpc::health::v1;

api::HealthCheckResponse ResponseFor(const PortHealth& health) {
  api::HealthCheckResponse response;
  response.set_status(health.Serving() ? api::HealthCheckResponse::SERVING
                                       : api::HealthCheckResponse::NOT_SERVING);
  return response;
}

class SyncHealthService final : public api::Health::Service {
 public:
  SyncHealthService(const PortHealth& health, const Dispatch& dispatch)
      : health_(health), dispatch_(dispatch) {}

  grpc::Status Check(grpc::ServerContext* context, const api::HealthCheckRequest* request,
                     api::HealthCheckResponse* response) override {
    return dispatch_.Serve(context, kHealthCheckMethod, [&](const Call&) {
      if (!health_.Knows(request->service())) return MakeError(Reason::kServiceNotFound);
      *response = ResponseFor(health_);
      return absl::OkStatus();
    });
  }

 private:
  const PortHealth& health_;
  const Dispatch& dispatch_;
};

}  // namespace

bool PortHealth::Knows(std::string_view service) const {
  if (service.empty()) return true;  // the port itself
  const std::string prefix = "/" + std::string(service) + "/";
  return std::ranges::any_of(AllMethodPolicies(), [&](const MethodPolicy& policy) {
    return policy.port == port_ && policy.method.starts_with(prefix);
  });
}

std::optional<std::string> PortHealth::CheckAnswer(std::string_view request) const {
  api::HealthCheckRequest parsed;
  if (!parsed.ParseFromArray(request.data(), static_cast<int>(request.size()))) return std::nullopt;
  if (!Knows(parsed.service())) return std::nullopt;
  return ResponseFor(*this).SerializeAsString();
}

std::unique_ptr<grpc::Service> MakeSyncHealthService(const PortHealth& health,
                                                     const Dispatch& dispatch) {
  return std::make_unique<SyncHealthService>(health, dispatch);
}

}  // namespace kakunin
