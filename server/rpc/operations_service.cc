#include "server/rpc/operations_service.h"

#include <string>
#include <utility>
#include <vector>

#include "domain/text/card_link_provider_name.h"
#include "domain/text/insurer_number.h"
#include "domain/text/reviewer_number.h"
#include "kakunin/v1/operations_service.grpc.pb.h"
#include "server/rpc/case_calls.h"
#include "server/rpc/convert_date.h"
#include "server/rpc/convert_explanation.h"
#include "server/rpc/convert_feed.h"
#include "server/rpc/convert_repair.h"
#include "server/rpc/convert_terminals.h"
#include "server/rpc/fields.h"
#include "server/rpc/individual_number_field.h"
#include "server/rpc/kept_write.h"
#include "server/rpc/repair_calls.h"
#include "server/rpc/write_call.h"
#include "server/usecases/explain_coverage.h"
#include "server/usecases/protect_patient.h"
#include "server/usecases/register_facility.h"
#include "server/usecases/register_party.h"
#include "server/usecases/register_terminal.h"
#include "server/usecases/release_feed.h"
#include "server/usecases/revoke_terminal.h"

namespace kakunin {
namespace {

constexpr char kRegisterFacility[] = "/kakunin.v1.OperationsService/RegisterFacility";
constexpr char kRegisterTerminal[] = "/kakunin.v1.OperationsService/RegisterTerminal";
constexpr char kRegisterInsurer[] = "/kakunin.v1.OperationsService/RegisterInsurer";
constexpr char kRegisterReviewer[] = "/kakunin.v1.OperationsService/RegisterReviewer";
constexpr char kRegisterCardLinkProvider[] =
    "/kakunin.v1.OperationsService/RegisterCardLinkProvider";
constexpr char kProtectPatient[] = "/kakunin.v1.OperationsService/ProtectPatient";
constexpr char kRevokeTerminal[] = "/kakunin.v1.OperationsService/RevokeTerminal";

constexpr char kExplainCoverage[] = "/kakunin.v1.OperationsService/ExplainCoverage";
constexpr char kReleaseFeed[] = "/kakunin.v1.OperationsService/ReleaseFeed";
constexpr char kProposeRepair[] = "/kakunin.v1.OperationsService/ProposePersonRepair";
constexpr char kApproveRepair[] = "/kakunin.v1.OperationsService/ApprovePersonRepair";
constexpr char kWithdrawRepair[] = "/kakunin.v1.OperationsService/WithdrawPersonRepair";
constexpr char kListRepairs[] = "/kakunin.v1.OperationsService/ListPersonRepairs";
constexpr char kGetRepair[] = "/kakunin.v1.OperationsService/GetPersonRepair";
constexpr char kListCases[] = "/kakunin.v1.OperationsService/ListIdentityCases";

constexpr size_t kMostNameCharacters = 200;
constexpr size_t kMostPemOctets = 16384;

void ReadInsurerNumber(FieldErrors& errors, std::string_view field, const std::string& digits) {
  if (!RequiredDigits(errors, field, digits, InsurerNumber::kLength)) return;
  if (!InsurerNumber::Parse(digits)->HasValidCheckDigit()) {
    errors.Add(std::string(field), "検査用数字が正しくありません。番号を確かめてください。");
  }
}

// Whose feed it is: an insurer, a claims reviewer or a card link provider.
void ReadPartyNumber(FieldErrors& errors, std::string_view field, const std::string& party) {
  if (IsReviewerNumber(party) || IsCardLinkProviderName(party)) return;
  ReadInsurerNumber(errors, field, party);
}

// SetParty sets what parties have alike, beside their number.
template <class Message>
void SetParty(const PartyRow& row, Message& out) {
  out.set_name(row.display_name);
  out.set_certificate_fingerprint(OctetsText(row.fingerprint));
  *out.mutable_not_before() = TimeToProto(row.not_before);
  *out.mutable_not_after() = TimeToProto(row.not_after);
  out.set_active(row.active);
}

class OperationsService final : public v1::OperationsService::Service {
 public:
  explicit OperationsService(const OperationsBackend& backend)
      : backend_(backend),
        repairs_({.database = backend.database,
                  .requests = backend.requests,
                  .individual_number_key = backend.individual_number_key,
                  .stores = {.repairs = backend.repairs,
                             .cases = backend.cases,
                             .numbers = backend.numbers,
                             .build = backend.build,
                             .audit_key = backend.audit_key}}),
        cases_(backend.database, backend.cases, backend.audit_key) {}

