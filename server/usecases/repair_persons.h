#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "auth/digest.h"
#include "domain/person_repair.h"
#include "server/usecases/administrative_write.h"
#include "storage/identity_case_store.h"
#include "storage/number_store.h"
#include "storage/person_repair_store.h"

namespace kakunin {

// CoverageName names a coverage by its insurer and the insurer's own reference.
struct CoverageName {
  std::string insurer_number;  // eight digits
  std::string reference;
};

// PersonSubject names a person by an individual number or by one of their coverages.
using PersonSubject = std::variant<IndividualNumberHash, CoverageName>;

// MergeWish: the second is the first, who stays.
struct MergeWish {
  PersonSubject stays;
  PersonSubject given_up;
};

// SplitWish: part of what the person holds is somebody else's. Who that is, a named number may tell
// that is another person's already; or the merge that is undone; else it is a new person.
struct SplitWish {
  PersonSubject person;
  std::vector<NamedRow> named;
  std::optional<RepairId> undoes;
  bool only_named = false;
};

using RepairWish = std::variant<MergeWish, SplitWish, NumberChange>;

// RepairStores is what repairs stand on; the references outlive the calls.
struct RepairStores {
  PersonRepairStore& repairs;
  IdentityCaseStore& cases;
  NumberStore& numbers;
  CopyBuilders build;
  const auth::HmacKey& audit_key;
};

// RepairTold is a repair with what it does, or did, to each row.
struct RepairTold {
  PersonRepair repair;
  std::vector<RowMove> moves;
  std::vector<HeldRow> stays;  // of a split that was not decided: what the person keeps
  int64_t exposures = 0;       // of a split: facilities and days that were shown the other's data
};

// ProposeRepair keeps what the caller's operator wishes, in the name of who there decided, and
// opens a case about the persons: until it is decided their records are withheld. With `look_only`
// it tells what would move and keeps nothing. Everything within `tx`, and named in the audit row by
// pseudonyms. Returns PERSON_NOT_FOUND, REPAIR_ONE_PERSON, REPAIR_TWO_PERSONS, REPAIR_PENDING,
// REPAIR_NOT_FOUND (what is to be undone is no applied merge of this person), REPAIR_ROW_NOT_HELD,
// or a StoreError. A split that names nothing may be looked at: it tells what the person holds.
absl::StatusOr<RepairTold> ProposeRepair(Transaction& tx, AuditRecord& record,
                                         const RepairStores& stores, const RepairWish& wish,
                                         const std::string& proposed_by, bool look_only);

// ApproveRepair applies a proposal of another operator, as things stand now, and closes its case.
// With `look_only` it tells what would move. Returns REPAIR_NOT_FOUND, REPAIR_DECIDED,
// REPAIR_SAME_OPERATOR, REPAIR_TWO_PERSONS, REPAIR_NUMBER_REPLACED, REPAIR_ROW_NOT_HELD (it is not
// the person's any more), or a StoreError.
absl::StatusOr<RepairTold> ApproveRepair(Transaction& tx, AuditRecord& record,
                                         const RepairStores& stores, const RepairId& id,
                                         const std::string& approved_by, bool look_only);

// WithdrawRepair gives a proposal up, by any operator, and closes its case. Returns
// REPAIR_NOT_FOUND, REPAIR_DECIDED, or a StoreError.
absl::StatusOr<RepairTold> WithdrawRepair(Transaction& tx, AuditRecord& record,
                                          const RepairStores& stores, const RepairId& id,
                                          const std::string& withdrawn_by, bool look_only);

// ShowRepair tells a repair with what it did, or would do now. Returns REPAIR_NOT_FOUND or a
// StoreError.
absl::StatusOr<RepairTold> ShowRepair(Transaction& tx, AuditRecord& record,
                                      const RepairStores& stores, const RepairId& id);

}  // namespace kakunin
