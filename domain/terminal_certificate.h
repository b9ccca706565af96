#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "domain/actor.h"
#include "domain/audit_record.h"
#include "domain/error.h"
#include "domain/person_id.h"

namespace kakunin {

// CertificateRequestState, CertificateRequestOrigin and SuspensionReason carry the API's numbers.
enum class CertificateRequestState { kSubmitted = 1, kApproved, kRefused, kDelivered };
enum class CertificateRequestOrigin { kCode = 1, kRenewal };
enum class SuspensionReason { kSuspicion = 1, kMislaid, kMaintenance, kFacilityRequest };

// kApprovedByPolicy stands where a person's name would: a renewal is approved by the certificate
// that it comes over.
inline constexpr std::string_view kApprovedByPolicy = "policy";

// CertificateRequest is a terminal's request for a certificate and what became of it.
struct CertificateRequest {
  CertificateRequestId id;
  CertificateRequestOrigin origin = CertificateRequestOrigin::kCode;
  std::string facility_code;
  std::string terminal_id;
  TerminalKind kind = TerminalKind::kDesk;
  std::string request_der;     // PKCS#10
  Digest32 key_fingerprint{};  // SHA-256 of its SubjectPublicKeyInfo
  absl::Time submitted;
  std::string code_issued_by;                   // empty of a renewal
  std::optional<Digest32> renewed_fingerprint;  // of a renewal: the certificate it came over
  CertificateRequestState state = CertificateRequestState::kSubmitted;
  std::optional<absl::Time> decided;
  std::string decided_by;
  std::optional<absl::Time> delivered;
  std::string delivered_by;
  std::string certificate_der;  // once it is delivered
  std::string issuer_der;       // likewise
  std::string label;            // where the terminal is used; may be empty
};

// WhyNotApproved tells why `by`, who read `key` from the facility, may not approve: the request is
// decided, he issued the code himself, or the key is another. Empty: he may.
std::optional<Reason> WhyNotApproved(const CertificateRequest& request, std::string_view by,
                                     const Digest32& key);
// WhyNotRefused: it was refused already, or its certificate is there.
std::optional<Reason> WhyNotRefused(const CertificateRequest& request);
// WhyNotDelivered: nobody approved it, or it is over.
std::optional<Reason> WhyNotDelivered(const CertificateRequest& request);

// From this long after its delivery on every server knows a certificate (they look four times a
// second, and a terminal must not be refused by one that has not looked yet).
inline constexpr absl::Duration kKnownEverywhereAfter = absl::Seconds(1);

// AsTold is a request as its terminal is told of it at `now`: one that was delivered is still
// APPROVED, without its certificate, until every server knows that.
CertificateRequest AsTold(CertificateRequest request, absl::Time now);

// The field's certificates count three years and three months (jpki.md 4.1).
inline constexpr int kLongestCertificateMonths = 39;
// How far a certificate's beginning may lie from the instant at which it is delivered: the
// authority signs on another machine, perhaps a day before. OUR choice.
inline constexpr absl::Duration kEarliestBeginning = absl::Hours(48);
inline constexpr absl::Duration kLatestBeginning = absl::Minutes(5);

// EndAfter is the first instant at which a certificate no longer counts that begins at `not_before`
// and counts `months` months, by the calendar of Japan.
absl::Time EndAfter(absl::Time not_before, int months);

// HasRightDates tells whether a certificate of [not_before, ends) may be delivered at `now`.
bool HasRightDates(absl::Time not_before, absl::Time ends, absl::Time now);

// The days before its end from which on a certificate is warned of, in steps (jpki.md 4.1), and
// from whose first on it may be renewed.
inline constexpr std::array kWarningDays = {90, 60, 30, 15, 7};
inline constexpr absl::Duration kWarnsBefore = absl::Hours(24 * kWarningDays.front());

// IsRenewable tells whether a certificate that ends at `ends` may be renewed at `now`.
inline bool IsRenewable(absl::Time ends, absl::Time now) { return now >= ends - kWarnsBefore; }

// How long a renewed certificate counts beside its successor, at most. OUR choice: a month to find
// out that the new one works on every machine that shares the terminal's identity.
inline constexpr absl::Duration kLongestOverlap = absl::Hours(24 * 30);

// OverlapEnd is the first instant at which a certificate that ends at `ends` no longer counts when
// its successor is delivered at `now`.
absl::Time OverlapEnd(absl::Time ends, absl::Time now);

// DaysLeft is how many whole days a certificate has that ends at `ends`; empty: so many that nobody
// is warned. Costs a comparison while that is so.
std::optional<int> DaysLeft(absl::Time ends, absl::Time now);

// CertificateEndSentence tells a clerk what to do about it, ja-JP: more urgent from step to step.
std::string CertificateEndSentence(int days_left);

}  // namespace kakunin
