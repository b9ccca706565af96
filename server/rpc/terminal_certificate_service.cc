#include "server/rpc/terminal_certificate_service.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "kakunin/v1/terminal_certificate_service.grpc.pb.h"
#include "server/rpc/convert_date.h"
#include "server/rpc/convert_terminal_certificates.h"
#include "server/rpc/convert_terminals.h"
#include "server/rpc/kept_write.h"
#include "server/rpc/write_call.h"
#include "server/usecases/issue_enrolment_code.h"
#include "server/usecases/suspend_terminal.h"

namespace kakunin {
namespace {

constexpr char kIssue[] = "/kakunin.v1.TerminalCertificateService/IssueEnrolmentCode";
constexpr char kList[] = "/kakunin.v1.TerminalCertificateService/ListCertificateRequests";
constexpr char kActivate[] = "/kakunin.v1.TerminalCertificateService/IssueActivationCode";
constexpr size_t kMostLabelCharacters = 60;
constexpr std::string_view kNotActivated =
    "資格確認限定型（RESTRICTED）かモバイル端末（MOBILE）を選んでください。";
constexpr char kApprove[] = "/kakunin.v1.TerminalCertificateService/ApproveCertificateRequest";
constexpr char kRefuse[] = "/kakunin.v1.TerminalCertificateService/RefuseCertificateRequest";
constexpr char kDeliver[] = "/kakunin.v1.TerminalCertificateService/DeliverCertificate";
constexpr char kSuspend[] = "/kakunin.v1.TerminalCertificateService/SuspendTerminal";
constexpr char kResume[] = "/kakunin.v1.TerminalCertificateService/ResumeTerminal";
constexpr char kEndOverlap[] = "/kakunin.v1.TerminalCertificateService/EndCertificateOverlap";

// What every write of one request names.
struct Named {
  RequestId request_id;
  CertificateRequestId id;
};

template <class Request>
Named ReadNamed(FieldErrors& errors, const Request& request) {
  const auto request_id = RequiredUuid<RequestId>(errors, "request_id", request.request_id());
  const auto id = RequiredUuid<CertificateRequestId>(errors, "certificate_request_id",
                                                     request.certificate_request_id());
  return {request_id.value_or(RequestId{}), id.value_or(CertificateRequestId{})};
}

// What every write about a terminal names.
template <class Request>
RequestId ReadTerminalNamed(FieldErrors& errors, const Request& request) {
  const auto request_id = RequiredUuid<RequestId>(errors, "request_id", request.request_id());
  RequiredFacilityCode(errors, "facility_code", request.facility_code());
  RequiredTerminalId(errors, "terminal_id", request.terminal_id());
  return request_id.value_or(RequestId{});
}

class TerminalCertificateService final : public v1::TerminalCertificateService::Service {
 public:
  explicit TerminalCertificateService(const TerminalCertificateBackend& backend)
      : backend_(backend) {}

