#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "domain/actor.h"
#include "domain/audit_record.h"
#include "domain/coverage.h"
#include "domain/person_id.h"
#include "domain/reception_link.h"

namespace kakunin {

enum class ConsentKind {
  kDrug = 1,
  kTreatment,
  kSurgery,
  kHealthCheck,
  kLimitCertificate,
  kSpecificDiseaseCertificate
};
inline constexpr int kConsentKinds = 6;
// ConsentKindBit is `kind` in a set of kinds: bit 0 is ConsentKind 1. The form in the database.
constexpr int ConsentKindBit(ConsentKind kind) { return 1 << (static_cast<int>(kind) - 1); }
inline constexpr int kAllConsentKinds = (1 << kConsentKinds) - 1;
enum class Decision { kAgreed = 1, kDeclined, kNotAsked };

// ConsentDecisions is what one act of a patient says: a decision about every kind.
class ConsentDecisions {
 public:
  // Nothing was asked.
  ConsentDecisions() { decisions_.fill(Decision::kNotAsked); }

  Decision Of(ConsentKind kind) const { return decisions_[IndexOf(kind)]; }
  void Set(ConsentKind kind, Decision decision) { decisions_[IndexOf(kind)] = decision; }
  bool Agreed(ConsentKind kind) const { return Of(kind) == Decision::kAgreed; }
  bool operator==(const ConsentDecisions&) const = default;
  // Kinds with `decision` as a set of bits: bit 0 is ConsentKind 1. The form in the database.
  int Bits(Decision decision) const;
  // WithoutAgreed takes every agreement for not asked.
  ConsentDecisions WithoutAgreed() const;

 private:
  static size_t IndexOf(ConsentKind kind) { return static_cast<size_t>(kind) - 1; }

  std::array<Decision, kConsentKinds> decisions_;
};

// DecisionsTakenAt is what of `given` a terminal of `kind` takes. A restricted one confirms
// eligibility only (seed 004; domain.md 3): what is agreed to there opens nothing, anywhere. What
// is declined there counts, for it can only close.
ConsentDecisions DecisionsTakenAt(TerminalKind kind, const ConsentDecisions& given);

// ConsentMethod is how the patient said it. kCardInGrace: an expired card in its grace, whose acts
// count for what they decline alone, and are kept so that a missing consent can be explained.
enum class ConsentMethod { kCard = 1, kOral, kCardInGrace };

// ConsentAct is what a patient decided at one facility at one moment, kind by kind; acts are
// appended, never changed.
struct ConsentAct {
  PersonId person;
  std::string facility_code;
  FormOfCare form_of_care = FormOfCare::kOutpatient;
  std::optional<absl::CivilDay> appointment_day;  // online care: which booking it is for
  ConsentDecisions decisions;
  ConsentMethod method = ConsentMethod::kCard;
  absl::Time begin;
  absl::Time end;             // of what was agreed; InfiniteFuture: until ended
  std::string issuer_key_id;  // of the certificate it was given with; empty when oral
  std::string serial;
  // auth::PartitionId: where it is looked up again; empty: oral, or stored before it was kept.
  std::optional<uint64_t> crl_partition;
  std::optional<absl::Time> certificate_not_after;  // the last second of its validity
  LinkId link;  // of the reception at home by which it came; all zero: none
  AuditId audit_id;
};

// ConsentEndReason is why a consent ended before its time (OQSCD031; its 0, normal expiry, is no
// act and is never stored).
enum class ConsentEndReason { kRevokedByFacility = 1, kRevokedByPatient = 2, kChangeOfUse = 3 };

// ConsentEnd ends running consents of one person at one facility for one form of care; appended,
// never changed. It touches only what had begun by then: a later act opens anew.
struct ConsentEnd {
  PersonId person;
  std::string facility_code;
  FormOfCare form_of_care = FormOfCare::kOutpatient;
  std::optional<absl::CivilDay> appointment_day;  // online care: one booking; empty: every one
  // ConsentKindBits; 0: nothing ran, and the row only remembers the request.
  int kinds = kAllConsentKinds;
  ConsentEndReason reason = ConsentEndReason::kRevokedByFacility;
  absl::Time at;
  AuditId audit_id;
  RequestId request_id;            // of who ended them; all zero: none was given
  PersonPseudonym request_digest;  // keyed digest of that request's octets
};

// ConsentWindow is half-open: shown from `begin` on, no longer at `end`.
struct ConsentWindow {
  absl::Time begin;
  absl::Time end;
};

// ConsentEndRule is what a window's end is reckoned from.
enum class ConsentEndRule {
  kHours24,              // 24 hours to the second
  kEndOfAppointmentDay,  // midnight JST after the appointment day
  kUntilEnded,           // while the relation lasts: by an act alone
};

// ConsentLength is one row of the dated table of window lengths; it holds for consents given in
// [from, to).
struct ConsentLength {
  FormOfCare form_of_care;
  absl::Time from;
  absl::Time to;
  ConsentEndRule rule;
  std::string_view source;
};

// AllConsentLengths is the whole table. Emergency care has no row: it opens no window.
std::span<const ConsentLength> AllConsentLengths();

// ConsentWindowFor is the window that a consent given at `given` opens, by the table. Empty: no row
// holds (emergency care; a form of care before its start), or online care without an appointment
// day or with one that is over.
std::optional<ConsentWindow> ConsentWindowFor(FormOfCare form, absl::Time given,
                                              std::optional<absl::CivilDay> appointment_day);

}  // namespace kakunin
