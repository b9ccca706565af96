#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "absl/numeric/int128.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "domain/actor.h"
#include "domain/coverage.h"
#include "domain/error.h"
#include "domain/record_kind.h"
#include "domain/situation.h"

namespace kakunin {

// Operation is what a caller asks for; one per RPC. The number is stored in the audit: never reuse
// one.
enum class Operation {
  kHealthCheck = 1,
  kReflection = 3,
  kBeginCardAuthentication = 10,
  kConfirmByCard = 11,
  kConfirmByInsuredNumber = 12,
  kBeginFeed = 20,
  kPushRows = 21,
  kSealFeed = 22,
  kPublishFeed = 23,
  kGetFeedReport = 24,
  kReleaseFeed = 25,
  kCancelFeed = 26,
  kListFeeds = 27,
  kUndoFeed = 28,
  kExplainCoverage = 29,
  kPushCardLinks = 30,
  kLinkOnFirstUse = 31,  // no RPC: what the server does of itself when it meets an unlinked card
  kPushNumberChanges = 32,
  kListIdentityCases = 33,
  kReleaseIdentityCase = 34,
  kGetDeliveryStatus = 35,
  kListHiddenCoverages = 36,
  kRegisterFacility = 40,
  kRegisterTerminal = 41,
  kRegisterInsurer = 42,
  kRevokeTerminal = 43,
  kBootstrapOperator = 44,  // no RPC: `kakunin migrate operator`
  kRegisterReviewer = 45,
  kProtectPatient = 46,
  kReleaseFeedAsOperator = 48,
  kExplainCoverageAsOperator = 49,
  kGetDrugHistory = 50,
  kGetTreatmentHistory = 51,
  kGetHealthChecks = 52,
  kGetCertificates = 53,
  kListConsents = 60,
  kRevokeConsent = 61,
  kCheckConsentEnd = 62,  // 同意取消照会
  kExplainDecision = 63,
  kListFacilityAccess = 70,
  kListPatientAccess = 71,
  kListNotices = 72,
  kAcknowledgeNotices = 73,
  kWatchNotices = 74,
  kSubmitBulkInquiry = 75,
  kGetBulkInquiry = 76,
  kStreamBulkResults = 77,
  kCancelBulkInquiry = 78,
  kDeleteBulkInquiry = 79,
  kProposePersonRepair = 80,
  kApprovePersonRepair = 81,
  kWithdrawPersonRepair = 82,
  kListPersonRepairs = 83,
  kGetPersonRepair = 84,
  kCreateReceptionLink = 85,
  kListReceptionLinks = 86,
  kRenewReceptionLink = 87,
  kRevokeReceptionLink = 88,
  kListIdentityCasesAsOperator = 89,
  kConfirmInBulk = 90,  // no RPC: one row of a bulk inquiry
  kChangeReferenceNumbers = 91,
  kBatchChangeReferenceNumbers = 92,
  kListReferenceNumbers = 93,
  kListConsentedPatients = 95,
  kConfirmConsented = 96,  // no RPC: one patient of that list
  kListConfirmations = 97,
  // The patients' door. What it asks of the confirmations and the consents is audited as theirs
  // (kConfirmByCard and so on), with a patient as the actor.
  kOpenReception = 100,
  kBeginReceptionAct = 101,
  kGiveConsents = 102,
  kListOwnConsents = 103,
  kWithdrawConsents = 104,
  kListOwnAccesses = 105,
  // Apps that patients use in place of the page: registered by operators, named by facilities.
  kRegisterReceptionApp = 110,
  kRevokeReceptionApp = 111,
  kListReceptionApps = 112,
  kNameReceptionApp = 113,
  kListNamedReceptionApps = 114,
  // Certificates of terminals: codes, requests and what becomes of them.
  kIssueEnrolmentCode = 120,
  kListCertificateRequests = 121,
  kApproveCertificateRequest = 122,
  kRefuseCertificateRequest = 123,
  kDeliverCertificate = 124,
  kSuspendTerminal = 125,
  kResumeTerminal = 126,
  kEndCertificateOverlap = 127,
  kSubmitCertificateRequest = 128,
  kGetEnrolledCertificate = 129,
  kRenewCertificate = 130,
  kGetRenewedCertificate = 131,
  // Accounts at a facility, and its settings.
  kLogIn = 140,
  kLogOut = 141,
  kChangePassword = 142,
  kCreateAccount = 143,
  kResetPassword = 144,
  kLockAccount = 145,
  kUnlockAccount = 146,
  kDisableAccount = 147,
  kListAccounts = 148,
  kGetFacilitySettings = 150,
  kUpdateFacilitySettings = 151,
  kListFacilitySettingsChanges = 152,
  kCreateAdministrator = 155,
  kResetAdministratorPassword = 156,
  kListAdministrators = 157,
  // Joining: accounts of applicants, their applications, and what operators do with them.
  kRegisterApplicant = 160,
  kLogInApplicant = 161,
  kLogOutApplicant = 162,
  kChangeApplicantPassword = 163,
  kSubmitApplication = 164,
  kGetApplication = 165,
  kListApplications = 166,
  kWithdrawApplication = 167,
  kRequestStartOfUse = 168,
  kListNews = 169,
  kListApplicants = 175,
  kConfirmApplicant = 176,
  kResetApplicantPassword = 177,
  kListApplicationsAsOperator = 178,
  kGetApplicationAsOperator = 179,
  kDecideApplication = 180,
  kStartUse = 181,
  kPublishTestPerson = 182,

  kAcceptOlderDatabase = 190,  // no RPC: `kakunin audit accept-older-database`