  grpc::Status IssueEnrolmentCode(grpc::ServerContext* context,
                                  const v1::IssueEnrolmentCodeRequest* request,
                                  v1::IssueEnrolmentCodeResponse* response) override {
    return Serve(context, kIssue,
                 [&](const Call& call) { return Issue(call, *request, *response); });
  }
  grpc::Status IssueActivationCode(grpc::ServerContext* context,
                                   const v1::IssueActivationCodeRequest* request,
                                   v1::IssueActivationCodeResponse* response) override {
    return Serve(context, kActivate,
                 [&](const Call& call) { return Activate(call, *request, *response); });
  }
  grpc::Status ListCertificateRequests(grpc::ServerContext* context,
                                       const v1::ListCertificateRequestsRequest* request,
                                       v1::ListCertificateRequestsResponse* response) override {
    return Serve(context, kList, [&](const Call& call) { return List(call, *request, *response); });
  }
  grpc::Status ApproveCertificateRequest(grpc::ServerContext* context,
                                         const v1::ApproveCertificateRequestRequest* request,
                                         v1::ApproveCertificateRequestResponse* response) override {
    return Serve(context, kApprove,
                 [&](const Call& call) { return Approve(call, *request, *response); });
  }
  grpc::Status RefuseCertificateRequest(grpc::ServerContext* context,
                                        const v1::RefuseCertificateRequestRequest* request,
                                        v1::RefuseCertificateRequestResponse* response) override {
    return Serve(context, kRefuse,
                 [&](const Call& call) { return Refuse(call, *request, *response); });
  }
  grpc::Status DeliverCertificate(grpc::ServerContext* context,
                                  const v1::DeliverCertificateRequest* request,
                                  v1::DeliverCertificateResponse* response) override {
    return Serve(context, kDeliver,
                 [&](const Call& call) { return Deliver(call, *request, *response); });
  }
  grpc::Status SuspendTerminal(grpc::ServerContext* context,
                               const v1::SuspendTerminalRequest* request,
                               v1::SuspendTerminalResponse* response) override {
    return Serve(context, kSuspend,
                 [&](const Call& call) { return Suspend(call, *request, *response); });
  }
  grpc::Status ResumeTerminal(grpc::ServerContext* context,
                              const v1::ResumeTerminalRequest* request,
                              v1::ResumeTerminalResponse* response) override {
    return Serve(context, kResume,
                 [&](const Call& call) { return Resume(call, *request, *response); });
  }
  grpc::Status EndCertificateOverlap(grpc::ServerContext* context,
                                     const v1::EndCertificateOverlapRequest* request,
                                     v1::EndCertificateOverlapResponse* response) override {
    return Serve(context, kEndOverlap,
                 [&](const Call& call) { return EndOverlap(call, *request, *response); });
  }

 private:
  // FillRequest writes the request that a decision was about.
  template <class Response>
  auto FillRequest() const {
    return [domain = TrustDomain()](const CertificateRequest& request, Response& answer) {
      SetCertificateRequest(request, domain, *answer.mutable_certificate_request());
    };
  }

  // Empty where there is none: requests can be decided without it, though not signed.
  std::string TrustDomain() const {
    const auto authority = backend_.authority();
    return authority.ok() ? authority->trust_domain : "";
  }

  absl::Status Issue(const Call& call, const v1::IssueEnrolmentCodeRequest& request,
                     v1::IssueEnrolmentCodeResponse& response) {
    FieldErrors errors;
    const RequestId request_id = ReadTerminalNamed(errors, request);
    const auto kind = RequiredEnum<TerminalKind>(errors, "kind", request.kind());
    RETURN_IF_ERROR(errors.ToStatus());
    return IssueCode(call, request, request_id, response,
                     {.facility_code = request.facility_code(),
                      .terminal_id = request.terminal_id(),
                      .kind = *kind,
                      .text = MakeEnrolmentCode(auth::RandomArray<kEnrolmentCodeOctets>())});
  }

  absl::Status Activate(const Call& call, const v1::IssueActivationCodeRequest& request,
                        v1::IssueActivationCodeResponse& response) {
    FieldErrors errors;
    const RequestId request_id = ReadTerminalNamed(errors, request);
    const auto kind = OptionalEnum<TerminalKind>(errors, "kind", request.kind())
                          .value_or(TerminalKind::kRestricted);
    if (!IsActivated(kind)) errors.Add("kind", kNotActivated);
    OptionalLine(errors, "label", request.label(), kMostLabelCharacters);
    RETURN_IF_ERROR(errors.ToStatus());
    return IssueCode(call, request, request_id, response,
                     {.facility_code = request.facility_code(),
                      .terminal_id = request.terminal_id(),
                      .kind = kind,
                      .text = MakeEnrolmentCode(auth::RandomArray<kEnrolmentCodeOctets>()),
                      .life = kActivationCodeLife,
                      .label = request.label()});
  }

