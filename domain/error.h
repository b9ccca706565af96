#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace kakunin {

// Reason is the closed list of why a call of ours does not end in OK. Each has one code, one stable
// name (google.rpc.ErrorInfo.reason) and one Japanese sentence with the next step: the table in
// error.cc.
enum class Reason {
  // INVALID_ARGUMENT
  kInvalidFields = 1,
  kRequestIdReused,
  // UNAUTHENTICATED / PERMISSION_DENIED: who calls
  kNoCertificate,
  kProxyHeaderRefused,
  kCertificateNotRegistered,
  kCertificateExpired,
  kCertificateNamesDiffer,
  kTerminalRevoked,
  kTerminalSuspended,
  kFacilityInactive,
  kFacilityClosed,
  kRestrictedTypeEnded,
  kInsurerInactive,
  kOperatorInactive,
  kReviewerInactive,
  kCardLinkProviderInactive,
  kWrongKindOfCaller,
  kFacilityCodeDiffers,
  // PERMISSION_DENIED: what the policy does not allow
  kFormOfCareNotInService,
  kServiceNotAdded,
  kTerminalKindNotAllowed,
  kHolderVerificationNotAllowed,
  kNotInService,
  kTerminalRestricted,
  kRoleNotAllowed,
  kFacilityTypeNotAllowed,
  kRoleNotProven,
  kRecordKindNotUsed,
  kEPrescriptionNotUsed,
  kOperationTestNotOffered,
  // PERMISSION_DENIED: abnormal times
  kAbnormalTimesNotInForce,
  kEmergencyRightMissing,
  kAbnormalViewExpired,
  // UNAUTHENTICATED / PERMISSION_DENIED / UNAVAILABLE: accounts and sessions
  kLogInRefused,
  kPasswordWrong,
  kSessionUnknown,
  kSessionEnded,
  kSessionExpired,
  kSessionOfAnotherTerminal,
  kSessionContradicted,
  kSessionNotYetKnown,
  kPasswordChangeNeeded,
  // NOT_FOUND / ALREADY_EXISTS / FAILED_PRECONDITION: accounts and settings
  kAccountNotFound,
  kAccountExists,
  kAccountDisabled,
  kAccountIsOwn,
  kSettingsChangedMeanwhile,
  // PERMISSION_DENIED: records without a consent that counts
  kPatientHandleRefused,
  kNoConsent,
  kConsentDeclined,
  kConsentExpired,
  kConsentRevoked,
  kConsentCertificateRevoked,
  kConsentCertificateLapsed,
  kConsentCertificateUntraceable,
  kCardEligibilityOnly,
  kIdentityInQuestion,
  // FAILED_PRECONDITION: whose records
  kBranchNumberNeeded,
  // NOT_FOUND / FAILED_PRECONDITION: reference numbers
  kPatientNotFound,
  kReferenceNumberLimit,
  // NOT_FOUND: which decision is to be explained
  kDecisionNotFound,
  // FAILED_PRECONDITION: the card act
  kChallengeRefused,
  kCardRefused,
  kCardExpired,
  kCardRevoked,
  // NOT_FOUND / UNAUTHENTICATED / RESOURCE_EXHAUSTED: reception at home and its links
  kReceptionLinkNotFound,
  kReceptionAppNotFound,
  kReceptionAppRefused,
  kReceptionClosed,
  kReceptionNotOpened,
  kReceptionLimit,
  // FAILED_PRECONDITION / NOT_FOUND: feeds and registration
  kFeedKindNotAllowed,
  kFeedNotFound,
  kFeedChunkGap,
  kFeedChunkDiffers,
  kFeedChunkTruncated,
  kFeedChunkTooLarge,
  kFeedNumberReused,
  kFeedNumberGap,
  kFeedNotOpen,
  kFeedIncomplete,
  kFeedQuarantined,
  kFeedNotQuarantined,
  kFeedPublished,
  kFeedNotPublished,
  kFeedTouchedLater,
  kServiceNotFound,
  kFacilityNotFound,
  kTerminalNotFound,
  kCertificateInUse,
  kPersonConflict,
  kPersonNotFound,
  kCaseNotFound,
  kCaseNotOpen,
  // PERMISSION_DENIED / FAILED_PRECONDITION / NOT_FOUND: repairs of who is who
  kRepairNotFound,
  kRepairDecided,
  kRepairSameOperator,
  kRepairPending,
  kRepairOnePerson,
  kRepairTwoPersons,
  kRepairNumberReplaced,
  kRepairRowNotHeld,
  // PERMISSION_DENIED / RESOURCE_EXHAUSTED: callers without a certificate
  kEnrolmentCodeRefused,
  kEnrolmentCodeExpired,
  kEnrolmentCodeUsed,
  kEnrolmentCodeOvertaken,
  kEnrolmentReceiptRefused,
  kOnboardingLimit,
  // UNAUTHENTICATED / NOT_FOUND / FAILED_PRECONDITION / PERMISSION_DENIED: applicants and what they
  // apply for
  kApplicantLogInNeeded,
  kApplicantLogInRefused,
  kApplicantNotFound,
  kApplicantNotInThisState,
  kApplicationNotFound,
  kGroundNotHeld,
  kGroundEndLater,
  kApplicationNotInThisState,
  kApplicationSameOperator,
  kApplicationChangedMeanwhile,
  kOperationTestIncomplete,
  kIntroductionIncomplete,
  kDocumentsMissing,
  kSubsidyDeadlinePassed,
  // NOT_FOUND / FAILED_PRECONDITION / PERMISSION_DENIED: policies for abnormal times
  kPolicyNotFound,
  kPolicyDecided,
  kPolicyOver,
  kPolicySameOperator,
  kPolicySameBody,
  kPolicyBodyMissing,
  kPolicyKeyMissing,
  kPolicySignatureWrong,
  // INVALID_ARGUMENT / ALREADY_EXISTS: what is wrong with a request for a certificate
  kCertificateRequestMalformed,
  kCertificateRequestWeakKey,
  kCertificateRequestAlgorithm,
  kCertificateRequestProofFailed,
  kCertificateRequestKeyReused,
  // NOT_FOUND / FAILED_PRECONDITION / PERMISSION_DENIED: what becomes of it
  kCertificateRequestNotFound,
  kCertificateRequestDecided,
  kCertificateRequestSameOperator,
  kCertificateRequestOtherKey,
  kCertificateRequestNotApproved,
  kCertificateRequestOvertaken,
  kRestrictedTerminalsOnly,
  kCertificateAuthorityMissing,
  kCertificateWrongIssuer,
  kCertificateWrongKey,
  kCertificateWrongName,
  kCertificateWrongDates,
  kCertificateWrongUse,
  kRenewalTooEarly,
  kRenewalOpen,
  kRenewalOfFormer,
  // NOT_FOUND / FAILED_PRECONDITION: bulk inquiries
  kBulkNotFound,
  kBulkClosed,
  kBulkIncomplete,
  kBulkRunning,
  // RESOURCE_EXHAUSTED
  kBulkLimit,
  kInquiryLimit,
  kOverloaded,
  kCallLimit,
  // UNAVAILABLE: ask again
  kDatabaseUnavailable,
  kRegistryStale,
  kRevocationUnknown,
  kResidentsUnavailable,
  kShuttingDown,
  // DEADLINE_EXCEEDED
  kDeadlineExceeded,
  // INTERNAL: never on purpose
  kInternal,
};

