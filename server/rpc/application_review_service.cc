#include "server/rpc/application_review_service.h"

#include <string>
#include <utility>
#include <vector>

#include "auth/password_hash.h"
#include "kakunin/v1/application_review_service.grpc.pb.h"
#include "server/rpc/convert_applications.h"
#include "server/rpc/individual_number_field.h"
#include "server/rpc/kept_write.h"
#include "server/rpc/write_call.h"
#include "server/usecases/applicants.h"
#include "server/usecases/applications.h"
#include "server/usecases/decide_application.h"
#include "server/usecases/facility_closure.h"
#include "server/usecases/ground_end.h"
#include "server/usecases/publish_test_person.h"

namespace kakunin {
namespace {

constexpr size_t kMostNoteCharacters = 500;
constexpr std::string_view kNoteNeeded = "理由を入力してください。申請者に伝えられます。";
constexpr std::string_view kCloseOrOpen =
    "最終利用日か、廃止・休止の取消しのどちらか一方を指定してください。";
constexpr std::string_view kNotADecision = "職員が行える操作から選んでください。";

std::string Method(const char* name) {
  return std::string("/kakunin.v1.ApplicationReviewService/") + name;
}

// What an operator does by DecideApplication; the start of use has a call of its own.
bool IsDecision(ApplicationEvent event) {
  return event == ApplicationEvent::kReturn || event == ApplicationEvent::kApprove ||
         event == ApplicationEvent::kRefuse || event == ApplicationEvent::kCheckDocuments ||
         event == ApplicationEvent::kPay || event == ApplicationEvent::kEnd;
}

void SetDays(const FacilityClosure& closure, v1::ClosureDays& out) {
  if (closure.last_day) *out.mutable_last_day() = DayToProto(*closure.last_day);
  if (closure.resume_day) *out.mutable_resume_day() = DayToProto(*closure.resume_day);
}

// OneTimePassword is made before the write, whose connection is not held while it is digested. A
// check needs none.
struct OneTimePassword {
  explicit OneTimePassword(bool validate_only)
      : text(validate_only ? "" : auth::RandomPassword()),
        hash(validate_only ? "" : auth::HashPassword(text)) {}
  std::string text;
  std::string hash;
};

class ApplicationReviewService final : public v1::ApplicationReviewService::Service {
 public:
  explicit ApplicationReviewService(const ApplicationReviewBackend& backend)
      : backend_(backend), stores_{backend.registry, backend.applicants, backend.applications} {}

