#include "server/rpc/certificate_renewal_service.h"

#include "kakunin/v1/certificate_renewal_service.grpc.pb.h"
#include "server/rpc/convert_terminal_certificates.h"
#include "server/rpc/feed_worker.h"
#include "server/rpc/read_terminal_call.h"
#include "server/rpc/worker_call.h"
#include "server/usecases/renew_certificate.h"

namespace kakunin {
namespace {

constexpr char kRenew[] = "/kakunin.v1.CertificateRenewalService/RenewCertificate";
constexpr char kGet[] = "/kakunin.v1.CertificateRenewalService/GetRenewedCertificate";
constexpr int kThreads = 1;
constexpr size_t kMostQueued = 64;

class CertificateRenewalService final : public v1::CertificateRenewalService::CallbackService {
 public:
  explicit CertificateRenewalService(const CertificateRenewalBackend& backend)
      : backend_(backend), worker_(kThreads, kMostQueued) {}

  grpc::ServerUnaryReactor* RenewCertificate(grpc::CallbackServerContext* context,
                                             const v1::RenewCertificateRequest* request,
                                             v1::RenewCertificateResponse* response) override {
    return ServeOnWorker(
        backend_.dispatch, worker_, *context, kRenew, [=, this](const Call& call) -> absl::Status {
          FieldErrors errors;
          TerminalCall asked;
          ReadTerminalCall(errors, *request, call, backend_.audit_key, asked);
          RequiredOctets(errors, "certificate_request_pem", request->certificate_request_pem(), 1,
                         kMostCertificatePemOctets);
          RETURN_IF_ERROR(errors.ToStatus());
          ASSIGN_OR_RETURN(
              const RenewalState renewal,
              kakunin::RenewCertificate(backend_.database, backend_.registry, backend_.store, asked,
                                        call.certificate, request->certificate_request_pem(),
                                        call.deadline));
          WriteRenewal(renewal, *response);
          return absl::OkStatus();
        });
  }

  grpc::ServerUnaryReactor* GetRenewedCertificate(
      grpc::CallbackServerContext* context, const v1::GetRenewedCertificateRequest* request,
      v1::GetRenewedCertificateResponse* response) override {
    return ServeOnWorker(
        backend_.dispatch, worker_, *context, kGet, [=, this](const Call& call) -> absl::Status {
          FieldErrors errors;
          TerminalCall asked;
          ReadTerminalCall(errors, *request, call, backend_.audit_key, asked);
          RETURN_IF_ERROR(errors.ToStatus());
          ASSIGN_OR_RETURN(const RenewalState renewal,
                           kakunin::GetRenewedCertificate(backend_.database, backend_.store, asked,
                                                          call.deadline));
          WriteRenewed(renewal, *response);
          return absl::OkStatus();
        });
  }

 private:
  const CertificateRenewalBackend backend_;
  FeedWorker worker_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeCertificateRenewalService(
    const CertificateRenewalBackend& backend) {
  return std::make_unique<CertificateRenewalService>(backend);
}

}  // namespace kakunin
