#include "server/rpc/onboarding_service.h"

#include <atomic>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "auth/session_token.h"
#include "auth/uuid.h"
#include "kakunin/v1/onboarding_service.grpc.pb.h"
#include "server/rpc/convert_applications.h"
#include "server/rpc/convert_date.h"
#include "server/rpc/kept_write.h"
#include "server/rpc/write_call.h"
#include "server/usecases/applicants.h"
#include "server/usecases/applications.h"

namespace kakunin {
namespace {

constexpr char kSessionHeader[] = "kakunin-session";
constexpr int kMostNews = 100;

std::string Method(const char* name) {
  return std::string("/kakunin.v1.OnboardingService/") + name;
}

// WaitingRoom lets so many calls wait for a digest, and turns the others away before anything is
// done for them.
class WaitingRoom {
 public:
  static constexpr int kMostWaiting = 8;

  // Run runs `act` when there is room, or is OVERLOADED.
  template <class Act>
  auto Run(Act&& act) -> decltype(act()) {
    if (waiting_.fetch_add(1) >= kMostWaiting) {
      waiting_.fetch_sub(1);
      return MakeError(Reason::kOverloaded);
    }
    auto done = act();
    waiting_.fetch_sub(1);
    return done;
  }

 private:
  std::atomic<int> waiting_ = 0;
};

class OnboardingService final : public v1::OnboardingService::Service {
 public:
  explicit OnboardingService(const OnboardingBackend& backend)
      : backend_(backend),
        stores_{backend.registry, backend.applicants, backend.applications},
        tokens_(backend.look_up_key) {}

  grpc::Status RegisterApplicant(grpc::ServerContext* context,
                                 const v1::RegisterApplicantRequest* request,
                                 v1::RegisterApplicantResponse* response) override {
    return backend_.dispatch.Serve(context, Method("RegisterApplicant"), [&](const Call& call) {
      return Register(call, *request, *response);
    });
  }
  grpc::Status LogInApplicant(grpc::ServerContext* context,
                              const v1::LogInApplicantRequest* request,
                              v1::LogInApplicantResponse* response) override {
    return backend_.dispatch.Serve(context, Method("LogInApplicant"), [&](const Call& call) {
      return LogIn(call, *request, *response);
    });
  }
  grpc::Status LogOutApplicant(grpc::ServerContext* context,
                               const v1::LogOutApplicantRequest* request,
                               v1::LogOutApplicantResponse* response) override {
    return Serve(context, "LogOutApplicant", *request, true,
                 [&](const Call&, const WriteCall& write, const OpenedSession& session) {
                   return SetAudit(kakunin::LogOutApplicant(backend_.database, backend_.applicants,
                                                            write, session.token_hash),
                                   *response);
                 });
  }
  grpc::Status ChangeApplicantPassword(grpc::ServerContext* context,
                                       const v1::ChangeApplicantPasswordRequest* request,
                                       v1::ChangeApplicantPasswordResponse* response) override {
    v1::ChangeApplicantPasswordRequest digested;  // no password in a digest
    return Serve(context, "ChangeApplicantPassword", digested, true,
                 [&](const Call&, const WriteCall& write, const OpenedSession& session) {
                   return ChangePassword(write, session, *request, *response);
                 });
  }
  grpc::Status SubmitApplication(grpc::ServerContext* context,
                                 const v1::SubmitApplicationRequest* request,
                                 v1::SubmitApplicationResponse* response) override {
    return Serve(context, "SubmitApplication", *request, false,
                 [&](const Call& call, const WriteCall& write, const OpenedSession& session) {
                   return Submit(call, write, session, *request, *response);
                 });
  }
  grpc::Status GetApplication(grpc::ServerContext* context,
                              const v1::GetApplicationRequest* request,
                              v1::GetApplicationResponse* response) override {
    return Serve(context, "GetApplication", *request, false,
                 [&](const Call&, const WriteCall& write, const OpenedSession& session) {
                   return Get(write, session, *request, *response);
                 });
  }
  grpc::Status ListApplications(grpc::ServerContext* context,
                                const v1::ListApplicationsRequest* request,
                                v1::ListApplicationsResponse* response) override {
    return Serve(context, "ListApplications", *request, false,
                 [&](const Call&, const WriteCall& write, const OpenedSession& session) {
                   return List(write, session, *request, *response);
                 });
  }
  grpc::Status WithdrawApplication(grpc::ServerContext* context,
                                   const v1::WithdrawApplicationRequest* request,
                                   v1::WithdrawApplicationResponse* response) override {
    return Serve(context, "WithdrawApplication", *request, false,
                 [&](const Call&, const WriteCall& write, const OpenedSession& session) {
                   return Change(write, session, *request, *response,
                                 &kakunin::WithdrawApplication);
                 });
  }
  grpc::Status RequestStartOfUse(grpc::ServerContext* context,
                                 const v1::RequestStartOfUseRequest* request,
                                 v1::RequestStartOfUseResponse* response) override {
    return Serve(context, "RequestStartOfUse", *request, false,
                 [&](const Call&, const WriteCall& write, const OpenedSession& session) {
                   return Change(write, session, *request, *response, &kakunin::RequestStartOfUse);
                 });
  }
  grpc::Status ReportGroundEnd(grpc::ServerContext* context,
                               const v1::ReportGroundEndRequest* request,
                               v1::ReportGroundEndResponse* response) override {
    return Serve(context, "ReportGroundEnd", *request, false,
                 [&](const Call&, const WriteCall& write, const OpenedSession& session) {
                   return ReportEnd(write, session, *request, *response);
                 });
  }
  grpc::Status ListNews(grpc::ServerContext* context, const v1::ListNewsRequest* request,
                        v1::ListNewsResponse* response) override {
    return Serve(context, "ListNews", *request, false,
                 [&](const Call&, const WriteCall& write, const OpenedSession& session) {
                   return News(write, session, *request, *response);
                 });
  }

