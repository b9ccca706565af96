#include "domain/access_policy.h"

#include <algorithm>
#include <array>

namespace kakunin {
namespace {

constexpr ActorKind kTerminals[] = {ActorKind::kTerminal};
constexpr ActorKind kInsurers[] = {ActorKind::kInsurer};
constexpr ActorKind kOperators[] = {ActorKind::kOperator};
constexpr ActorKind kCertified[] = {ActorKind::kTerminal, ActorKind::kInsurer,
                                    ActorKind::kOperator};

// One row per method. "Open to every certified caller" is written out, too.
const std::array kMethods = {
    MethodPolicy{"/grpc.health.v1.Health/Check", Operation::kHealthCheck, Port::kEvery, kCertified,
                 AuditKind::kNone, absl::Seconds(5)},
    MethodPolicy{"/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
                 Operation::kReflection, Port::kEvery, kCertified, AuditKind::kNone,
                 absl::Minutes(10)},
    MethodPolicy{"/kakunin.v1.EligibilityService/BeginCardAuthentication",
                 Operation::kBeginCardAuthentication, Port::kTerminal, kTerminals,
                 AuditKind::kPerCall, absl::Seconds(10)},
    MethodPolicy{"/kakunin.v1.EligibilityService/ConfirmByCard", Operation::kConfirmByCard,
                 Port::kTerminal, kTerminals, AuditKind::kPerPersonAsked, absl::Seconds(10)},
    MethodPolicy{"/kakunin.v1.EligibilityService/ConfirmByInsuredNumber",
                 Operation::kConfirmByInsuredNumber, Port::kTerminal, kTerminals,
                 AuditKind::kPerPersonAsked, absl::Seconds(10)},
    MethodPolicy{"/kakunin.v1.InsurerFeedService/BeginFeed", Operation::kBeginFeed, Port::kInsurer,
                 kInsurers, AuditKind::kPerCall, absl::Seconds(10)},
    MethodPolicy{"/kakunin.v1.InsurerFeedService/PushRows", Operation::kPushRows, Port::kInsurer,
                 kInsurers, AuditKind::kPerChunk, absl::Minutes(10)},
    MethodPolicy{"/kakunin.v1.InsurerFeedService/SealFeed", Operation::kSealFeed, Port::kInsurer,
                 kInsurers, AuditKind::kPerCall, absl::Minutes(10)},
    MethodPolicy{"/kakunin.v1.InsurerFeedService/PublishFeed", Operation::kPublishFeed,
                 Port::kInsurer, kInsurers, AuditKind::kPerCall, absl::Minutes(10)},
    MethodPolicy{"/kakunin.v1.InsurerFeedService/GetFeedReport", Operation::kGetFeedReport,
                 Port::kInsurer, kInsurers, AuditKind::kPerCall, absl::Seconds(10)},
    MethodPolicy{"/kakunin.v1.CardLinkService/PushCardLinks", Operation::kPushCardLinks,
                 Port::kOperator, kOperators, AuditKind::kPerCall, absl::Seconds(60)},
    MethodPolicy{"/kakunin.v1.OperationsService/RegisterFacility", Operation::kRegisterFacility,
                 Port::kOperator, kOperators, AuditKind::kPerCall, absl::Seconds(10)},
    MethodPolicy{"/kakunin.v1.OperationsService/RegisterTerminal", Operation::kRegisterTerminal,
                 Port::kOperator, kOperators, AuditKind::kPerCall, absl::Seconds(10)},
    MethodPolicy{"/kakunin.v1.OperationsService/RegisterInsurer", Operation::kRegisterInsurer,
                 Port::kOperator, kOperators, AuditKind::kPerCall, absl::Seconds(10)},
    MethodPolicy{"/kakunin.v1.OperationsService/RevokeTerminal", Operation::kRevokeTerminal,
                 Port::kOperator, kOperators, AuditKind::kPerCall, absl::Seconds(10)},
};

// TerminalRow is one clause of the desk's policy. An empty optional means "any".
struct TerminalRow {
  std::optional<Operation> operation;
  std::optional<FormOfCare> form_of_care;
  std::optional<TerminalKind> kind;
  absl::Time from;
  absl::Time to;
  std::optional<Reason> denial;  // empty: allowed
};

bool Matches(const TerminalRow& row, const Terminal& terminal, const TerminalRequest& request) {
  return (!row.operation || *row.operation == request.operation) &&
         (!row.form_of_care || *row.form_of_care == request.form_of_care) &&
         (!row.kind || *row.kind == terminal.kind) && row.from <= request.at && request.at < row.to;
}

// Until consents arrive only outpatient care is in service. A consulting-room terminal reads
// records and takes no card; a restricted terminal confirms eligibility like a desk (domain.md 4).
const std::array kTerminalRows = {
    TerminalRow{{},
                FormOfCare::kHomeVisit,
                {},
                absl::InfinitePast(),
                absl::InfiniteFuture(),
                Reason::kFormOfCareNotInService},
    TerminalRow{{},
                FormOfCare::kOnlineCare,
                {},
                absl::InfinitePast(),
                absl::InfiniteFuture(),
                Reason::kFormOfCareNotInService},
    TerminalRow{{},
                FormOfCare::kEmergency,
                {},
                absl::InfinitePast(),
                absl::InfiniteFuture(),
                Reason::kFormOfCareNotInService},
    TerminalRow{Operation::kBeginCardAuthentication,
                {},
                TerminalKind::kViewing,
                absl::InfinitePast(),
                absl::InfiniteFuture(),
                Reason::kTerminalKindNotAllowed},
    TerminalRow{Operation::kConfirmByCard,
                {},
                TerminalKind::kViewing,
                absl::InfinitePast(),
                absl::InfiniteFuture(),
                Reason::kTerminalKindNotAllowed},
    TerminalRow{{}, FormOfCare::kOutpatient, {}, absl::InfinitePast(), absl::InfiniteFuture(), {}},
};

}  // namespace

std::span<const MethodPolicy> AllMethodPolicies() { return kMethods; }

const MethodPolicy* PolicyFor(std::string_view method) {
  const auto row = std::find_if(kMethods.begin(), kMethods.end(), [&](const MethodPolicy& policy) {
    return policy.method == method;
  });
  return row == kMethods.end() ? nullptr : &*row;
}

std::optional<Reason> DecideTerminal(const Terminal& terminal, const TerminalRequest& request) {
  for (const TerminalRow& row : kTerminalRows) {
    if (Matches(row, terminal, request)) return row.denial;
  }
  return Reason::kFormOfCareNotInService;
}

}  // namespace kakunin
