#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "domain/identity_case.h"
#include "domain/person_repair.h"
#include "storage/database.h"
#include "storage/feed_store.h"
#include "storage/number_store.h"

namespace kakunin {

// RepairName is who proposed or decided a repair: an operator, and the name it gave of who there
// did.
struct RepairName {
  std::string actor;
  std::string name;
  absl::Time at;
};

// NamedRow is one row that the proposal of a split named; of a number also the key of its hash.
struct NamedRow {
  HeldKey key;
  std::string number_key_id;
};

// PersonRepair is one repair of who is who.
struct PersonRepair {
  RepairId id;
  RepairKind kind = RepairKind::kMerge;
  RepairState state = RepairState::kProposed;
  PersonId person;                     // who stays, who is split, whose number it is
  std::optional<PersonId> other;       // who is given up, to whom a split leads
  std::optional<RepairId> undoes;      // a split: the merge whose rows go back
  std::vector<NamedRow> named;         // a split
  bool only_named = false;             // a split: coverages that look alike stay
  std::optional<NumberChange> number;  // of kReplaceNumber
  std::optional<CaseId> case_id;       // that the proposal opened
  RepairName proposed;
  std::optional<RepairName> decided;  // applied or withdrawn
};

// RepairDone is what applying a repair came to.
struct RepairDone {
  absl::Time at;          // of the new knowledge: no earlier than the instant asked for
  int64_t exposures = 0;  // facilities and days that were shown the other's data
};

// PersonRepairStore keeps repairs and does to the truth and its copies what they say. Thread-safe.
// Every call may return a StoreError.
class PersonRepairStore {
 public:
  virtual ~PersonRepairStore() = default;

  // PersonOf tells whose an individual number is or was, or whom an insurer's own reference names;
  // empty: nobody's.
  virtual absl::StatusOr<std::optional<PersonId>> PersonOf(Transaction& tx,
                                                           const Digest32& number_hash) = 0;
  virtual absl::StatusOr<std::optional<PersonId>> PersonOf(Transaction& tx,
                                                           const std::string& insurer_number,
                                                           const std::string& reference) = 0;

  // Hold waits until nobody is changing what hangs on the persons, and holds everybody off until
  // the transaction ends: feeds, card links, changes of numbers and retention by locks, records on
  // their way out by the locks of consents.
  virtual absl::Status Hold(Transaction& tx, std::span<const PersonId> persons) = 0;
  // Held lists what hangs on the person at `at`: by kind, owner and name.
  virtual absl::StatusOr<std::vector<HeldRow>> Held(Transaction& tx, const PersonId& person,
                                                    absl::Time at) = 0;

  // Waiting tells whether a proposal about one of the persons waits to be decided.
  virtual absl::StatusOr<bool> Waiting(Transaction& tx, std::span<const PersonId> persons) = 0;
  // Propose keeps a proposal.
  virtual absl::Status Propose(Transaction& tx, const PersonRepair& repair) = 0;
  // Find returns a repair, locked against whoever else would decide it when `lock`; empty: none.
  virtual absl::StatusOr<std::optional<PersonRepair>> Find(Transaction& tx, const RepairId& id,
                                                           bool lock) = 0;
  // List returns the last `limit` proposed, the last first, those that wait alone when `waiting`.
  virtual absl::StatusOr<std::vector<PersonRepair>> List(Transaction& tx, bool waiting,
                                                         int limit) = 0;
  // Decide keeps state and `decided` of a locked repair.
  virtual absl::Status Decide(Transaction& tx, const PersonRepair& repair) = 0;

  // Apply does `moves` of a merge or split and makes every copy anew by `build`; the persons are
  // held. Nothing is overwritten that has a known period, and every move is kept.
  virtual absl::StatusOr<RepairDone> Apply(Transaction& tx, const PersonRepair& repair,
                                           std::span<const RowMove> moves, absl::Time at,
                                           const CopyBuilders& build) = 0;
  // Exposures counts the facilities and days that a split noted.
  virtual absl::StatusOr<int64_t> Exposures(Transaction& tx, const RepairId& id) = 0;
  // Moves lists what an applied repair did, in its order.
  virtual absl::StatusOr<std::vector<RowMove>> Moves(Transaction& tx, const RepairId& id) = 0;
};

}  // namespace kakunin
