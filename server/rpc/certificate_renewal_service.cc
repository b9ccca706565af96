#include "server/rpc/certificate_renewal_service.h"

#include "kakunin/v1/certificate_renewal_service.grpc.pb.h"
#include "server/rpc/convert_terminal_certificates.h"
#include "server/rpc/feed_worker.h"
#include "server/rpc/queued_unary.h"
#include "server/rpc/read_terminal_call.h"
#include "server/usecases/renew_certificate.h"

namespace kakunin {
namespace {

constexpr char kRenew[] = "/kakunin.v1.CertificateRenewalService/RenewCertificate";
constexpr char kGet[] = "/kakunin.v1.CertificateRenewalService/GetRenewedCertificate";
constexpr int kThreads = 1;
constexpr size_t kMostQueued = 64;

// CertificateRenewalRpc is CertificateRenewalService with every method raw.
class CertificateRenewalRpc final
    : public v1::CertificateRenewalService::WithRawMethod_RenewCertificate<
          v1::CertificateRenewalService::WithRawMethod_GetRenewedCertificate<
              v1::CertificateRenewalService::Service>> {};

class CertificateRenewalService final : public QueuedService {
 public:
  explicit CertificateRenewalService(const CertificateRenewalBackend& backend)
      : backend_(backend), worker_(kThreads, kMostQueued) {}

  grpc::Service& rpc() override { return rpc_; }
  void Serve(CallQueue& queue) override {
    WorkerMethods(queue, backend_.dispatch, rpc_, *this)
        .Add(worker_, kRenew, &CertificateRenewalRpc::RequestRenewCertificate,
             &CertificateRenewalService::RenewCertificate)
        .Add(worker_, kGet, &CertificateRenewalRpc::RequestGetRenewedCertificate,
             &CertificateRenewalService::GetRenewedCertificate);
  }

 private:
  absl::Status RenewCertificate(const Call& call, const v1::RenewCertificateRequest& request,
                                v1::RenewCertificateResponse& response) {
    FieldErrors errors;
    TerminalCall asked;
    ReadTerminalCall(errors, request, call, backend_.audit_key, asked);
    RequiredOctets(errors, "certificate_request_pem", request.certificate_request_pem(), 1,
                   kMostCertificatePemOctets);
    RETURN_IF_ERROR(errors.ToStatus());
    ASSIGN_OR_RETURN(const RenewalState renewal,
                     kakunin::RenewCertificate(backend_.database, backend_.registry, backend_.store,
                                               asked, call.certificate,
                                               request.certificate_request_pem(), call.deadline));
    WriteRenewal(renewal, response);
    return absl::OkStatus();
  }

  absl::Status GetRenewedCertificate(const Call& call,
                                     const v1::GetRenewedCertificateRequest& request,
                                     v1::GetRenewedCertificateResponse& response) {
    FieldErrors errors;
    TerminalCall asked;
    ReadTerminalCall(errors, request, call, backend_.audit_key, asked);
    RETURN_IF_ERROR(errors.ToStatus());
    ASSIGN_OR_RETURN(
        const RenewalState renewal,
        kakunin::GetRenewedCertificate(backend_.database, backend_.store, asked, call.deadline));
    WriteRenewed(renewal, response);
    return absl::OkStatus();
  }

  const CertificateRenewalBackend backend_;
  CertificateRenewalRpc rpc_;
  FeedWorker worker_;
};

}  // namespace

std::unique_ptr<QueuedService> MakeCertificateRenewalService(
    const CertificateRenewalBackend& backend) {
  return std::make_unique<CertificateRenewalService>(backend);
}

}  // namespace kakunin