  // IssueCode makes the code of either kind, told once.
  template <class Request, class Response>
  absl::Status IssueCode(const Call& call, const Request& request, const RequestId& request_id,
                         Response& response, const CodeToIssue& wanted) {
    RETURN_IF_ERROR(Write(
        call, request, request_id, response,
        [&](Transaction& tx, AuditRecord& record) {
          return kakunin::IssueEnrolmentCode(tx, record, backend_.registry, backend_.store,
                                             backend_.look_up_key, wanted, request.validate_only());
        },
        [&](const EnrolmentCode& code, Response& answer) {
          if (!request.validate_only()) answer.set_code_id(code.code_id);
          *answer.mutable_expire_time() = TimeToProto(code.expires);
        }));
    // What is kept for repetitions has no secret; a repetition's code is another than ours.
    if (response.code_id() == wanted.text.code_id) {
      response.set_code(WriteEnrolmentCode(wanted.text));
    }
    return absl::OkStatus();
  }

  absl::Status List(const Call& call, const v1::ListCertificateRequestsRequest& request,
                    v1::ListCertificateRequestsResponse& response) {
    FieldErrors errors;
    CertificateRequestRange range = ReadRequestRange(errors, request);
    RETURN_IF_ERROR(errors.ToStatus());
    const auto page = static_cast<size_t>(range.limit);
    ++range.limit;  // one more tells whether others follow
    std::vector<CertificateRequest> requests;
    const auto audit_id = AuditedWrite(
        backend_.database, WriteCallOf(call, backend_.audit_key, request),
        [&](Transaction& tx, AuditRecord& record) -> absl::Status {
          ASSIGN_OR_RETURN(requests, backend_.store.ListRequests(tx, range));
          AddDetail(record, "requests", static_cast<int64_t>(std::min(requests.size(), page)));
          return absl::OkStatus();
        });
    RETURN_IF_ERROR(audit_id.status());
    if (requests.size() > page) {
      requests.resize(page);
      response.set_next_page_token(RequestPageToken(requests.back()));
    }
    const std::string domain = TrustDomain();
    for (const CertificateRequest& one : requests) {
      SetCertificateRequest(one, domain, *response.add_certificate_requests());
    }
    response.set_audit_id(AuditIdText(*audit_id));
    return absl::OkStatus();
  }

  absl::Status Approve(const Call& call, const v1::ApproveCertificateRequestRequest& request,
                       v1::ApproveCertificateRequestResponse& response) {
    FieldErrors errors;
    const Named named = ReadNamed(errors, request);
    Digest32 key{};
    if (RequiredOctets(errors, "key_fingerprint", request.key_fingerprint(), key.size(),
                       key.size())) {
      std::copy_n(request.key_fingerprint().begin(), key.size(), key.begin());
    }
    RETURN_IF_ERROR(errors.ToStatus());
    return Write(
        call, request, named.request_id, response,
        [&](Transaction& tx, AuditRecord& record) {
          return kakunin::ApproveCertificateRequest(tx, record, backend_.registry, backend_.store,
                                                    named.id, key, request.validate_only());
        },
        FillRequest<v1::ApproveCertificateRequestResponse>());
  }

  absl::Status Refuse(const Call& call, const v1::RefuseCertificateRequestRequest& request,
                      v1::RefuseCertificateRequestResponse& response) {
    FieldErrors errors;
    const Named named = ReadNamed(errors, request);
    RETURN_IF_ERROR(errors.ToStatus());
    return Write(
        call, request, named.request_id, response,
        [&](Transaction& tx, AuditRecord& record) {
          return kakunin::RefuseCertificateRequest(tx, record, backend_.store, named.id,
                                                   request.validate_only());
        },
        FillRequest<v1::RefuseCertificateRequestResponse>());
  }

