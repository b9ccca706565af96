#include "domain/access_policy.h"

#include <algorithm>
#include <array>
#include <bit>
#include <set>

#include "absl/container/flat_hash_map.h"

namespace kakunin {
namespace {

constexpr ActorKind kTerminals[] = {ActorKind::kTerminal};
constexpr ActorKind kFeeders[] = {ActorKind::kInsurer, ActorKind::kClaimsReviewer};
constexpr ActorKind kInsurers[] = {ActorKind::kInsurer};
constexpr ActorKind kOperators[] = {ActorKind::kOperator};
constexpr ActorKind kPatients[] = {ActorKind::kPatient};
constexpr ActorKind kCertified[] = {ActorKind::kTerminal, ActorKind::kInsurer, ActorKind::kOperator,
                                    ActorKind::kClaimsReviewer};

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
    MethodPolicy{"/kakunin.v1.RecordService/GetDrugHistory", Operation::kGetDrugHistory,
                 Port::kTerminal, kTerminals, AuditKind::kPerPersonAsked, absl::Seconds(10)},
    MethodPolicy{"/kakunin.v1.RecordService/GetTreatmentHistory", Operation::kGetTreatmentHistory,
                 Port::kTerminal, kTerminals, AuditKind::kPerPersonAsked, absl::Seconds(10)},
    MethodPolicy{"/kakunin.v1.RecordService/GetHealthChecks", Operation::kGetHealthChecks,
                 Port::kTerminal, kTerminals, AuditKind::kPerPersonAsked, absl::Seconds(10)},
    MethodPolicy{"/kakunin.v1.RecordService/GetCertificates", Operation::kGetCertificates,
                 Port::kTerminal, kTerminals, AuditKind::kPerPersonAsked, absl::Seconds(10)},
    MethodPolicy{"/kakunin.v1.ConsentService/ListConsents", Operation::kListConsents,
                 Port::kTerminal, kTerminals, AuditKind::kPerCall, absl::Seconds(10)},
    MethodPolicy{"/kakunin.v1.ConsentService/RevokeConsent", Operation::kRevokeConsent,
                 Port::kTerminal, kTerminals, AuditKind::kPerCall, absl::Seconds(10)},
    MethodPolicy{"/kakunin.v1.ConsentService/CheckConsentEnd", Operation::kCheckConsentEnd,
                 Port::kTerminal, kTerminals, AuditKind::kPerCall, absl::Seconds(10)},
    MethodPolicy{"/kakunin.v1.ConsentService/ExplainDecision", Operation::kExplainDecision,
                 Port::kTerminal, kTerminals, AuditKind::kPerCall, absl::Seconds(10)},
    MethodPolicy{"/kakunin.v1.AccessLogService/ListFacilityAccess", Operation::kListFacilityAccess,
                 Port::kTerminal, kTerminals, AuditKind::kPerCall, absl::Seconds(10)},
    MethodPolicy{"/kakunin.v1.AccessLogService/ListPatientAccess", Operation::kListPatientAccess,
                 Port::kTerminal, kTerminals, AuditKind::kPerPersonAsked, absl::Seconds(10)},
    MethodPolicy{"/kakunin.v1.NoticeService/ListNotices", Operation::kListNotices, Port::kTerminal,
                 kTerminals, AuditKind::kPerCall, absl::Seconds(10)},
    MethodPolicy{"/kakunin.v1.NoticeService/AcknowledgeNotices", Operation::kAcknowledgeNotices,
                 Port::kTerminal, kTerminals, AuditKind::kPerCall, absl::Seconds(10)},
    MethodPolicy{"/kakunin.v1.NoticeService/WatchNotices", Operation::kWatchNotices,
                 Port::kTerminal, kTerminals, AuditKind::kPerChunk, absl::Minutes(10)},
    MethodPolicy{"/kakunin.v1.BulkService/Submit", Operation::kSubmitBulkInquiry, Port::kTerminal,
                 kTerminals, AuditKind::kPerCall, absl::Minutes(10)},
    MethodPolicy{"/kakunin.v1.BulkService/Get", Operation::kGetBulkInquiry, Port::kTerminal,
                 kTerminals, AuditKind::kPerCall, absl::Seconds(10)},
    MethodPolicy{"/kakunin.v1.BulkService/StreamResults", Operation::kStreamBulkResults,
                 Port::kTerminal, kTerminals, AuditKind::kPerCall, absl::Minutes(10)},
    MethodPolicy{"/kakunin.v1.BulkService/Cancel", Operation::kCancelBulkInquiry, Port::kTerminal,
                 kTerminals, AuditKind::kPerCall, absl::Seconds(10)},
    MethodPolicy{"/kakunin.v1.BulkService/Delete", Operation::kDeleteBulkInquiry, Port::kTerminal,
                 kTerminals, AuditKind::kPerCall, absl::Seconds(10)},
    MethodPolicy{"/kakunin.v1.EligibilityListService/ListConsentedPatients",
                 Operation::kListConsentedPatients, Port::kTerminal, kTerminals,
                 AuditKind::kPerPersonAsked, absl::Seconds(10)},
    MethodPolicy{"/kakunin.v1.EligibilityListService/ListConfirmations",
                 Operation::kListConfirmations, Port::kTerminal, kTerminals, AuditKind::kPerCall,
                 absl::Seconds(10)},
    MethodPolicy{"/kakunin.v1.ReceptionLinkService/CreateReceptionLink",
                 Operation::kCreateReceptionLink, Port::kTerminal, kTerminals, AuditKind::kPerCall,
                 absl::Seconds(10)},
    MethodPolicy{"/kakunin.v1.ReceptionLinkService/ListReceptionLinks",
                 Operation::kListReceptionLinks, Port::kTerminal, kTerminals, AuditKind::kPerCall,
                 absl::Seconds(10)},
    MethodPolicy{"/kakunin.v1.ReceptionLinkService/RenewReceptionLink",
                 Operation::kRenewReceptionLink, Port::kTerminal, kTerminals, AuditKind::kPerCall,
                 absl::Seconds(10)},
    MethodPolicy{"/kakunin.v1.ReceptionLinkService/RevokeReceptionLink",
                 Operation::kRevokeReceptionLink, Port::kTerminal, kTerminals, AuditKind::kPerCall,
                 absl::Seconds(10)},
    MethodPolicy{"/kakunin.v1.ReceptionLinkService/NameReceptionApp", Operation::kNameReceptionApp,
                 Port::kTerminal, kTerminals, AuditKind::kPerCall, absl::Seconds(10)},
    MethodPolicy{"/kakunin.v1.ReceptionLinkService/ListNamedReceptionApps",
                 Operation::kListNamedReceptionApps, Port::kTerminal, kTerminals,
                 AuditKind::kPerCall, absl::Seconds(10)},
    MethodPolicy{"/kakunin.v1.ReferenceNumberService/ChangeReferenceNumbers",
                 Operation::kChangeReferenceNumbers, Port::kTerminal, kTerminals,
                 AuditKind::kPerCall, absl::Seconds(10)},
    MethodPolicy{"/kakunin.v1.ReferenceNumberService/BatchChangeReferenceNumbers",
                 Operation::kBatchChangeReferenceNumbers, Port::kTerminal, kTerminals,
                 AuditKind::kPerPersonAsked, absl::Seconds(60)},
    MethodPolicy{"/kakunin.v1.ReferenceNumberService/ListReferenceNumbers",
                 Operation::kListReferenceNumbers, Port::kTerminal, kTerminals, AuditKind::kPerCall,
                 absl::Seconds(10)},
    MethodPolicy{"/kakunin.v1.ReceptionService/OpenReception", Operation::kOpenReception,
                 Port::kWeb, kPatients, AuditKind::kNone, absl::Seconds(10)},
    MethodPolicy{"/kakunin.v1.ReceptionService/BeginReceptionAct", Operation::kBeginReceptionAct,
                 Port::kWeb, kPatients, AuditKind::kPerCall, absl::Seconds(10)},
    MethodPolicy{"/kakunin.v1.ReceptionService/GiveConsents", Operation::kGiveConsents, Port::kWeb,
                 kPatients, AuditKind::kPerPersonAsked, absl::Seconds(10)},
    MethodPolicy{"/kakunin.v1.ReceptionService/ListOwnConsents", Operation::kListOwnConsents,
                 Port::kWeb, kPatients, AuditKind::kPerPersonAsked, absl::Seconds(10)},
    MethodPolicy{"/kakunin.v1.ReceptionService/WithdrawConsents", Operation::kWithdrawConsents,
                 Port::kWeb, kPatients, AuditKind::kPerPersonAsked, absl::Seconds(10)},
    MethodPolicy{"/kakunin.v1.ReceptionService/ListOwnAccesses", Operation::kListOwnAccesses,
                 Port::kWeb, kPatients, AuditKind::kPerPersonAsked, absl::Seconds(10)},
    MethodPolicy{"/kakunin.v1.InsurerFeedService/BeginFeed", Operation::kBeginFeed, Port::kInsurer,
                 kFeeders, AuditKind::kPerCall, absl::Seconds(10)},
    MethodPolicy{"/kakunin.v1.InsurerFeedService/PushRows", Operation::kPushRows, Port::kInsurer,
                 kFeeders, AuditKind::kPerChunk, absl::Minutes(10)},
    MethodPolicy{"/kakunin.v1.InsurerFeedService/SealFeed", Operation::kSealFeed, Port::kInsurer,
                 kFeeders, AuditKind::kPerCall, absl::Minutes(10)},
    MethodPolicy{"/kakunin.v1.InsurerFeedService/PublishFeed", Operation::kPublishFeed,
                 Port::kInsurer, kFeeders, AuditKind::kPerCall, absl::Minutes(10)},
    MethodPolicy{"/kakunin.v1.InsurerFeedService/GetFeedReport", Operation::kGetFeedReport,
                 Port::kInsurer, kFeeders, AuditKind::kPerCall, absl::Seconds(10)},
    MethodPolicy{"/kakunin.v1.InsurerFeedService/ReleaseFeed", Operation::kReleaseFeed,
                 Port::kInsurer, kFeeders, AuditKind::kPerCall, absl::Seconds(10)},
    MethodPolicy{"/kakunin.v1.InsurerFeedService/CancelFeed", Operation::kCancelFeed,
                 Port::kInsurer, kFeeders, AuditKind::kPerCall, absl::Seconds(60)},
    MethodPolicy{"/kakunin.v1.InsurerFeedService/UndoFeed", Operation::kUndoFeed, Port::kInsurer,
                 kFeeders, AuditKind::kPerCall, absl::Minutes(10)},
    MethodPolicy{"/kakunin.v1.InsurerFeedService/ListFeeds", Operation::kListFeeds, Port::kInsurer,
                 kFeeders, AuditKind::kPerCall, absl::Seconds(10)},
    MethodPolicy{"/kakunin.v1.InsurerFeedService/ExplainCoverage", Operation::kExplainCoverage,
                 Port::kInsurer, kInsurers, AuditKind::kPerCall, absl::Seconds(10)},
    MethodPolicy{"/kakunin.v1.IdentityCaseService/ListIdentityCases", Operation::kListIdentityCases,
                 Port::kInsurer, kInsurers, AuditKind::kPerCall, absl::Seconds(10)},
    MethodPolicy{"/kakunin.v1.IdentityCaseService/ReleaseIdentityCase",
                 Operation::kReleaseIdentityCase, Port::kInsurer, kInsurers, AuditKind::kPerCall,
                 absl::Seconds(60)},
    MethodPolicy{"/kakunin.v1.DeliveryService/GetDeliveryStatus", Operation::kGetDeliveryStatus,
                 Port::kInsurer, kFeeders, AuditKind::kPerCall, absl::Seconds(10)},
    MethodPolicy{"/kakunin.v1.DeliveryService/ListHiddenCoverages", Operation::kListHiddenCoverages,
                 Port::kInsurer, kInsurers, AuditKind::kPerCall, absl::Seconds(10)},
    MethodPolicy{"/kakunin.v1.CardLinkService/PushCardLinks", Operation::kPushCardLinks,
                 Port::kOperator, kOperators, AuditKind::kPerCall, absl::Seconds(60)},
    MethodPolicy{"/kakunin.v1.CardLinkService/PushNumberChanges", Operation::kPushNumberChanges,
                 Port::kOperator, kOperators, AuditKind::kPerCall, absl::Seconds(60)},
    MethodPolicy{"/kakunin.v1.OperationsService/RegisterFacility", Operation::kRegisterFacility,
                 Port::kOperator, kOperators, AuditKind::kPerCall, absl::Seconds(10)},
    MethodPolicy{"/kakunin.v1.OperationsService/RegisterTerminal", Operation::kRegisterTerminal,
                 Port::kOperator, kOperators, AuditKind::kPerCall, absl::Seconds(10)},
    MethodPolicy{"/kakunin.v1.OperationsService/RegisterInsurer", Operation::kRegisterInsurer,
                 Port::kOperator, kOperators, AuditKind::kPerCall, absl::Seconds(10)},
    MethodPolicy{"/kakunin.v1.OperationsService/RegisterReviewer", Operation::kRegisterReviewer,
                 Port::kOperator, kOperators, AuditKind::kPerCall, absl::Seconds(10)},
    MethodPolicy{"/kakunin.v1.OperationsService/RevokeTerminal", Operation::kRevokeTerminal,
                 Port::kOperator, kOperators, AuditKind::kPerCall, absl::Seconds(10)},
    MethodPolicy{"/kakunin.v1.OperationsService/ProtectPatient", Operation::kProtectPatient,
                 Port::kOperator, kOperators, AuditKind::kPerCall, absl::Seconds(10)},
    MethodPolicy{"/kakunin.v1.OperationsService/ExplainCoverage",
                 Operation::kExplainCoverageAsOperator, Port::kOperator, kOperators,
                 AuditKind::kPerCall, absl::Seconds(10)},
    MethodPolicy{"/kakunin.v1.OperationsService/ReleaseFeed", Operation::kReleaseFeedAsOperator,
                 Port::kOperator, kOperators, AuditKind::kPerCall, absl::Seconds(10)},
    MethodPolicy{"/kakunin.v1.OperationsService/ProposePersonRepair",
                 Operation::kProposePersonRepair, Port::kOperator, kOperators, AuditKind::kPerCall,
                 absl::Seconds(60)},
    MethodPolicy{"/kakunin.v1.OperationsService/ApprovePersonRepair",
                 Operation::kApprovePersonRepair, Port::kOperator, kOperators, AuditKind::kPerCall,
                 absl::Seconds(120)},
    MethodPolicy{"/kakunin.v1.OperationsService/WithdrawPersonRepair",
                 Operation::kWithdrawPersonRepair, Port::kOperator, kOperators, AuditKind::kPerCall,
                 absl::Seconds(10)},
    MethodPolicy{"/kakunin.v1.OperationsService/ListPersonRepairs", Operation::kListPersonRepairs,
                 Port::kOperator, kOperators, AuditKind::kPerCall, absl::Seconds(10)},
    MethodPolicy{"/kakunin.v1.OperationsService/GetPersonRepair", Operation::kGetPersonRepair,
                 Port::kOperator, kOperators, AuditKind::kPerCall, absl::Seconds(10)},
    MethodPolicy{"/kakunin.v1.OperationsService/ListIdentityCases",
                 Operation::kListIdentityCasesAsOperator, Port::kOperator, kOperators,
                 AuditKind::kPerCall, absl::Seconds(10)},
    MethodPolicy{"/kakunin.v1.ReceptionAppService/RegisterReceptionApp",
                 Operation::kRegisterReceptionApp, Port::kOperator, kOperators, AuditKind::kPerCall,
                 absl::Seconds(10)},
    MethodPolicy{"/kakunin.v1.ReceptionAppService/RevokeReceptionApp",
                 Operation::kRevokeReceptionApp, Port::kOperator, kOperators, AuditKind::kPerCall,
                 absl::Seconds(10)},
    MethodPolicy{"/kakunin.v1.ReceptionAppService/ListReceptionApps", Operation::kListReceptionApps,
                 Port::kOperator, kOperators, AuditKind::kPerCall, absl::Seconds(10)},
};

// Where a cell's bits lie in AccessRow::cells, one dimension behind the other.
struct Dimension {
  int shift;
  int values;