  grpc::Status RegisterFacility(grpc::ServerContext* context,
                                const v1::RegisterFacilityRequest* request,
                                v1::RegisterFacilityResponse* response) override {
    return backend_.dispatch.Serve(context, kRegisterFacility, [&](const Call& call) {
      return Register(call, *request, *response);
    });
  }
  grpc::Status RegisterTerminal(grpc::ServerContext* context,
                                const v1::RegisterTerminalRequest* request,
                                v1::RegisterTerminalResponse* response) override {
    return backend_.dispatch.Serve(context, kRegisterTerminal, [&](const Call& call) {
      return Register(call, *request, *response);
    });
  }
  grpc::Status RegisterInsurer(grpc::ServerContext* context,
                               const v1::RegisterInsurerRequest* request,
                               v1::RegisterInsurerResponse* response) override {
    return backend_.dispatch.Serve(context, kRegisterInsurer, [&](const Call& call) {
      return Register(call, *request, *response);
    });
  }
  grpc::Status RegisterReviewer(grpc::ServerContext* context,
                                const v1::RegisterReviewerRequest* request,
                                v1::RegisterReviewerResponse* response) override {
    return backend_.dispatch.Serve(context, kRegisterReviewer, [&](const Call& call) {
      return Register(call, *request, *response);
    });
  }
  grpc::Status RegisterCardLinkProvider(grpc::ServerContext* context,
                                        const v1::RegisterCardLinkProviderRequest* request,
                                        v1::RegisterCardLinkProviderResponse* response) override {
    return backend_.dispatch.Serve(context, kRegisterCardLinkProvider, [&](const Call& call) {
      return Register(call, *request, *response);
    });
  }
  grpc::Status RevokeTerminal(grpc::ServerContext* context,
                              const v1::RevokeTerminalRequest* request,
                              v1::RevokeTerminalResponse* response) override {
    return backend_.dispatch.Serve(context, kRevokeTerminal, [&](const Call& call) {
      return Revoke(call, *request, *response);
    });
  }
  grpc::Status ProtectPatient(grpc::ServerContext* context,
                              const v1::ProtectPatientRequest* request,
                              v1::ProtectPatientResponse* response) override {
    // The library hands its own, mutable message over as const: the number must not outlive the
    // call whatever comes of it.
    auto& own = const_cast<v1::ProtectPatientRequest&>(*request);
    grpc::Status status = backend_.dispatch.Serve(
        context, kProtectPatient, [&](const Call& call) { return Protect(call, own, *response); });
    Wipe(*own.mutable_individual_number());
    return status;
  }
  grpc::Status ExplainCoverage(grpc::ServerContext* context,
                               const v1::OperationsServiceExplainCoverageRequest* request,
                               v1::OperationsServiceExplainCoverageResponse* response) override {
    return backend_.dispatch.Serve(context, kExplainCoverage, [&](const Call& call) {
      return Explain(call, *request, *response);
    });
  }
  grpc::Status ReleaseFeed(grpc::ServerContext* context,
                           const v1::OperationsServiceReleaseFeedRequest* request,
                           v1::OperationsServiceReleaseFeedResponse* response) override {
    return backend_.dispatch.Serve(context, kReleaseFeed, [&](const Call& call) {
      return Release(call, *request, *response);
    });
  }
  grpc::Status ProposePersonRepair(grpc::ServerContext* context,
                                   const v1::ProposePersonRepairRequest* request,
                                   v1::ProposePersonRepairResponse* response) override {
    auto& own = const_cast<v1::ProposePersonRepairRequest&>(*request);  // as above
    grpc::Status status = backend_.dispatch.Serve(context, kProposeRepair, [&](const Call& call) {
      return repairs_.Propose(call, own, *response);
    });
    WipeNumbers(own);
    return status;
  }
  grpc::Status ApprovePersonRepair(grpc::ServerContext* context,
                                   const v1::ApprovePersonRepairRequest* request,
                                   v1::ApprovePersonRepairResponse* response) override {
    return backend_.dispatch.Serve(context, kApproveRepair, [&](const Call& call) {
      return repairs_.Approve(call, *request, *response);
    });
  }
  grpc::Status WithdrawPersonRepair(grpc::ServerContext* context,
                                    const v1::WithdrawPersonRepairRequest* request,
                                    v1::WithdrawPersonRepairResponse* response) override {
    return backend_.dispatch.Serve(context, kWithdrawRepair, [&](const Call& call) {
      return repairs_.Withdraw(call, *request, *response);
    });
  }
  grpc::Status ListPersonRepairs(grpc::ServerContext* context,
                                 const v1::ListPersonRepairsRequest* request,
                                 v1::ListPersonRepairsResponse* response) override {
    return backend_.dispatch.Serve(context, kListRepairs, [&](const Call& call) {
      return repairs_.List(call, *request, *response);
    });
  }
  grpc::Status GetPersonRepair(grpc::ServerContext* context,
                               const v1::GetPersonRepairRequest* request,
                               v1::GetPersonRepairResponse* response) override {
    return backend_.dispatch.Serve(context, kGetRepair, [&](const Call& call) {
      return repairs_.Get(call, *request, *response);
    });
  }
  grpc::Status ListIdentityCases(
      grpc::ServerContext* context, const v1::OperationsServiceListIdentityCasesRequest* request,
      v1::OperationsServiceListIdentityCasesResponse* response) override {
    return backend_.dispatch.Serve(context, kListCases, [&](const Call& call) {
      return cases_.List(call, *request, *response);
    });
  }

