#include "domain/access_policy.h"

#include <algorithm>
#include <array>
#include <bit>
#include <memory>
#include <set>

#include "domain/abnormal_times.h"

namespace kakunin {
namespace {

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
    Operation::kBeginCardAuthentication,
    Operation::kConfirmByCard,
    Operation::kConfirmByInsuredNumber,
    Operation::kGetDrugHistory,
    Operation::kGetTreatmentHistory,
    Operation::kGetHealthChecks,
    Operation::kGetCertificates,
    Operation::kListConsents,
    Operation::kRevokeConsent,
    Operation::kCheckConsentEnd,
    Operation::kExplainDecision,
    Operation::kListFacilityAccess,
    Operation::kListPatientAccess,
    Operation::kListNotices,
    Operation::kAcknowledgeNotices,
    Operation::kWatchNotices,
    Operation::kSubmitBulkInquiry,
    Operation::kGetBulkInquiry,
    Operation::kStreamBulkResults,
    Operation::kCancelBulkInquiry,
    Operation::kDeleteBulkInquiry,
    Operation::kConfirmInBulk,
    Operation::kCreateReceptionLink,
    Operation::kListReceptionLinks,
    Operation::kRenewReceptionLink,
    Operation::kRevokeReceptionLink,
    Operation::kNameReceptionApp,
    Operation::kListNamedReceptionApps,
    Operation::kChangeReferenceNumbers,
    Operation::kBatchChangeReferenceNumbers,
    Operation::kListReferenceNumbers,
    Operation::kListConsentedPatients,
    Operation::kConfirmConsented,
    Operation::kListConfirmations,
    Operation::kLogIn,
    Operation::kLogOut,
    Operation::kChangePassword,
    Operation::kCreateAccount,
    Operation::kResetPassword,
    Operation::kLockAccount,
    Operation::kUnlockAccount,
    Operation::kDisableAccount,
    Operation::kListAccounts,
    Operation::kGetFacilitySettings,
    Operation::kUpdateFacilitySettings,
    Operation::kListFacilitySettingsChanges,
    Operation::kRenewCertificate,
    Operation::kGetRenewedCertificate,
    Operation::kListAbnormalTimes,
    Operation::kSearchPatient,
    Operation::kOpenEmergencyView,
    Operation::kConfirmInAbnormalTimes,
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

constexpr AccessCells kRenewals =
    Of(Operation::kRenewCertificate) | Of(Operation::kGetRenewedCertificate);

// What a terminal that confirms eligibility only may do when there is no card to confirm by.
constexpr AccessCells kSearches = Of(Operation::kListAbnormalTimes) |
                                  Of(Operation::kSearchPatient) |
                                  Of(Operation::kConfirmInAbnormalTimes);
constexpr AccessCells kEmergencyCards =
    Of(Operation::kBeginCardAuthentication) | Of(Operation::kConfirmByCard);

// The one table. A consulting-room terminal reads records and takes no card; a restricted one
// confirms eligibility like a desk and does nothing else (domain.md 4) but renew its certificate.
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
    AccessRow{Where(FormOfCare::kEmergency), kEver, StartOfDay(kEmergencyStart),
              Reason::kFormOfCareNotInService, "emergency viewing before its start",
              "domain.md 3, S21: 2024-12-09"},
    AccessRow{Where(FormOfCare::kEmergency, Situation::kNormal) & ~kEmergencyCards, kEver, kOpen,
              Reason::kFormOfCareNotInService,
              "in an emergency a card act, and the view that it opens",
              "domain.md 4; that nothing else is done in this form is ours"},
    AccessRow{Where(FormOfCare::kEmergency, FacilityType::kClinic, FacilityType::kDental,
                    FacilityType::kPharmacy, FacilityType::kHomeNursing),
              kEver, kOpen, Reason::kFacilityTypeNotAllowed, "emergencies in hospitals only",
              "domain.md 3"},
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
    AccessRow{Where(TerminalKind::kRestricted) & ~(kConfirmations | kRenewals | kSearches), kEver,
              kOpen, Reason::kTerminalRestricted, "restricted terminals confirm eligibility only",
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
    AccessRow{Where(Operation::kCreateAccount, Operation::kResetPassword, Operation::kLockAccount,
                    Operation::kUnlockAccount, Operation::kDisableAccount, Operation::kListAccounts,
                    Operation::kUpdateFacilitySettings, Operation::kListFacilitySettingsChanges,
                    Role::kGeneral, Role::kDoctor, Role::kDentist, Role::kPharmacist,
                    Role::kOtherQualified),
              kEver, kOpen, Reason::kRoleNotAllowed,
              "the facility's accounts and settings for its administrator only",
              "domain.md 1 (管理者)"},
    // Abnormal times: a policy must be in force beside the row (DenialBy).
    AccessRow{Where(Situation::kNormal, Operation::kSearchPatient, Operation::kOpenEmergencyView,
                    Operation::kConfirmInAbnormalTimes),
              kEver, kOpen, Reason::kAbnormalTimesNotInForce,
              "no search by name and no emergency view in normal times", "domain.md 4"},
    AccessRow{Where(Situation::kDisaster, Operation::kSearchPatient,
                    Operation::kConfirmInAbnormalTimes, Role::kGeneral),
              kEver, kOpen, Reason::kRoleNotAllowed,
              "in a disaster administrators and qualified staff search",
              "domain.md 4 (administrator account); qualified staff beside them are ours"},
    AccessRow{Where(Situation::kDisaster, Situation::kSystemFailure, FormOfCare::kOutpatient,
                    Operation::kSearchPatient, Operation::kConfirmInAbnormalTimes,
                    RecordKind::kEligibility),
              kEver, kOpen, std::nullopt,
              "a disaster's and a failure's search, where and while a policy is in force",
              "domain.md 4; who may in a failure is ours"},
    AccessRow{Where(Situation::kDisaster, FormOfCare::kOutpatient, Operation::kGetDrugHistory,
                    RecordKind::kDrug),
              kEver, kOpen, std::nullopt, "drugs without a consent in a disaster",
              "seed 003 (災害時); domain.md 3"},
    AccessRow{Where(Situation::kDisaster, FormOfCare::kOutpatient, Operation::kGetTreatmentHistory,
                    RecordKind::kTreatment, RecordKind::kSurgery),
              kEver, kOpen, std::nullopt, "treatments and surgery without a consent in a disaster",
              "domain.md 3"},
    AccessRow{Where(Situation::kDisaster, FormOfCare::kOutpatient, Operation::kGetHealthChecks,
                    RecordKind::kHealthCheck),
              kEver, kOpen, std::nullopt, "check-ups without a consent in a disaster",
              "seed 003 (災害時); domain.md 3"},
    AccessRow{Where(Situation::kEmergency, Role::kGeneral, Role::kAdministrator, Role::kPharmacist),
              kEver, kOpen, Reason::kRoleNotAllowed,
              "in an emergency doctors and their designated staff only", "domain.md 3"},
    AccessRow{Where(Situation::kEmergency, FormOfCare::kEmergency, FacilityType::kHospital,
                    Operation::kOpenEmergencyView, RecordKind::kEligibility),
              kEver, kOpen, std::nullopt, "an emergency view, in a hospital with the right",
              "domain.md 3 and 4"},
    AccessRow{Where(Situation::kEmergency, FormOfCare::kEmergency, FacilityType::kHospital,
                    Operation::kGetDrugHistory, RecordKind::kDrug),
              kEver, kOpen, std::nullopt, "drugs by an emergency view", "domain.md 3 and 4"},
    AccessRow{Where(Situation::kEmergency, FormOfCare::kEmergency, FacilityType::kHospital,
                    Operation::kGetTreatmentHistory, RecordKind::kTreatment, RecordKind::kSurgery),
              kEver, kOpen, std::nullopt, "treatments and surgery by an emergency view",
              "domain.md 3 and 4"},
    AccessRow{Where(Situation::kEmergency, FormOfCare::kEmergency, FacilityType::kHospital,
                    Operation::kGetHealthChecks, RecordKind::kHealthCheck),
              kEver, kOpen, std::nullopt, "check-ups by an emergency view", "domain.md 3 and 4"},
    AccessRow{Where(Situation::kDisaster, Situation::kSystemFailure, Situation::kEmergency), kEver,
              kOpen, Reason::kNotInService, "nothing else rests on abnormal times", "ours"},
    AccessRow{Where(Operation::kListAbnormalTimes, RecordKind::kEligibility), kEver, kOpen,
              std::nullopt, "what is in force at the facility for everybody", "ours"},
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
    AccessRow{Where(Operation::kRenewCertificate, Operation::kGetRenewedCertificate,
                    RecordKind::kEligibility),
              kEver, kOpen, std::nullopt, "its own certificate for every terminal",
              "jpki.md 4.1 (renewal by the client); who may is ours"},
    AccessRow{Where(Operation::kLogIn, Operation::kGetFacilitySettings, RecordKind::kEligibility),
              kEver, kOpen, std::nullopt, "logging in, and the facility's settings, for everybody",
              "ours"},
    AccessRow{Where(Operation::kLogOut, Operation::kChangePassword, RecordKind::kEligibility),
              kEver, kOpen, std::nullopt, "the own session and password for whoever has logged in",
              "ours", kEver},
    AccessRow{Where(Operation::kCreateAccount, Operation::kResetPassword, Operation::kLockAccount,
                    Operation::kUnlockAccount, Operation::kDisableAccount, Operation::kListAccounts,
                    Operation::kUpdateFacilitySettings, Operation::kListFacilitySettingsChanges,
                    RecordKind::kEligibility),
              kEver, kOpen, std::nullopt,
              "accounts and settings for an administrator who has logged in", "ours", kEver},
};

// The one bit a dimension of a call. A value outside its enumeration has none.
AccessCells CellOf(const Terminal& terminal, const TerminalRequest& request) {
  return Of(request.operation) | Of(request.kind) | Of(terminal.role) | Of(terminal.facility_type) |
         Of(terminal.kind) | Of(request.form_of_care) | Of(request.situation);
}

// A policy of every situation, always, for the facility without a code.
std::shared_ptr<const AbnormalTimes> EverySituation() {
  auto all = std::make_shared<AbnormalTimes>();
  for (int number = 1; number < kSituations; ++number) {
    all->policies.push_back({.situation = static_cast<Situation>(number),
                             .facilities = {""},
                             .from = kEver,
                             .to = kOpen,
                             .kinds = ~0u,
                             .approved_at = kEver});
  }
  return all;
}

// IsOpened tells whether the policy on which the call rests is in force, and whether it opens the
// kind of data, or another one does that is in force beside it for the same facility: two orders of
// one disaster open what either does, whichever of them is found first. A rehearsal adds nothing to
// a real policy, nor takes anything from one.
bool IsOpened(const Terminal& terminal, Situation situation, const TerminalRequest& request) {
  const AbnormalTimesPolicy* const own =
      PolicyInForce(terminal, situation, RecordKind::kEligibility, request.at, request.policy);
  if (own == nullptr) return false;
  return Opens(*own, request.kind) ||
         std::ranges::any_of(
             terminal.abnormal_times->policies, [&](const AbnormalTimesPolicy& other) {
               return other.situation == situation && other.rehearsal == own->rehearsal &&
                      Opens(other, request.kind) && IsInForce(other, request.at) &&
                      Concerns(other, terminal);
             });
}

bool HasAllDimensions(AccessCells cell) {
  const int bits =
      std::popcount(absl::Uint128Low64(cell)) + std::popcount(absl::Uint128High64(cell));
  return static_cast<size_t>(bits) == kDimensions.size();
}

}  // namespace

std::span<const AccessRow> AllAccessRows() { return kAccessRows; }

const AccessRow* AccessRowFor(const Terminal& terminal, const TerminalRequest& request) {
  const AccessCells cell = CellOf(terminal, request);
  if (!HasAllDimensions(cell)) return nullptr;
  for (const AccessRow& row : kAccessRows) {
    if ((row.cells & cell) == cell && row.from <= request.at && request.at < row.to) return &row;
  }
  return nullptr;
}

std::optional<Reason> DenialBy(const AccessRow* row, const Terminal& terminal,
                               const TerminalRequest& request) {
  if (row == nullptr) return Reason::kNotInService;
  if (row->denial) return row->denial;
  const bool card = request.situation == Situation::kNormal;
  if (!card || request.form_of_care == FormOfCare::kEmergency) {
    // The card act of an emergency rests on the hospital's right, as the view does.
    const Situation needed = card ? Situation::kEmergency : request.situation;
    if (!IsOpened(terminal, needed, request)) {
      return needed == Situation::kEmergency ? Reason::kEmergencyRightMissing
                                             : Reason::kAbnormalTimesNotInForce;
    }
  }
  if (!HasForm(terminal, request.form_of_care)) return Reason::kServiceNotAdded;
  const FacilitySettings& settings = terminal.settings;
  if (!UsesKind(settings, request.kind)) return Reason::kRecordKindNotUsed;
  const bool needs_proof =
      row->proven_from <= request.at ||
      (settings.records_need_proven_role && request.kind != RecordKind::kEligibility);
  if (needs_proof && terminal.role_evidence != RoleEvidence::kProven) return Reason::kRoleNotProven;
  return std::nullopt;
}

std::optional<Reason> DecideTerminal(const Terminal& terminal, const TerminalRequest& request) {
  return DenialBy(AccessRowFor(terminal, request), terminal, request);
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
  terminal.role_evidence = RoleEvidence::kProven;
  static const auto& every = *new std::shared_ptr<const AbnormalTimes>(EverySituation());
  terminal.abnormal_times = every;
  return DecideTerminal(terminal, {.operation = cell.operation,
                                   .kind = cell.kind,
                                   .form_of_care = cell.form_of_care,
                                   .situation = cell.situation,
                                   .at = at});
}

std::vector<absl::Time> AccessPolicyDates() {
  std::set<absl::Time> dates;
  for (const AccessRow& row : kAccessRows) {
    for (const absl::Time date : {row.from, row.to, row.proven_from}) {
      if (date != kEver && date != kOpen) dates.insert(date);
    }
  }
  return {dates.begin(), dates.end()};
}

}  // namespace kakunin