 private:
  // Serve runs `act` for an applicant who has logged in; else the call is refused, and audited.
  template <class Request, class Act>
  grpc::Status Serve(grpc::ServerContext* context, const char* method, const Request& request,
                     bool changes_password, const Act& act) {
    const auto header = context->client_metadata().find(kSessionHeader);
    const std::string token = header == context->client_metadata().end()
                                  ? std::string()
                                  : std::string(header->second.data(), header->second.size());
    return backend_.dispatch.Serve(context, Method(method), [&](const Call& call) -> absl::Status {
      WriteCall write = WriteCallOf(call, backend_.audit_key, request);
      const auto session = OpenApplicantSession(backend_.database, backend_.applicants, tokens_,
                                                token, call.at, changes_password, call.deadline);
      if (!session.ok()) return Refuse(write, session.status());
      write.actor = "applicant/" + session->account.account;
      return act(call, write, *session);
    });
  }

  // Refuse leaves the audit row of a refusal at the door.
  absl::Status Refuse(const WriteCall& write, const absl::Status& refusal) const {
    return AuditedWrite(backend_.database, write,
                        [&](Transaction&, AuditRecord&) { return refusal; })
        .status();
  }

  template <class Response>
  static absl::Status SetAudit(const absl::StatusOr<AuditId>& id, Response& response) {
    RETURN_IF_ERROR(id.status());
    response.set_audit_id(AuditIdText(*id));
    return absl::OkStatus();
  }

  absl::Status Register(const Call& call, const v1::RegisterApplicantRequest& request,
                        v1::RegisterApplicantResponse& response) {
    FieldErrors errors;
    const auto id = RequiredUuid<RequestId>(errors, "request_id", request.request_id());
    const ApplicantAccount wanted = ReadRegistration(errors, request);
    RETURN_IF_ERROR(errors.ToStatus());
    return KeptWrite(
        backend_.database, backend_.requests,
        WriteCallOf(call, backend_.audit_key, request, *id, request.validate_only()), response,
        [&](Transaction& tx, AuditRecord& record) {
          return kakunin::RegisterApplicant(tx, record, backend_.applicants, wanted,
                                            request.validate_only());
        },
        [&](const ApplicantAccount& account, v1::RegisterApplicantResponse& answer) {
          SetApplicant(account, call.at, *answer.mutable_applicant());
        });
  }