 private:
  absl::Status Protect(const Call& call, const v1::ProtectPatientRequest& request,
                       v1::ProtectPatientResponse& response) {
    FieldErrors errors;
    const auto id = RequiredUuid<RequestId>(errors, "request_id", request.request_id());
    const IndividualNumberHash number = ReadIndividualNumber(
        errors, "individual_number", request.individual_number(), backend_.individual_number_key);
    if (!request.has_protection()) errors.Add("protection", kFieldMissing);
    RETURN_IF_ERROR(errors.ToStatus());

    const Protection protection{.hide_address = request.protection().hide_address(),
                                .hide_facility_names = request.protection().hide_facility_names()};
    return Write(
        call, request, *id, response,
        [&](Transaction& tx, AuditRecord& record) {
          return kakunin::ProtectPatient(tx, record, backend_.protections, backend_.audit_key,
                                         number, protection, request.validate_only());
        },
        [](const Protection& before, v1::ProtectPatientResponse& answer) {
          answer.mutable_previous()->set_hide_address(before.hide_address);
          answer.mutable_previous()->set_hide_facility_names(before.hide_facility_names);
        });
  }

  absl::Status Register(const Call& call, const v1::RegisterFacilityRequest& request,
                        v1::RegisterFacilityResponse& response) {
    FieldErrors errors;
    const auto id = RequiredUuid<RequestId>(errors, "request_id", request.request_id());
    RequiredFacilityCode(errors, "facility.facility_code", request.facility().facility_code());
    const auto type =
        RequiredEnum<FacilityType>(errors, "facility.type", request.facility().type());
    RequiredLine(errors, "facility.name", request.facility().name(), kMostNameCharacters);
    const std::string& municipality = request.facility().municipality_code();
    if (!municipality.empty())
      RequiredDigits(errors, "facility.municipality_code", municipality, 5);
    RETURN_IF_ERROR(errors.ToStatus());

    const FacilityRow row{.facility_code = request.facility().facility_code(),
                          .type = *type,
                          .name = request.facility().name(),
                          .active = request.facility().active(),
                          .municipality_code = municipality};
    return Write(
        call, request, *id, response,
        [&](Transaction& tx, AuditRecord& record) {
          return kakunin::RegisterFacility(tx, record, backend_.registry, row,
                                           request.validate_only());
        },
        [&](const RegisteredFacility& done, v1::RegisterFacilityResponse& answer) {
          *answer.mutable_facility() = request.facility();
          answer.set_created(done.created);
        });
  }

