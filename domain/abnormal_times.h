#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "domain/actor.h"
#include "domain/person_id.h"
#include "domain/record_kind.h"
#include "domain/situation.h"

namespace kakunin {

// kDisasterViewLife and kEmergencyViewLife are how long a view stays open that somebody was asked
// about for. OUR choice, no source gives one: a consultation, and an emergency's first hours.
inline constexpr absl::Duration kDisasterViewLife = absl::Hours(1);
inline constexpr absl::Duration kEmergencyViewLife = absl::Hours(6);
// kEmergencyCardLife is how long after the card act in an emergency a view may be opened. OUR
// choice.
inline constexpr absl::Duration kEmergencyCardLife = absl::Minutes(30);
// kLongestPolicy bounds a disaster's or a failure's policy; longer ones are extended. The ministry
// names seven days as a rule (domain.md 4); the bound is OURS.
inline constexpr absl::Duration kLongestPolicy = absl::Hours(24 * 31);

// AbnormalTimesPolicy is one act by which abnormal times hold for some facilities for some time. It
// is proposed by one operator and approved by one of another body; nothing of it is changed but who
// approved it and when it was ended early.
struct AbnormalTimesPolicy {
  PolicyId id;
  Situation situation = Situation::kDisaster;  // never kNormal
  // The ministry's order; of a failure or a right what the operators call it by.
  std::string order_number;
  std::optional<absl::CivilDay> order_day;
  // Where: facilities of these municipalities (JIS X 0401 and 0402, five digits), and these
  // facilities. Sorted, without repetitions.
  std::vector<std::string> municipalities;
  std::vector<std::string> facilities;
  absl::Time from;         // first instant at which it is in force
  absl::Time to;           // first instant at which it is not; InfiniteFuture for a right alone
  uint32_t kinds = 0;      // of records, bits as KindBit
  bool rehearsal = false;  // answers the published test persons only
  PolicyId extends;        // all zero: none
  std::string note;        // why, in the proposer's words
  std::string proposed_by;
  std::string proposed_body;
  absl::Time proposed_at;
  std::string approved_by;  // empty: not yet
  std::string approved_body;
  std::optional<absl::Time> approved_at;
  std::string ended_by;
  std::optional<absl::Time> ended_at;
};

// KindBit is a kind's bit in AbnormalTimesPolicy::kinds.
constexpr uint32_t KindBit(RecordKind kind) { return 1u << (static_cast<unsigned>(kind) - 1); }

// MayBeOpened tells whether abnormal times may open records of this kind at all. Certificates stay
// closed: nobody is treated by them.
constexpr bool MayBeOpened(RecordKind kind) {
  return kind == RecordKind::kDrug || kind == RecordKind::kTreatment ||
         kind == RecordKind::kSurgery || kind == RecordKind::kHealthCheck;
}

// Concerns tells whether the policy names the terminal's facility, by its code or its municipality.
// A municipality counts that was said before the policy was proposed: who approved it saw whom it
// reached, and one operator alone puts no other facility under it. An empty one is in none.
bool Concerns(const AbnormalTimesPolicy& policy, const Terminal& terminal);

// IsInForce tells whether an approved policy holds at `at`: in [from, to), and not ended before.
bool IsInForce(const AbnormalTimesPolicy& policy, absl::Time at);

// Opens tells whether the policy opens this kind of data. Eligibility every one does.
bool Opens(const AbnormalTimesPolicy& policy, RecordKind kind);

// CanonicalOctets is what a policy is signed over: every field with its length, in declaration
// order, behind a format octet.
std::string CanonicalOctets(const AbnormalTimesPolicy& policy);

// AbnormalTimes is what is known of abnormal times at one generation of the registry. Immutable.
struct AbnormalTimes {
  // Approved, and signed by this installation. Real ones before rehearsals.
  std::vector<AbnormalTimesPolicy> policies;
  SeesOnly test_persons;  // whom a rehearsal sees; never null
};

// PolicyInForce is the policy on which a call of `terminal` rests at `at`: the one named, or any
// that is in force for its facility, in this situation, for this kind of data; null: none is.
const AbnormalTimesPolicy* PolicyInForce(const Terminal& terminal, Situation situation,
                                         RecordKind kind, absl::Time at,
                                         const std::optional<PolicyId>& named = std::nullopt);

// ViewEnd is when a view that is opened at `at` closes: its life, and never beyond the policy.
absl::Time ViewEnd(const AbnormalTimesPolicy& policy, absl::Time at);

// EmergencyScope is what the handle of a card act in an emergency is sealed for: it opens a view,
// and is no patient handle to anything else.
std::string EmergencyScope(std::string_view facility_code);

// OralConsent is what the patient, or the family, said of a view.
enum class OralConsent { kGiven = 1, kNotObtained };

// NoConsentReason is why nobody could be asked.
enum class NoConsentReason {
  kUnconscious = 1,    // 意識がない
  kCannotCommunicate,  // 意思の疎通ができない
  kFamilyAbsent,       // 家族などがいない
  kMinor,              // 判断できる年齢でない
};

// AbnormalView is one use of a policy as it is kept: who asked, and what they stated.
struct AbnormalView {
  ViewId id;
  PolicyId policy;
  absl::Time at;
  absl::Time end;  // first instant at which it opens nothing; `at` when nobody was found
  std::string facility_code;
  std::string terminal_id;
  std::string user;
  int role = 0;
  int operation = 0;
  std::optional<OralConsent> consent;         // empty: none was needed, nothing was opened
  std::optional<NoConsentReason> no_consent;  // exactly with kNotObtained
  int persons_found = 0;                      // 2: several
  std::optional<PersonPseudonym> person;      // as the audit names them
  int64_t audit_number = 0;
  std::string reason;  // of a look at records: why it was refused; empty: shown
};

}  // namespace kakunin