  // Where the next dimension may begin.
  constexpr int End() const { return shift + values; }
  constexpr AccessCells All() const { return ((AccessCells{1} << values) - 1) << shift; }
  // The bit of the value numbered `number` from 1; 0 outside the enumeration.
  constexpr AccessCells Bit(int number) const {
    return number < 1 || number > values ? 0 : AccessCells{1} << (shift + number - 1);
  }
};

// The operations of a terminal, in the order of their bits.
constexpr std::array kTerminalOperations = {
    Operation::kBeginCardAuthentication, Operation::kConfirmByCard,
    Operation::kConfirmByInsuredNumber,  Operation::kGetDrugHistory,
    Operation::kGetTreatmentHistory,     Operation::kGetHealthChecks,
    Operation::kGetCertificates,         Operation::kListConsents,
    Operation::kRevokeConsent,           Operation::kCheckConsentEnd,
    Operation::kExplainDecision,         Operation::kListFacilityAccess,
    Operation::kListPatientAccess,       Operation::kListNotices,
    Operation::kAcknowledgeNotices,      Operation::kWatchNotices,
    Operation::kSubmitBulkInquiry,       Operation::kGetBulkInquiry,
    Operation::kStreamBulkResults,       Operation::kCancelBulkInquiry,
    Operation::kDeleteBulkInquiry,       Operation::kConfirmInBulk,
    Operation::kCreateReceptionLink,     Operation::kListReceptionLinks,
    Operation::kRenewReceptionLink,      Operation::kRevokeReceptionLink,
    Operation::kNameReceptionApp,        Operation::kListNamedReceptionApps,
    Operation::kChangeReferenceNumbers,  Operation::kBatchChangeReferenceNumbers,
    Operation::kListReferenceNumbers,    Operation::kListConsentedPatients,
    Operation::kConfirmConsented,        Operation::kListConfirmations,
};

constexpr Dimension kOperation{0, kTerminalOperations.size()};
constexpr Dimension kKind{kOperation.End(), kRecordKinds};
constexpr Dimension kRole{kKind.End(), 6};
constexpr Dimension kFacility{kRole.End(), 5};
constexpr Dimension kTerminal{kFacility.End(), 4};
constexpr Dimension kForm{kTerminal.End(), 4};
constexpr Dimension kSituation{kForm.End(), kSituations};
static_assert(kSituation.End() <= 128);
constexpr std::array kDimensions = {kOperation, kKind, kRole,     kFacility,
                                    kTerminal,  kForm, kSituation};

constexpr AccessCells Of(Operation operation) {
  for (size_t i = 0; i < kTerminalOperations.size(); ++i) {
    if (kTerminalOperations[i] == operation) return kOperation.Bit(static_cast<int>(i) + 1);
  }
  return 0;
}
constexpr AccessCells Of(RecordKind kind) { return kKind.Bit(static_cast<int>(kind)); }
constexpr AccessCells Of(Role role) { return kRole.Bit(static_cast<int>(role)); }
constexpr AccessCells Of(FacilityType type) { return kFacility.Bit(static_cast<int>(type)); }
constexpr AccessCells Of(TerminalKind kind) { return kTerminal.Bit(static_cast<int>(kind)); }
constexpr AccessCells Of(FormOfCare form) { return kForm.Bit(static_cast<int>(form)); }
constexpr AccessCells Of(Situation situation) {
  return kSituation.Bit(static_cast<int>(situation) + 1);
}

// Where are the cells with one of the values named; a dimension of which none is named is open.
template <typename... Value>
constexpr AccessCells Where(Value... values) {
  const AccessCells named = (Of(values) | ... | AccessCells{0});
  AccessCells cells = 0;
  for (const Dimension& dimension : kDimensions) {
    const AccessCells of_dimension = named & dimension.All();
    cells = cells | (of_dimension != 0 ? of_dimension : dimension.All());
  }
  return cells;
}

constexpr absl::Time kEver = absl::InfinitePast();
constexpr absl::Time kOpen = absl::InfiniteFuture();
constexpr AccessCells kConfirmations = Of(Operation::kBeginCardAuthentication) |
                                       Of(Operation::kConfirmByCard) |
                                       Of(Operation::kConfirmByInsuredNumber);

// The one table. A consulting-room terminal reads records and takes no card; a restricted one
// confirms eligibility like a desk and does nothing else (domain.md 4).
constexpr std::array kAccessRows = {
    // The plan of 2020, dropped before anything was in service.
    AccessRow{Where(RecordKind::kHealthCheck, FacilityType::kPharmacy, FacilityType::kHomeNursing),
              kEver, StartOfDay(kHealthCheckPlanDropped), Reason::kFacilityTypeNotAllowed,
              "check-ups for hospitals and clinics only (plan of 2020, never in service)",
              "seeds 000, 003; dropped 2020-11-12: domain.md 3, S20"},
    AccessRow{Where(RecordKind::kHealthCheck, Role::kPharmacist), kEver,
              StartOfDay(kHealthCheckPlanDropped), Reason::kRoleNotAllowed,
              "check-ups not for pharmacists (plan of 2020, never in service)",
              "seed 003; dropped 2020-11-12: domain.md 3, S20"},
    // What is not in service, or not yet.
    AccessRow{Where(FormOfCare::kEmergency), kEver, kOpen, Reason::kFormOfCareNotInService,
              "emergency viewing is not built", "ours; in the field since 2024-12-09: domain.md 3"},
    AccessRow{Where(FormOfCare::kHomeVisit, FormOfCare::kOnlineCare), kEver,
              StartOfDay(kOtherFormsStart), Reason::kNotInService,
              "home visits and online care before their start", "seed 002: April 2024"},
    AccessRow{
        Where(RecordKind::kEligibility, RecordKind::kLimitCertificate,
              RecordKind::kSpecificDiseaseCertificate, RecordKind::kHealthCheck, RecordKind::kDrug),
        kEver, StartOfDay(kServiceStart), Reason::kNotInService,
        "everything before the service began", "seed 000: March 2021; begun 2021-10-20"},
    AccessRow{Where(RecordKind::kTreatment), kEver, InServiceFrom(RecordKind::kTreatment),
              Reason::kNotInService, "treatments before their start",
              FactsOf(RecordKind::kTreatment).source},
    AccessRow{Where(RecordKind::kSurgery), kEver, InServiceFrom(RecordKind::kSurgery),
              Reason::kNotInService, "surgery before its start",
              FactsOf(RecordKind::kSurgery).source},
    // Terminals.
    AccessRow{Where(TerminalKind::kRestricted) & ~kConfirmations, kEver, kOpen,
              Reason::kTerminalRestricted, "restricted terminals confirm eligibility only",
              "seed 004; domain.md 4"},
    AccessRow{Where(TerminalKind::kViewing, Operation::kBeginCardAuthentication,
                    Operation::kConfirmByCard, Operation::kListPatientAccess),
              kEver, kOpen, Reason::kTerminalKindNotAllowed, "no card act in the consulting room",
              "seed 001; domain.md 4"},
    // Roles.
    AccessRow{Where(Role::kGeneral, Role::kAdministrator, Operation::kGetDrugHistory,
                    Operation::kGetTreatmentHistory, Operation::kGetHealthChecks),
              kEver, kOpen, Reason::kRoleNotAllowed, "medical data for qualified staff only",
              "seed 003 (有資格者等); domain.md 3"},
    AccessRow{Where(Operation::kListFacilityAccess, Role::kGeneral, Role::kDoctor, Role::kDentist,
                    Role::kPharmacist, Role::kOtherQualified),
              kEver, kOpen, Reason::kRoleNotAllowed,
              "the facility's accesses for its administrator only", "ours"},
    AccessRow{
        Where(Operation::kCreateReceptionLink, Operation::kListReceptionLinks,
              Operation::kRenewReceptionLink, Operation::kRevokeReceptionLink,
              Operation::kNameReceptionApp, Operation::kListNamedReceptionApps, Role::kGeneral,
              Role::kDoctor, Role::kDentist, Role::kPharmacist, Role::kOtherQualified),
        kEver, kOpen, Reason::kRoleNotAllowed,
        "the facility's reception links and apps for its administrator only", "ours"},
    // What is left is allowed, each operation for its own kinds of data.
    AccessRow{Where(Operation::kBeginCardAuthentication, Operation::kConfirmByCard,
                    Operation::kConfirmByInsuredNumber, RecordKind::kEligibility),
              kEver, kOpen, std::nullopt, "eligibility for everybody", "domain.md 3"},
    AccessRow{Where(Operation::kGetDrugHistory, RecordKind::kDrug), kEver, kOpen, std::nullopt,
              "drugs for qualified staff", "domain.md 3"},
    AccessRow{Where(Operation::kGetTreatmentHistory, RecordKind::kTreatment, RecordKind::kSurgery),
              kEver, kOpen, std::nullopt, "treatments and surgery for qualified staff",
              "domain.md 3; surgery for pharmacists is inferred there"},
    AccessRow{Where(Operation::kGetHealthChecks, RecordKind::kHealthCheck), kEver, kOpen,
              std::nullopt, "check-ups for qualified staff, pharmacists among them",
              "domain.md 3, S15"},
    AccessRow{Where(Operation::kGetCertificates, RecordKind::kLimitCertificate,
                    RecordKind::kSpecificDiseaseCertificate),
              kEver, kOpen, std::nullopt, "certificates for everybody: the desk bills by them",
              "domain.md 1.6"},
    AccessRow{
        Where(Operation::kListConsents, Operation::kRevokeConsent, Operation::kCheckConsentEnd,
              Operation::kExplainDecision, RecordKind::kEligibility),
        kEver, kOpen, std::nullopt, "consents and explanations for everybody",
        "domain.md 4 (037 to 038); who may is ours"},
    AccessRow{Where(Operation::kListFacilityAccess, RecordKind::kEligibility), kEver, kOpen,
              std::nullopt, "the facility's accesses for its administrator", "ours"},
    AccessRow{Where(Operation::kListPatientAccess, RecordKind::kEligibility), kEver, kOpen,
              std::nullopt, "a patient's accesses for the patient, by a card act", "ours"},
    AccessRow{Where(Operation::kListNotices, Operation::kAcknowledgeNotices,
                    Operation::kWatchNotices, RecordKind::kEligibility),
              kEver, kOpen, std::nullopt, "notices of answers that changed for everybody", "ours"},
    AccessRow{
        Where(Operation::kSubmitBulkInquiry, Operation::kGetBulkInquiry,
              Operation::kStreamBulkResults, Operation::kCancelBulkInquiry,
              Operation::kDeleteBulkInquiry, Operation::kConfirmInBulk, RecordKind::kEligibility),
        kEver, kOpen, std::nullopt, "bulk inquiry for everybody",
        "domain.md 1 (005 to 008); who may is ours"},
    AccessRow{Where(Operation::kCreateReceptionLink, Operation::kListReceptionLinks,
                    Operation::kRenewReceptionLink, Operation::kRevokeReceptionLink,
                    Operation::kNameReceptionApp, Operation::kListNamedReceptionApps,
                    RecordKind::kEligibility),
              kEver, kOpen, std::nullopt, "reception links and apps for the administrator",
              "domain.md 1.2 (039/040); who may is ours"},
    AccessRow{Where(Operation::kChangeReferenceNumbers, Operation::kBatchChangeReferenceNumbers,
                    Operation::kListReferenceNumbers, RecordKind::kEligibility),
              kEver, kOpen, std::nullopt, "the facility's reference numbers for everybody",
              "domain.md 1.2 (003/004, 009 to 012); who may is ours"},
    AccessRow{Where(Operation::kListConsentedPatients, Operation::kConfirmConsented,
                    RecordKind::kEligibility),
              kEver, kOpen, std::nullopt, "those who consented at home for everybody",
              "domain.md 1.2 (017 to 024); who may is ours"},
    AccessRow{Where(Operation::kListConfirmations, RecordKind::kEligibility), kEver, kOpen,
              std::nullopt, "what the facility was told on a day for everybody", "ours"},
};

// The one bit a dimension of a call. A value outside its enumeration has none.
AccessCells CellOf(const Terminal& terminal, const TerminalRequest& request) {
  return Of(request.operation) | Of(request.kind) | Of(terminal.role) | Of(terminal.facility_type) |
         Of(terminal.kind) | Of(request.form_of_care) | Of(request.situation);
}

bool HasAllDimensions(AccessCells cell) {
  const int bits =
      std::popcount(absl::Uint128Low64(cell)) + std::popcount(absl::Uint128High64(cell));
  return static_cast<size_t>(bits) == kDimensions.size();
}

}  // namespace