  absl::Status Register(const Call& call, const v1::RegisterTerminalRequest& request,
                        v1::RegisterTerminalResponse& response) {
    FieldErrors errors;
    const auto id = RequiredUuid<RequestId>(errors, "request_id", request.request_id());
    RequiredFacilityCode(errors, "facility_code", request.facility_code());
    RequiredTerminalId(errors, "terminal_id", request.terminal_id());
    const auto kind = RequiredEnum<TerminalKind>(errors, "kind", request.kind());
    RequiredOctets(errors, "certificate_pem", request.certificate_pem(), 1, kMostPemOctets);
    RETURN_IF_ERROR(errors.ToStatus());

    const TerminalToRegister terminal{request.facility_code(), request.terminal_id(), *kind,
                                      request.certificate_pem()};
    return Write(
        call, request, *id, response,
        [&](Transaction& tx, AuditRecord& record) {
          return kakunin::RegisterTerminal(tx, record, backend_.registry, terminal,
                                           request.validate_only());
        },
        [](const RegisteredTerminal& done, v1::RegisterTerminalResponse& answer) {
          SetTerminal(done.terminal, *answer.mutable_terminal());
          answer.set_created(done.created);
        });
  }

  absl::Status Register(const Call& call, const v1::RegisterInsurerRequest& request,
                        v1::RegisterInsurerResponse& response) {
    FieldErrors errors;
    const auto id = RequiredUuid<RequestId>(errors, "request_id", request.request_id());
    ReadInsurerNumber(errors, "insurer_number", request.insurer_number());
    RequiredLine(errors, "name", request.name(), kMostNameCharacters);
    RequiredOctets(errors, "certificate_pem", request.certificate_pem(), 1, kMostPemOctets);
    RETURN_IF_ERROR(errors.ToStatus());

    const PartyToRegister insurer{ActorKind::kInsurer, request.insurer_number(), request.name(),
                                  request.certificate_pem()};
    return Write(
        call, request, *id, response,
        [&](Transaction& tx, AuditRecord& record) {
          return RegisterParty(tx, record, backend_.registry, insurer, request.validate_only());
        },
        [](const RegisteredParty& done, v1::RegisterInsurerResponse& answer) {
          answer.mutable_insurer()->set_insurer_number(done.party.name);
          SetParty(done.party, *answer.mutable_insurer());
          answer.set_created(done.created);
        });
  }

  absl::Status Register(const Call& call, const v1::RegisterReviewerRequest& request,
                        v1::RegisterReviewerResponse& response) {
    FieldErrors errors;
    const auto id = RequiredUuid<RequestId>(errors, "request_id", request.request_id());
    if (!IsReviewerNumber(request.reviewer_number())) {
      errors.Add("reviewer_number",
                 request.reviewer_number().empty() ? kFieldMissing : kFieldMalformed);
    }
    RequiredLine(errors, "name", request.name(), kMostNameCharacters);
    RequiredOctets(errors, "certificate_pem", request.certificate_pem(), 1, kMostPemOctets);
    RETURN_IF_ERROR(errors.ToStatus());

    const PartyToRegister reviewer{ActorKind::kClaimsReviewer, request.reviewer_number(),
                                   request.name(), request.certificate_pem()};
    return Write(
        call, request, *id, response,
        [&](Transaction& tx, AuditRecord& record) {
          return RegisterParty(tx, record, backend_.registry, reviewer, request.validate_only());
        },
        [](const RegisteredParty& done, v1::RegisterReviewerResponse& answer) {
          answer.mutable_reviewer()->set_reviewer_number(done.party.name);
          SetParty(done.party, *answer.mutable_reviewer());
          answer.set_created(done.created);
        });
  }

  absl::Status Register(const Call& call, const v1::RegisterCardLinkProviderRequest& request,
                        v1::RegisterCardLinkProviderResponse& response) {
    FieldErrors errors;
    const auto id = RequiredUuid<RequestId>(errors, "request_id", request.request_id());
    if (!IsCardLinkProviderName(request.provider())) {
      errors.Add("provider", request.provider().empty() ? kFieldMissing : kFieldMalformed);
    }
    RequiredLine(errors, "name", request.name(), kMostNameCharacters);
    RequiredOctets(errors, "certificate_pem", request.certificate_pem(), 1, kMostPemOctets);
    RETURN_IF_ERROR(errors.ToStatus());

    const PartyToRegister provider{ActorKind::kCardLinkProvider, request.provider(), request.name(),
                                   request.certificate_pem()};
    return Write(
        call, request, *id, response,
        [&](Transaction& tx, AuditRecord& record) {
          return RegisterParty(tx, record, backend_.registry, provider, request.validate_only());
        },
        [](const RegisteredParty& done, v1::RegisterCardLinkProviderResponse& answer) {
          answer.mutable_provider()->set_provider(done.party.name);
          SetParty(done.party, *answer.mutable_provider());
          answer.set_created(done.created);
        });
  }