  grpc::Status ListApplicants(grpc::ServerContext* context,
                              const v1::ListApplicantsRequest* request,
                              v1::ListApplicantsResponse* response) override {
    return backend_.dispatch.Serve(context, Method("ListApplicants"), [&](const Call& call) {
      return List(call, *request, *response);
    });
  }
  grpc::Status ConfirmApplicant(grpc::ServerContext* context,
                                const v1::ConfirmApplicantRequest* request,
                                v1::ConfirmApplicantResponse* response) override {
    return backend_.dispatch.Serve(context, Method("ConfirmApplicant"), [&](const Call& call) {
      return Give(call, *request, *response, &kakunin::ConfirmApplicant);
    });
  }
  grpc::Status ResetApplicantPassword(grpc::ServerContext* context,
                                      const v1::ResetApplicantPasswordRequest* request,
                                      v1::ResetApplicantPasswordResponse* response) override {
    return backend_.dispatch.Serve(
        context, Method("ResetApplicantPassword"), [&](const Call& call) {
          return Give(
              call, *request, *response,
              [this](Transaction& tx, AuditRecord& record, ApplicantStore& store,
                     const std::string& account, const PasswordGift& gift, bool validate_only) {
                return kakunin::ResetApplicantPassword(tx, record, store, backend_.applications,
                                                       account, gift, validate_only);
              });
        });
  }
  grpc::Status ListSubmittedApplications(grpc::ServerContext* context,
                                         const v1::ListSubmittedApplicationsRequest* request,
                                         v1::ListSubmittedApplicationsResponse* response) override {
    return backend_.dispatch.Serve(
        context, Method("ListSubmittedApplications"),
        [&](const Call& call) { return List(call, *request, *response); });
  }
  grpc::Status GetSubmittedApplication(grpc::ServerContext* context,
                                       const v1::GetSubmittedApplicationRequest* request,
                                       v1::GetSubmittedApplicationResponse* response) override {
    return backend_.dispatch.Serve(
        context, Method("GetSubmittedApplication"),
        [&](const Call& call) { return Get(call, *request, *response); });
  }
  grpc::Status DecideApplication(grpc::ServerContext* context,
                                 const v1::DecideApplicationRequest* request,
                                 v1::DecideApplicationResponse* response) override {
    return backend_.dispatch.Serve(context, Method("DecideApplication"), [&](const Call& call) {
      return Decide(call, *request, *response);
    });
  }
  grpc::Status StartUse(grpc::ServerContext* context, const v1::StartUseRequest* request,
                        v1::StartUseResponse* response) override {
    return backend_.dispatch.Serve(context, Method("StartUse"), [&](const Call& call) {
      return Start(call, *request, *response);
    });
  }
  grpc::Status RecordGroundEnd(grpc::ServerContext* context,
                               const v1::RecordGroundEndRequest* request,
                               v1::RecordGroundEndResponse* response) override {
    return backend_.dispatch.Serve(context, Method("RecordGroundEnd"), [&](const Call& call) {
      return RecordEnd(call, *request, *response);
    });
  }
  grpc::Status SetFacilityClosure(grpc::ServerContext* context,
                                  const v1::SetFacilityClosureRequest* request,
                                  v1::SetFacilityClosureResponse* response) override {
    return backend_.dispatch.Serve(context, Method("SetFacilityClosure"), [&](const Call& call) {
      return SetClosure(call, *request, *response);
    });
  }
  grpc::Status PublishTestPerson(grpc::ServerContext* context,
                                 const v1::PublishTestPersonRequest* request,
                                 v1::PublishTestPersonResponse* response) override {
    // The library hands its own, mutable message over as const: the number must not outlive the
    // call whatever comes of it.
    auto& own = const_cast<v1::PublishTestPersonRequest&>(*request);
    grpc::Status status =
        backend_.dispatch.Serve(context, Method("PublishTestPerson"),
                                [&](const Call& call) { return Publish(call, own, *response); });
    Wipe(*own.mutable_individual_number());
    return status;
  }

 private:
  // Give runs a write that gives an account a one-time password. The answer that is kept for
  // repetitions has no password: it is told to whom made it alone.
  template <class Request, class Response, class Act>
  absl::Status Give(const Call& call, const Request& request, Response& response, const Act& act) {
    FieldErrors errors;
    const auto id = RequiredUuid<RequestId>(errors, "request_id", request.request_id());
    ReadApplicantName(errors, request.account());
    RETURN_IF_ERROR(errors.ToStatus());
    const OneTimePassword password(request.validate_only());
    bool made = false;
    RETURN_IF_ERROR(KeptWrite(
        backend_.database, backend_.requests,
        WriteCallOf(call, backend_.audit_key, request, *id, request.validate_only()), response,
        [&](Transaction& tx, AuditRecord& record) {
          return act(tx, record, backend_.applicants, request.account(),
                     PasswordGift{call.actor_name, password.hash}, request.validate_only());
        },
        [&](const ApplicantAccount& account, Response& answer) {
          made = true;
          SetApplicant(account, call.at, *answer.mutable_applicant());
        }));
    if (made) response.set_one_time_password(password.text);
    return absl::OkStatus();
  }

  absl::Status List(const Call& call, const v1::ListApplicantsRequest& request,
                    v1::ListApplicantsResponse& response) {
    FieldErrors errors;
    ApplicantRange range{.at = call.at};
    range.state = OptionalEnum<AccountRegistrationState>(errors, "state", request.state());
    ReadApplicantPage(errors, request.page_size(), request.page_token(), range);
    RETURN_IF_ERROR(errors.ToStatus());
    const int page = range.limit++;
    std::vector<ApplicantAccount> listed;
    const auto audit_id =
        AuditedWrite(backend_.database, WriteCallOf(call, backend_.audit_key, request),
                     [&](Transaction& tx, AuditRecord& record) -> absl::Status {
                       ASSIGN_OR_RETURN(listed, backend_.applicants.List(tx, range));
                       AddDetail(record, "applicants", static_cast<int64_t>(listed.size()));
                       return absl::OkStatus();
                     });
    RETURN_IF_ERROR(audit_id.status());
    if (listed.size() > static_cast<size_t>(page)) {
      listed.pop_back();
      response.set_next_page_token(PageAfter(listed.back()));
    }
    for (const ApplicantAccount& one : listed) {
      SetApplicant(one, call.at, *response.add_applicants());
    }
    response.set_audit_id(AuditIdText(*audit_id));
    return absl::OkStatus();
  }