std::span<const MethodPolicy> AllMethodPolicies() { return kMethods; }

const MethodPolicy* PolicyFor(std::string_view method) {
  static const auto& by_name = *new auto([] {
    absl::flat_hash_map<std::string_view, const MethodPolicy*> rows;
    for (const MethodPolicy& policy : kMethods) rows.emplace(policy.method, &policy);
    return rows;
  }());
  const auto row = by_name.find(method);
  return row == by_name.end() ? nullptr : row->second;
}

std::span<const AccessRow> AllAccessRows() { return kAccessRows; }

const AccessRow* AccessRowFor(const Terminal& terminal, const TerminalRequest& request) {
  const AccessCells cell = CellOf(terminal, request);
  if (!HasAllDimensions(cell)) return nullptr;
  for (const AccessRow& row : kAccessRows) {
    if ((row.cells & cell) == cell && row.from <= request.at && request.at < row.to) return &row;
  }
  return nullptr;
}

std::optional<Reason> DecideTerminal(const Terminal& terminal, const TerminalRequest& request) {
  const AccessRow* row = AccessRowFor(terminal, request);
  return row == nullptr ? Reason::kNotInService : row->denial;
}

std::vector<AccessCell> AllAccessCells() {
  std::vector<AccessCell> cells = {{}};
  // Each dimension multiplies what the ones before it have made.
  const auto multiply = [&](int values, auto set) {
    std::vector<AccessCell> more;
    more.reserve(cells.size() * static_cast<size_t>(values));
    for (const AccessCell& cell : cells) {
      for (int number = 1; number <= values; ++number) set(more.emplace_back(cell), number);
    }
    cells = std::move(more);
  };
  multiply(kOperation.values, [](AccessCell& cell, int number) {
    cell.operation = kTerminalOperations[static_cast<size_t>(number) - 1];
  });
  multiply(kKind.values, [](AccessCell& cell, int n) { cell.kind = static_cast<RecordKind>(n); });
  multiply(kForm.values,
           [](AccessCell& cell, int n) { cell.form_of_care = static_cast<FormOfCare>(n); });
  multiply(kFacility.values,
           [](AccessCell& cell, int n) { cell.facility_type = static_cast<FacilityType>(n); });
  multiply(kRole.values, [](AccessCell& cell, int n) { cell.role = static_cast<Role>(n); });
  multiply(kTerminal.values,
           [](AccessCell& cell, int n) { cell.terminal_kind = static_cast<TerminalKind>(n); });
  multiply(kSituation.values,
           [](AccessCell& cell, int n) { cell.situation = static_cast<Situation>(n - 1); });
  return cells;
}

std::optional<Reason> DecideCell(const AccessCell& cell, absl::Time at) {
  Terminal terminal;
  terminal.facility_type = cell.facility_type;
  terminal.kind = cell.terminal_kind;
  terminal.role = cell.role;
  return DecideTerminal(terminal, {.operation = cell.operation,
                                   .kind = cell.kind,
                                   .form_of_care = cell.form_of_care,
                                   .situation = cell.situation,
                                   .at = at});
}

std::vector<absl::Time> AccessPolicyDates() {
  std::set<absl::Time> dates;
  for (const AccessRow& row : kAccessRows) {
    for (const absl::Time date : {row.from, row.to}) {
      if (date != kEver && date != kOpen) dates.insert(date);
    }
  }
  return {dates.begin(), dates.end()};
}

}  // namespace kakunin