  absl::Status Deliver(const Call& call, const v1::DeliverCertificateRequest& request,
                       v1::DeliverCertificateResponse& response) {
    FieldErrors errors;
    const Named named = ReadNamed(errors, request);
    RequiredOctets(errors, "certificate_pem", request.certificate_pem(), 1,
                   kMostCertificatePemOctets);
    RETURN_IF_ERROR(errors.ToStatus());
    return Write(
        call, request, named.request_id, response,
        [&](Transaction& tx, AuditRecord& record) -> absl::StatusOr<DeliveredTerminalCertificate> {
          ASSIGN_OR_RETURN(const TerminalAuthority authority, backend_.authority());
          return kakunin::DeliverCertificate(tx, record, backend_.registry, backend_.store,
                                             authority, named.id, request.certificate_pem(),
                                             request.validate_only());
        },
        [](const DeliveredTerminalCertificate& done, v1::DeliverCertificateResponse& answer) {
          SetCertificateRequest(done.request, "", *answer.mutable_certificate_request());
          SetTerminal(done.terminal, *answer.mutable_terminal());
          if (done.overlap_end) {
            *answer.mutable_overlap_end_time() = TimeToProto(*done.overlap_end);
          }
        });
  }

  absl::Status Suspend(const Call& call, const v1::SuspendTerminalRequest& request,
                       v1::SuspendTerminalResponse& response) {
    FieldErrors errors;
    const RequestId request_id = ReadTerminalNamed(errors, request);
    const auto reason = RequiredEnum<SuspensionReason>(errors, "reason", request.reason());
    RETURN_IF_ERROR(errors.ToStatus());
    return Write(
        call, request, request_id, response,
        [&](Transaction& tx, AuditRecord& record) {
          return kakunin::SuspendTerminal(tx, record, backend_.registry, request.facility_code(),
                                          request.terminal_id(), *reason, request.validate_only());
        },
        [](const TerminalRow& row, v1::SuspendTerminalResponse& answer) {
          SetTerminal(row, *answer.mutable_terminal());
        });
  }

  absl::Status Resume(const Call& call, const v1::ResumeTerminalRequest& request,
                      v1::ResumeTerminalResponse& response) {
    FieldErrors errors;
    const RequestId request_id = ReadTerminalNamed(errors, request);
    RETURN_IF_ERROR(errors.ToStatus());
    return Write(
        call, request, request_id, response,
        [&](Transaction& tx, AuditRecord& record) {
          return kakunin::ResumeTerminal(tx, record, backend_.registry, request.facility_code(),
                                         request.terminal_id(), request.validate_only());
        },
        [](const TerminalRow& row, v1::ResumeTerminalResponse& answer) {
          SetTerminal(row, *answer.mutable_terminal());
        });
  }

  absl::Status EndOverlap(const Call& call, const v1::EndCertificateOverlapRequest& request,
                          v1::EndCertificateOverlapResponse& response) {
    FieldErrors errors;
    const RequestId request_id = ReadTerminalNamed(errors, request);
    RETURN_IF_ERROR(errors.ToStatus());
    return Write(
        call, request, request_id, response,
        [&](Transaction& tx, AuditRecord& record) {
          return kakunin::EndCertificateOverlap(tx, record, backend_.registry,
                                                request.facility_code(), request.terminal_id(),
                                                request.validate_only());
        },
        [](int ended, v1::EndCertificateOverlapResponse& answer) { answer.set_ended(ended); });
  }

  template <class Request, class Response, class Act, class Fill>
  absl::Status Write(const Call& call, const Request& request, const RequestId& request_id,
                     Response& response, Act&& act, Fill&& fill) {
    const WriteCall write =
        WriteCallOf(call, backend_.audit_key, request, request_id, request.validate_only());
    return KeptWrite(backend_.database, backend_.requests, write, response, std::forward<Act>(act),
                     std::forward<Fill>(fill));
  }

  template <class Act>
  grpc::Status Serve(grpc::ServerContext* context, const char* method, Act&& act) const {
    return backend_.dispatch.Serve(context, method, std::forward<Act>(act));
  }

  const TerminalCertificateBackend backend_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeTerminalCertificateService(
    const TerminalCertificateBackend& backend) {
  return std::make_unique<TerminalCertificateService>(backend);
}

}  // namespace kakunin