  absl::Status LogIn(const Call& call, const v1::LogInApplicantRequest& request,
                     v1::LogInApplicantResponse& response) {
    FieldErrors errors;
    ReadApplicantName(errors, request.account());
    const std::string password = ReadOldPassword(errors, "password", request.password());
    RETURN_IF_ERROR(errors.ToStatus());
    v1::LogInApplicantRequest digested = request;
    digested.clear_password();
    const WriteCall write = WriteCallOf(call, backend_.audit_key, digested);
    const auto logged_in = waiting_.Run([&] {
      return kakunin::LogInApplicant(backend_.database, backend_.applicants, tokens_, write,
                                     request.account(), password, turn_);
    });
    RETURN_IF_ERROR(logged_in.status());
    response.set_session_token(logged_in->token);
    *response.mutable_expire_time() = TimeToProto(logged_in->session.end);
    response.set_password_change_needed(logged_in->password_change_needed);
    return SetAudit(logged_in->audit_id, response);
  }

  absl::Status ChangePassword(const WriteCall& write, const OpenedSession& session,
                              const v1::ChangeApplicantPasswordRequest& request,
                              v1::ChangeApplicantPasswordResponse& response) {
    FieldErrors errors;
    const std::string current =
        ReadOldPassword(errors, "current_password", request.current_password());
    const std::string wanted =
        ReadNewPassword(errors, "new_password", request.new_password(), session.account);
    RETURN_IF_ERROR(errors.ToStatus());
    return SetAudit(waiting_.Run([&] {
      return kakunin::ChangeApplicantPassword(backend_.database, backend_.applicants, write,
                                              session, current, wanted, turn_);
    }),
                    response);
  }

  absl::Status Submit(const Call&, WriteCall write, const OpenedSession& session,
                      const v1::SubmitApplicationRequest& request,
                      v1::SubmitApplicationResponse& response) {
    FieldErrors errors;
    const auto id = RequiredUuid<RequestId>(errors, "request_id", request.request_id());
    const Submission submission = ReadSubmission(errors, request);
    RETURN_IF_ERROR(errors.ToStatus());
    write.request_id = *id;
    write.validate_only = request.validate_only();
    return KeptWrite(
        backend_.database, backend_.requests, write, response,
        [&](Transaction& tx, AuditRecord& record) {
          return SubmitApplications(tx, record, stores_, session.account, submission,
                                    backend_.rules, request.validate_only());
        },
        [](const std::vector<SubmittedForm>& forms, v1::SubmitApplicationResponse& answer) {
          for (const SubmittedForm& form : forms) {
            v1::SubmittedRow& row = *answer.add_rows();
            if (form.application) SetApplication(*form.application, *row.mutable_application());
            for (const FieldViolation& fault : form.faults) {
              v1::FieldFault& one = *row.add_faults();
              one.set_field(fault.field);
              one.set_description(fault.description);
            }
            for (const std::string& line : form.working) row.add_working(line);
          }
        });
  }

  // Change runs a write about one application.
  template <class Request, class Response, class Act>
  absl::Status Change(WriteCall write, const OpenedSession& session, const Request& request,
                      Response& response, const Act& act) {
    FieldErrors errors;
    const auto id = RequiredUuid<RequestId>(errors, "request_id", request.request_id());
    const auto application =
        RequiredUuid<ApplicationId>(errors, "application_id", request.application_id());
    RETURN_IF_ERROR(errors.ToStatus());
    write.request_id = *id;
    write.validate_only = request.validate_only();
    return KeptWrite(
        backend_.database, backend_.requests, write, response,
        [&](Transaction& tx, AuditRecord& record) {
          return act(tx, record, stores_, session.account, *application, request.validate_only());
        },
        [](const Application& changed, Response& answer) {
          SetApplication(changed, *answer.mutable_application());
        });
  }