  absl::Status List(const Call& call, const v1::ListSubmittedApplicationsRequest& request,
                    v1::ListSubmittedApplicationsResponse& response) {
    FieldErrors errors;
    ApplicationRange range;
    range.state = OptionalEnum<ApplicationState>(errors, "state", request.state());
    ReadApplicationPage(errors, request.page_size(), request.page_token(), range);
    RETURN_IF_ERROR(errors.ToStatus());
    const int page = range.limit++;
    std::vector<Application> listed;
    const auto audit_id =
        AuditedWrite(backend_.database, WriteCallOf(call, backend_.audit_key, request),
                     [&](Transaction& tx, AuditRecord& record) -> absl::Status {
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
    response.set_audit_id(AuditIdText(*audit_id));
    return absl::OkStatus();
  }

  absl::Status Get(const Call& call, const v1::GetSubmittedApplicationRequest& request,
                   v1::GetSubmittedApplicationResponse& response) {
    FieldErrors errors;
    const auto id = RequiredUuid<ApplicationId>(errors, "application_id", request.application_id());
    RETURN_IF_ERROR(errors.ToStatus());
    ShownApplication shown;
    const auto audit_id =
        AuditedWrite(backend_.database, WriteCallOf(call, backend_.audit_key, request),
                     [&](Transaction& tx, AuditRecord& record) -> absl::Status {
                       ASSIGN_OR_RETURN(shown, ShowApplication(tx, record, stores_, "", *id));
                       return absl::OkStatus();
                     });
    RETURN_IF_ERROR(audit_id.status());
    SetShown(shown, *response.mutable_application());
    response.set_audit_id(AuditIdText(*audit_id));
    return absl::OkStatus();
  }

  absl::Status Decide(const Call& call, const v1::DecideApplicationRequest& request,
                      v1::DecideApplicationResponse& response) {
    FieldErrors errors;
    const auto event = RequiredEnum<ApplicationEvent>(errors, "event", request.event());
    if (event && !IsDecision(*event)) errors.Add("event", kNotADecision);
    if (request.version() < 1) errors.Add("version", kFieldMissing);
    OptionalLine(errors, "note", request.note(), kMostNoteCharacters);
    const bool needs_note =
        event && (*event == ApplicationEvent::kReturn || *event == ApplicationEvent::kRefuse);
    if (needs_note && request.note().empty()) errors.Add("note", kNoteNeeded);
    return Make(errors, call, request, response,
                {.event = event.value_or(ApplicationEvent::kApprove),
                 .version = request.version(),
                 .note = request.note()});
  }

  absl::Status Start(const Call& call, const v1::StartUseRequest& request,
                     v1::StartUseResponse& response) {
    FieldErrors errors;
    return Make(errors, call, request, response, {.event = ApplicationEvent::kStartUse});
  }

  template <class Request, class Response>
  absl::Status Make(FieldErrors& errors, const Call& call, const Request& request,
                    Response& response, ApplicationDecision decision) {
    const auto id = RequiredUuid<RequestId>(errors, "request_id", request.request_id());
    const auto application =
        RequiredUuid<ApplicationId>(errors, "application_id", request.application_id());
    RETURN_IF_ERROR(errors.ToStatus());
    decision.id = *application;
    decision.operator_name = call.actor_name;
    return KeptWrite(
        backend_.database, backend_.requests,
        WriteCallOf(call, backend_.audit_key, request, *id, request.validate_only()), response,
        [&](Transaction& tx, AuditRecord& record) {
          return kakunin::DecideApplication(tx, record, stores_, decision, request.validate_only());
        },
        [](const DecidedApplication& decided, Response& answer) {
          SetApplication(decided.application, *answer.mutable_application());
          if (!decided.predecessor) return;
          const Predecessor& predecessor = *decided.predecessor;
          v1::PredecessorFacility& out = *answer.mutable_predecessor();
          out.set_facility_code(predecessor.facility_code);
          out.set_facility_name(predecessor.name);
          out.set_in_use(predecessor.in_use);
          if (predecessor.last_day) *out.mutable_last_day() = DayToProto(*predecessor.last_day);
        });
  }

  absl::Status RecordEnd(const Call& call, const v1::RecordGroundEndRequest& request,
                         v1::RecordGroundEndResponse& response) {
    FieldErrors errors;
    const auto id = RequiredUuid<RequestId>(errors, "request_id", request.request_id());
    const GroundEndReport report = ReadGroundEnd(errors, request, /*may_put_off=*/true);
    RETURN_IF_ERROR(errors.ToStatus());
    return KeptWrite(
        backend_.database, backend_.requests,
        WriteCallOf(call, backend_.audit_key, request, *id, request.validate_only()), response,
        [&](Transaction& tx, AuditRecord& record) {
          return kakunin::ReportGroundEnd(tx, record, stores_, backend_.grounds, report,
                                          request.validate_only());
        },
        &SetGroundEnd<v1::RecordGroundEndResponse>);
  }

  absl::Status SetClosure(const Call& call, const v1::SetFacilityClosureRequest& request,
                          v1::SetFacilityClosureResponse& response) {
    FieldErrors errors;
    const auto id = RequiredUuid<RequestId>(errors, "request_id", request.request_id());
    RequiredFacilityCode(errors, "facility_code", request.facility_code());
    ClosureToSet wanted{.facility_code = request.facility_code(), .reason = request.reason()};
    wanted.closure.last_day = OptionalDay(errors, "last_day", request.last_day());
    wanted.closure.resume_day = OptionalDay(errors, "resume_day", request.resume_day());
    const bool opens = request.open_again();
    if (opens == !IsAbsent(request.last_day())) errors.Add("last_day", kCloseOrOpen);
    if (opens && !IsAbsent(request.resume_day())) errors.Add("resume_day", kCloseOrOpen);
    RequiredLine(errors, "reason", request.reason(), kMostNoteCharacters);
    RETURN_IF_ERROR(errors.ToStatus());
    return KeptWrite(
        backend_.database, backend_.requests,
        WriteCallOf(call, backend_.audit_key, request, *id, request.validate_only()), response,
        [&](Transaction& tx, AuditRecord& record) {
          return kakunin::SetFacilityClosure(tx, record, stores_, wanted, request.validate_only());
        },
        [](const ChangedClosure& changed, v1::SetFacilityClosureResponse& answer) {
          answer.set_facility_code(changed.facility.facility_code);
          answer.set_facility_name(changed.facility.name);
          SetDays(changed.before, *answer.mutable_before());
          SetDays(changed.facility.terms.closure, *answer.mutable_closure());
          answer.set_active(changed.facility.active);
        });
  }

  absl::Status Publish(const Call& call, const v1::PublishTestPersonRequest& request,
                       v1::PublishTestPersonResponse& response) {
    FieldErrors errors;
    const auto id = RequiredUuid<RequestId>(errors, "request_id", request.request_id());
    const IndividualNumberHash number = ReadIndividualNumber(
        errors, "individual_number", request.individual_number(), backend_.individual_number_key);
    RETURN_IF_ERROR(errors.ToStatus());
    return KeptWrite(
        backend_.database, backend_.requests,
        WriteCallOf(call, backend_.audit_key, request, *id, request.validate_only()), response,
        [&](Transaction& tx, AuditRecord& record) {
          return kakunin::PublishTestPerson(tx, record, backend_.persons, backend_.registry,
                                            backend_.audit_key, number, !request.withdraw(),
                                            request.validate_only());
        },
        [](const TestPersonRow&, v1::PublishTestPersonResponse&) {});
  }

  const ApplicationReviewBackend backend_;
  const ApplicationStores stores_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeApplicationReviewService(
    const ApplicationReviewBackend& backend) {
  return std::make_unique<ApplicationReviewService>(backend);
}

}  // namespace kakunin