  // Abnormal times: what terminals may do in them, and what operators do with policies.
  kListAbnormalTimes = 191,
  kSearchPatient = 192,
  kOpenEmergencyView = 193,
  kConfirmInAbnormalTimes = 194,  // no RPC: the eligibility of whom a search found
  kProposeAbnormalTimes = 195,
  kApproveAbnormalTimes = 196,
  kEndAbnormalTimes = 197,
  kListAbnormalTimesPolicies = 198,
  kReportAbnormalTimes = 199,
  // What becomes of a facility that has joined.
  kReportGroundEnd = 210,
  kReportGroundEndAsOperator = 211,
  kIssueActivationCode = 212,
  kSetFacilityClosure = 217,
  kRegisterCardLinkProvider = 223,
};

// Port is the listener a method lives on.
// On kOnboarding nobody shows a certificate of ours; kEvery is it too.
enum class Port { kTerminal = 1, kInsurer, kOperator, kEvery, kWeb, kOnboarding };

// AuditKind is how often a method writes an audit row. Denials are always audited.
enum class AuditKind { kNone = 1, kPerCall, kPerPersonAsked, kPerChunk };

// MethodPolicy is one row of the table of methods.
struct MethodPolicy {
  std::string_view method;  // "/kakunin.v1.EligibilityService/ConfirmByCard"
  Operation operation;
  Port port;
  std::span<const ActorKind> admits;
  AuditKind audit;
  absl::Duration default_deadline;
};

// AllMethodPolicies is the whole table; the server refuses to start when a method it serves is not
// in it.
std::span<const MethodPolicy> AllMethodPolicies();

// PolicyFor finds the row of a full method name; null when there is none.
const MethodPolicy* PolicyFor(std::string_view method);

// TerminalRequest is what the policy must know of a terminal's call beyond its actor.
struct TerminalRequest {
  Operation operation;
  // kEligibility also for calls that show no data of a person: consents, accesses, explanations.
  RecordKind kind = RecordKind::kEligibility;
  FormOfCare form_of_care = FormOfCare::kOutpatient;
  Situation situation = Situation::kNormal;
  absl::Time at;
  // Other than in normal times: the policy on which it rests; empty: any that is in force.
  std::optional<PolicyId> policy = std::nullopt;
};

// AccessCells is a set of cells of the access table, a bit for each value of each dimension.
using AccessCells = absl::uint128;

// AccessRow is one clause of the one table of what a terminal may do. It speaks about a set of
// cells (operation x kind of data x role x type of facility x kind of terminal x form of care x
// situation) in the half-open time [from, to).
struct AccessRow {
  AccessCells cells = 0;  // a bit for each admitted value of each dimension
  absl::Time from;
  absl::Time to;
  std::optional<Reason> denial;  // empty: allowed
  std::string_view rule;
  std::string_view source;
  // From when on an allowing row demands a proven role: its user has logged in. Never, unless a row
  // says so.
  absl::Time proven_from = absl::InfiniteFuture();
};

// UsesKind tells whether a facility looks at this kind of data; eligibility everybody does.
constexpr bool UsesKind(const FacilitySettings& settings, RecordKind kind) {
  return kind == RecordKind::kEligibility ||
         (settings.kinds_not_used & (1u << (static_cast<unsigned>(kind) - 1))) == 0;
}

// HasForm tells whether the terminal's facility may use this form of care by now.
constexpr bool HasForm(const Terminal& terminal, FormOfCare form) {
  return (terminal.forms_not_added & (1u << static_cast<unsigned>(form))) == 0;
}

// AllAccessRows is the whole table in the order in which it is read: the first row that holds the
// cell at the time decides.
std::span<const AccessRow> AllAccessRows();

// AccessRowFor finds the row that decides; null: none does, and the call is refused. A value
// outside its enumeration is in no row.
const AccessRow* AccessRowFor(const Terminal& terminal, const TerminalRequest& request);

// DenialBy tells why the call is refused when `row` decides: no row is kNotInService. What the row
// allows is refused outside normal times where no policy is in force (kAbnormalTimesNotInForce,
// kEmergencyRightMissing), which the form of care of an emergency is, too; the facility may still
// lack a form of care that it did not add (kServiceNotAdded), and its settings may refuse: a kind
// of records that it does not use (kRecordKindNotUsed), or a role that is only asserted where the
// row or the facility demands a proven one (kRoleNotProven).
std::optional<Reason> DenialBy(const AccessRow* row, const Terminal& terminal,
                               const TerminalRequest& request);

// DecideTerminal tells why `terminal` may not do this at `request.at`; empty means it may. Some 30
// ns, since every call of a lane asks it.
std::optional<Reason> DecideTerminal(const Terminal& terminal, const TerminalRequest& request);

// AccessCell is one cell of the table, for documents and tests.
struct AccessCell {
  Operation operation;
  RecordKind kind;
  Role role;
  FacilityType facility_type;
  TerminalKind terminal_kind;
  FormOfCare form_of_care;
  Situation situation;
};

// AllAccessCells lists every cell there is, whether a row speaks about it or not.
std::vector<AccessCell> AllAccessCells();

// DecideCell is DecideTerminal for a cell at an instant, its role proven, at a facility that set
// nothing and for which every situation is in force.
std::optional<Reason> DecideCell(const AccessCell& cell, absl::Time at);

// AccessPolicyDates are the instants at which some row begins or ends, in order, without the
// infinite ones. Between two of them the policy does not change.
std::vector<absl::Time> AccessPolicyDates();

}  // namespace kakunin