  absl::Status ReportEnd(WriteCall write, const OpenedSession& session,
                         const v1::ReportGroundEndRequest& request,
                         v1::ReportGroundEndResponse& response) {
    FieldErrors errors;
    const auto id = RequiredUuid<RequestId>(errors, "request_id", request.request_id());
    const GroundEndReport report = ReadGroundEnd(errors, request, /*may_put_off=*/false);
    RETURN_IF_ERROR(errors.ToStatus());
    write.request_id = *id;
    write.validate_only = request.validate_only();
    return KeptWrite(
        backend_.database, backend_.requests, write, response,
        [&](Transaction& tx, AuditRecord& record) -> absl::StatusOr<ReportedGroundEnd> {
          ASSIGN_OR_RETURN(const bool own,
                           SpeaksFor(tx, stores_, session.account.account, report.facility_code));
          if (!own) return MakeError(Reason::kGroundNotHeld);
          return kakunin::ReportGroundEnd(tx, record, stores_, backend_.rules.grounds, report,
                                          request.validate_only());
        },
        &SetGroundEnd<v1::ReportGroundEndResponse>);
  }

  absl::Status Get(const WriteCall& write, const OpenedSession& session,
                   const v1::GetApplicationRequest& request, v1::GetApplicationResponse& response) {
    FieldErrors errors;
    const auto id = RequiredUuid<ApplicationId>(errors, "application_id", request.application_id());
    RETURN_IF_ERROR(errors.ToStatus());
    ShownApplication shown;
    const auto audit_id = AuditedWrite(
        backend_.database, write, [&](Transaction& tx, AuditRecord& record) -> absl::Status {
          ASSIGN_OR_RETURN(shown,
                           ShowApplication(tx, record, stores_, session.account.account, *id));
          return absl::OkStatus();
        });
    RETURN_IF_ERROR(audit_id.status());
    SetShown(shown, *response.mutable_application());
    return SetAudit(audit_id, response);
  }

  absl::Status List(const WriteCall& write, const OpenedSession& session,
                    const v1::ListApplicationsRequest& request,
                    v1::ListApplicationsResponse& response) {
    FieldErrors errors;
    ApplicationRange range{.account = session.account.account};
    ReadApplicationPage(errors, request.page_size(), request.page_token(), range);
    RETURN_IF_ERROR(errors.ToStatus());
    const int page = range.limit++;
    std::vector<Application> listed;
    const auto audit_id = AuditedWrite(
        backend_.database, write, [&](Transaction& tx, AuditRecord& record) -> absl::Status {
          ASSIGN_OR_RETURN(listed, backend_.applications.List(tx, range));
          AddDetail(record, "applications", static_cast<int64_t>(listed.size()));
          return absl::OkStatus();
        });
    RETURN_IF_ERROR(audit_id.status());
    if (listed.size() > static_cast<size_t>(page)) {
      listed.pop_back();
      response.set_next_page_token(PageAfter(listed.back()));
    }
    for (const Application& one : listed) SetApplication(one, *response.add_applications());
    return SetAudit(audit_id, response);
  }

  absl::Status News(const WriteCall& write, const OpenedSession& session,
                    const v1::ListNewsRequest& request, v1::ListNewsResponse& response) {
    FieldErrors errors;
    if (request.after() < 0) errors.Add("after", kFieldMalformed);
    RETURN_IF_ERROR(errors.ToStatus());
    std::vector<kakunin::News> news;
    const auto audit_id = AuditedWrite(
        backend_.database, write, [&](Transaction& tx, AuditRecord& record) -> absl::Status {
          ASSIGN_OR_RETURN(news, backend_.applications.ListNews(tx, session.account.account,
                                                                request.after(), kMostNews));
          AddDetail(record, "news", static_cast<int64_t>(news.size()));
          return absl::OkStatus();
        });
    RETURN_IF_ERROR(audit_id.status());
    for (const kakunin::News& one : news) {
      v1::NewsMessage& message = *response.add_messages();
      message.set_number(one.number);
      *message.mutable_time() = TimeToProto(one.at);
      if (one.application != ApplicationId{}) {
        message.set_application_id(auth::UuidText(one.application.octets));
      }
      message.set_text(one.text);
    }
    return SetAudit(audit_id, response);
  }

  const OnboardingBackend backend_;
  const ApplicationStores stores_;
  const auth::SessionTokenKey tokens_;
  WaitingRoom waiting_;
  DigestTurn turn_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeOnboardingService(const OnboardingBackend& backend) {
  return std::make_unique<OnboardingService>(backend);
}

}  // namespace kakunin
