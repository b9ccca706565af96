#include "server/rpc/enrolment_service.h"

#include "kakunin/v1/enrolment_service.grpc.pb.h"
#include "server/rpc/convert_terminal_certificates.h"
#include "server/rpc/write_call.h"
#include "server/usecases/enrol_terminal.h"

namespace kakunin {
namespace {

constexpr char kSubmit[] = "/kakunin.v1.EnrolmentService/SubmitCertificateRequest";
constexpr char kGet[] = "/kakunin.v1.EnrolmentService/GetEnrolledCertificate";
constexpr size_t kMostCodeOctets = 64;
constexpr size_t kMostReceiptOctets = 128;

// What a guesser's tries come to.
bool IsWrongGuess(const absl::Status& status) {
  const auto reason = ReasonOf(status);
  return reason == Reason::kEnrolmentCodeRefused || reason == Reason::kEnrolmentReceiptRefused;
}

class EnrolmentService final : public v1::EnrolmentService::Service {
 public:
  explicit EnrolmentService(const EnrolmentBackend& backend)
      : backend_(backend),
        enrol_(backend.database, backend.registry, backend.store, backend.look_up_key) {}

  grpc::Status SubmitCertificateRequest(grpc::ServerContext* context,
                                        const v1::SubmitCertificateRequestRequest* request,
                                        v1::SubmitCertificateRequestResponse* response) override {
    return backend_.dispatch.Serve(context, kSubmit, [&](const Call& call) {
      return Guarded(call, [&] { return Submit(call, *request, *response); });
    });
  }
  grpc::Status GetEnrolledCertificate(grpc::ServerContext* context,
                                      const v1::GetEnrolledCertificateRequest* request,
                                      v1::GetEnrolledCertificateResponse* response) override {
    return backend_.dispatch.Serve(context, kGet, [&](const Call& call) {
      return Guarded(call, [&] { return Get(call, *request, *response); });
    });
  }

 private:
  // Guarded runs `act` unless its address has guessed too often, and counts a wrong guess.
  template <class Act>
  absl::Status Guarded(const Call& call, Act&& act) {
    if (!backend_.limits.MayTryCode(call.address, call.began)) {
      return MakeError(Reason::kOnboardingLimit);
    }
    absl::Status status = act();
    if (IsWrongGuess(status)) backend_.limits.WrongCode(call.address, call.began);
    return status;
  }

  absl::Status Submit(const Call& call, const v1::SubmitCertificateRequestRequest& request,
                      v1::SubmitCertificateRequestResponse& response) {
    FieldErrors errors;
    RequiredOctets(errors, "code", request.code(), 1, kMostCodeOctets);
    RequiredOctets(errors, "certificate_request_pem", request.certificate_request_pem(), 1,
                   kMostCertificatePemOctets);
    RETURN_IF_ERROR(errors.ToStatus());
    ASSIGN_OR_RETURN(const SubmittedRequest submitted,
                     enrol_.Submit(RecordOf(call, request), request.code(),
                                   request.certificate_request_pem(), call.deadline));
    WriteSubmitted(submitted, response);
    return absl::OkStatus();
  }

  absl::Status Get(const Call& call, const v1::GetEnrolledCertificateRequest& request,
                   v1::GetEnrolledCertificateResponse& response) {
    FieldErrors errors;
    RequiredOctets(errors, "receipt", request.receipt(), 1, kMostReceiptOctets);
    RETURN_IF_ERROR(errors.ToStatus());
    ASSIGN_OR_RETURN(const EnrolledCertificate enrolled,
                     enrol_.Get(RecordOf(call, request), request.receipt(), call.deadline));
    WriteEnrolled(enrolled, response);
    return absl::OkStatus();
  }

  template <class Request>
  AuditRecord RecordOf(const Call& call, const Request& request) const {
    return AuditRecordOf(WriteCallOf(call, backend_.audit_key, request));
  }

  const EnrolmentBackend backend_;
  EnrolTerminal enrol_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeEnrolmentService(const EnrolmentBackend& backend) {
  return std::make_unique<EnrolmentService>(backend);
}

}  // namespace kakunin
