#pragma once

#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "domain/audit_record.h"
#include "domain/consent.h"
#include "domain/person_id.h"

namespace kakunin {

// RepairId names one repair of who is who.
using RepairId = Id128<struct RepairTag>;

// RepairKind is what was found. Numbers of operations_service.proto, as of the enumerations below.
enum class RepairKind {
  kMerge = 1,      // two persons are one
  kSplit,          // one person is two
  kReplaceNumber,  // an individual number was replaced by another
};

// RepairState is where a repair stands. It is decided once.
enum class RepairState { kProposed = 1, kApplied, kWithdrawn };

// HeldKind is what hangs on a person.
enum class HeldKind {
  kNumber = 1,
  kCoverage,
  kCard,
  kConsent,
  kConsentEnd,
  kReceipt,
  kHealthCheck,
  kReferenceNumber,
};

// HeldKey names one row that hangs on a person: `owner` and `name` are the hash of an individual
// number and nothing; the party's number and its own reference of a coverage or record; issuer's
// key id and serial of a card; stream and number (in text) of the audit row of a consent or its
// end; the facility and its own number of a person.
struct HeldKey {
  HeldKind kind = HeldKind::kNumber;
  std::string owner;
  std::string name;

  friend auto operator<=>(const HeldKey&, const HeldKey&) = default;
};

// ConsentKey names a consent, or the end of one, by its audit row.
HeldKey ConsentKey(HeldKind kind, const AuditId& id);

// HeldRow is one row that hangs on a person, with what planning must know of it and nothing of what
// it says. Only current knowledge hangs on anybody: closed rows stay where they were true.
struct HeldRow {
  HeldKey key;
  absl::CivilMonth month;  // of a record
  int identity = 0;  // coverages whose birth date, sex and kana are alike have the same; 0: none
  absl::Time at;     // of a consent and of an end; of a reference number: when it was set
  // Of a consent and of an end:
  AuditId audit_id;
  std::string facility_code;
  FormOfCare form_of_care = FormOfCare::kOutpatient;
  std::optional<absl::CivilDay> appointment_day;  // an end: empty is every booking
  int kinds = 0;              // ConsentKindBits: of what was agreed to, or ended
  bool running = false;       // a consent: its window is still open
  std::string issuer_key_id;  // a consent: the card it was given with; empty: orally
  std::string serial;
};

// MoveEffect is what a repair does to a row.
enum class MoveEffect {
  kMove = 1,  // it is the other person's from now on
  kCopy,      // it counts for both
  kEnd,       // nobody can tell whose it is: a consent ends and stays, a reference number goes
  kAdd,       // an individual number that nobody had
};

// RowMove is one row and what is done to it.
struct RowMove {
  HeldRow row;
  MoveEffect effect = MoveEffect::kMove;
};

// SplitChoice says what belongs to the other person of a split.
struct SplitChoice {
  std::vector<HeldKey> named;  // numbers, coverages, cards, records; each must be held
  // Rows that an earlier merge had brought: those that are still held go, consents too.
  std::vector<HeldKey> merged;
  // When that merge was applied: a reference number that was set before is the person's own.
  absl::Time merged_at = absl::InfinitePast();
  bool only_named = false;  // coverages that look alike stay
};

// PlanMerge lists what a merge does to everything that `held` of the person who is given up: all of
// it goes to the one who stays. Ends of consents stay with both: an end only ever takes away.
std::vector<RowMove> PlanMerge(std::span<const HeldRow> held);

// PlanSplit lists what a split does to what the person holds; what it does not list stays.
//
// A coverage goes that was named, or whose birth date, sex and kana are those of one that was
// named. A consent goes with the card it was given with, or back where a merge took it from; its
// ends go along as copies. One that was given orally, or with a card that is nobody's, is ended
// while it runs: nobody can tell who gave it. So neither person's records are open where only the
// other had agreed. A reference number goes back where a merge took it from and stays where it was
// before that merge; every other one ends: it would open somebody else's file. Returns
// REPAIR_ROW_NOT_HELD when something named is not held, or nothing would go.
absl::StatusOr<std::vector<RowMove>> PlanSplit(std::span<const HeldRow> held,
                                               const SplitChoice& choice);

}  // namespace kakunin