// FieldViolation names one field that is missing or malformed; never its value.
struct FieldViolation {
  std::string field;        // proto path, e.g. "decisions[2].kind"
  std::string description;  // ja-JP, for the clerk
};

// ReasonFacts is one row of the table of reasons.
struct ReasonFacts {
  Reason reason;
  absl::StatusCode code;
  std::string_view name;      // UPPER_SNAKE
  std::string_view sentence;  // ja-JP, with the next step
  bool retryable;             // carries RetryInfo
};

// AllReasons is the whole table, in the order of the enumeration; docs/errors.md is checked against
// it.
std::span<const ReasonFacts> AllReasons();

// FactsOf finds the row of `reason`.
const ReasonFacts& FactsOf(Reason reason);

// MakeError is the only way to make an error that a caller may see. The status message is the
// reason's name.
absl::Status MakeError(Reason reason);

// InvalidFields is INVALID_ARGUMENT with every violation at once; `violations` must not be empty.
absl::Status InvalidFields(const std::vector<FieldViolation>& violations);

// ExpectedChunk is FAILED_PRECONDITION for a gap in a feed; it tells the number that is expected.
absl::Status ExpectedChunk(long long number);

// ExpectedFeedNumber is FAILED_PRECONDITION for a feed whose number does not follow the party's
// last; it tells the number that does, in the sentence too.
absl::Status ExpectedFeedNumber(long long number);

// HolderVerificationNotAllowed is PERMISSION_DENIED whose sentence names what is allowed instead:
// `ways` in the clerk's words, e.g. "暗証番号または目視"; with none it is the table's sentence.
absl::Status HolderVerificationNotAllowed(std::string_view ways);

// ReasonNamed finds the reason with this name; empty: none has it.
std::optional<Reason> ReasonNamed(std::string_view name);

// ReasonOf reads the reason back; a status that was not made here is kInternal, and OK has none.
std::optional<Reason> ReasonOf(const absl::Status& status);

// ViolationsOf reads the field violations back; empty when there are none.
std::vector<FieldViolation> ViolationsOf(const absl::Status& status);

// ExpectedChunkOf reads the expected chunk back.
std::optional<long long> ExpectedChunkOf(const absl::Status& status);

// ExpectedFeedNumberOf reads the expected feed number back.
std::optional<long long> ExpectedFeedNumberOf(const absl::Status& status);

// OwnSentenceOf reads back the sentence that stands in place of the table's; empty: there is none.
std::optional<std::string> OwnSentenceOf(const absl::Status& status);

}  // namespace kakunin

// RETURN_IF_ERROR and ASSIGN_OR_RETURN: Debian's Abseil has neither. A declaration as `target`
// cannot stand in parentheses. NOLINTBEGIN(bugprone-macro-parentheses)
#define KAKUNIN_CONCAT_INNER(a, b) a##b
#define KAKUNIN_CONCAT(a, b) KAKUNIN_CONCAT_INNER(a, b)
#define RETURN_IF_ERROR(expression)                                         \
  do {                                                                      \
    if (absl::Status status_ = (expression); !status_.ok()) return status_; \
  } while (false)
#define ASSIGN_OR_RETURN(target, expression)                                                      \
  auto KAKUNIN_CONCAT(result_, __LINE__) = (expression);                                          \
  if (!KAKUNIN_CONCAT(result_, __LINE__).ok()) return KAKUNIN_CONCAT(result_, __LINE__).status(); \
  target = *std::move(KAKUNIN_CONCAT(result_, __LINE__))
// NOLINTEND(bugprone-macro-parentheses)
