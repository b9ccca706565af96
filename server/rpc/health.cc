#include "server/rpc/health.h"

#include <algorithm>

#include "domain/error.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "server/rpc/health_rpc.h"

namespace kakunin {
namespace {

namespace api = grpc::health::v1;

constexpr std::string_view kServices[] = {"",
                                          "kakunin.v1.EligibilityService",
                                          "kakunin.v1.InsurerFeedService",
                                          "kakunin.v1.IdentityCaseService",
                                          "kakunin.v1.CardLinkService",
                                          "kakunin.v1.OperationsService",
                                          "kakunin.v1.TerminalCertificateService",
                                          "kakunin.v1.EnrolmentService",
                                          "kakunin.v1.CertificateRenewalService",
                                          "kakunin.v1.RecordService",
                                          "kakunin.v1.ConsentService",
                                          "kakunin.v1.AccessLogService",
                                          "kakunin.v1.NoticeService",
                                          "kakunin.v1.AccountService",
                                          "kakunin.v1.FacilitySettingsService",
                                          "kakunin.v1.AccountAdministrationService",
                                          "kakunin.v1.OnboardingService",
                                          "kakunin.v1.ApplicationReviewService"};

bool IsKnown(const std::string& service) {
  return std::find(std::begin(kServices), std::end(kServices), service) != std::end(kServices);
}

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
      if (!IsKnown(request->service())) return MakeError(Reason::kServiceNotFound);
      *response = ResponseFor(health_);
      return absl::OkStatus();
    });
  }

 private:
  const PortHealth& health_;
  const Dispatch& dispatch_;
};

}  // namespace

std::optional<std::string> PortHealth::CheckAnswer(std::string_view request) const {
  api::HealthCheckRequest parsed;
  if (!parsed.ParseFromArray(request.data(), static_cast<int>(request.size()))) return std::nullopt;
  if (!IsKnown(parsed.service())) return std::nullopt;
  return ResponseFor(*this).SerializeAsString();
}

std::unique_ptr<grpc::Service> MakeSyncHealthService(const PortHealth& health,
                                                     const Dispatch& dispatch) {
  return std::make_unique<SyncHealthService>(health, dispatch);
}

}  // namespace kakunin