  absl::Status Revoke(const Call& call, const v1::RevokeTerminalRequest& request,
                      v1::RevokeTerminalResponse& response) {
    FieldErrors errors;
    const auto id = RequiredUuid<RequestId>(errors, "request_id", request.request_id());
    RequiredFacilityCode(errors, "facility_code", request.facility_code());
    RequiredTerminalId(errors, "terminal_id", request.terminal_id());
    const auto reason = RequiredEnum<v1::RevocationReason>(errors, "reason", request.reason());
    RETURN_IF_ERROR(errors.ToStatus());

    return Write(
        call, request, *id, response,
        [&](Transaction& tx, AuditRecord& record) {
          return kakunin::RevokeTerminal(tx, record, backend_.registry, request.facility_code(),
                                         request.terminal_id(), *reason, request.validate_only());
        },
        [](const TerminalRow& row, v1::RevokeTerminalResponse& answer) {
          SetTerminal(row, *answer.mutable_terminal());
        });
  }

  absl::Status Release(const Call& call, const v1::OperationsServiceReleaseFeedRequest& request,
                       v1::OperationsServiceReleaseFeedResponse& response) {
    FieldErrors errors;
    const auto id = RequiredUuid<RequestId>(errors, "request_id", request.request_id());
    ReadPartyNumber(errors, "party_number", request.party_number());
    const auto feed = RequiredUuid<FeedId>(errors, "feed_id", request.feed_id());
    RequiredLine(errors, "released_by", request.released_by(), kMostReleaserCharacters);
    RETURN_IF_ERROR(errors.ToStatus());

    return Write(
        call, request, *id, response,
        [&](Transaction& tx, AuditRecord& record) {
          return kakunin::ReleaseFeed(tx, record, backend_.feeds, request.party_number(), *feed,
                                      request.released_by(), request.validate_only());
        },
        [](const ReleasedFeed& released, v1::OperationsServiceReleaseFeedResponse& answer) {
          SetFeed(released.feed, *answer.mutable_feed());
          SetCounts(released.feed.counts, *answer.mutable_counts());
          SetRisks(released.risks, *answer.mutable_risks());
          SetReleases(released.releases, *answer.mutable_releases());
        });
  }

  absl::Status Explain(const Call& call, const v1::OperationsServiceExplainCoverageRequest& request,
                       v1::OperationsServiceExplainCoverageResponse& response) {
    const WriteCall write = WriteCallOf(call, backend_.audit_key, request);
    FieldErrors errors;
    ReadInsurerNumber(errors, "insurer_number", request.insurer_number());
    // Whatever is wrong with it, the rest is read as well.
    const bool known = errors.empty();
    const auto asked =
        ReadExplained(errors, known ? request.insurer_number() : "00000000", request.subject(),
                      request.has_day() ? &request.day() : nullptr,
                      request.has_known_time() ? &request.known_time() : nullptr, write.at);
    RETURN_IF_ERROR(errors.ToStatus());
    std::vector<CoverageVersion> versions;
    const auto audit_id = AuditedWrite(
        backend_.database, write, [&](Transaction& tx, AuditRecord& record) -> absl::Status {
          ASSIGN_OR_RETURN(versions,
                           kakunin::ExplainCoverage(tx, record, backend_.histories,
                                                    backend_.look_up_key, asked->subject, {}));
          return absl::OkStatus();
        });
    RETURN_IF_ERROR(audit_id.status());
    SetVersions(versions, *asked, *response.mutable_versions());
    *response.mutable_day() = DayToProto(asked->day);
    *response.mutable_known_time() = TimeToProto(asked->known_at);
    return absl::OkStatus();
  }

  // Write runs one act under the request's id; `fill` makes the answer that is kept beside it.
  template <class Request, class Response, class Act, class Fill>
  absl::Status Write(const Call& call, const Request& request, const RequestId& id,
                     Response& response, Act&& act, Fill&& fill) {
    const WriteCall write =
        WriteCallOf(call, backend_.audit_key, request, id, request.validate_only());
    return KeptWrite(backend_.database, backend_.requests, write, response, std::forward<Act>(act),
                     std::forward<Fill>(fill));
  }

  const OperationsBackend backend_;
  const RepairCalls repairs_;
  const CaseCalls cases_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeOperationsService(const OperationsBackend& backend) {
  return std::make_unique<OperationsService>(backend);
}

}  // namespace kakunin
