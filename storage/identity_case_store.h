#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "domain/actor.h"
#include "domain/identity_case.h"
#include "domain/person_id.h"
#include "storage/database.h"
#include "storage/feed_store.h"

namespace kakunin {

// CaseRow is the row of a delivery from which a case came.
struct CaseRow {
  std::string insurer_number;
  std::string reference;  // the insurer's own name of it
  FeedId feed;
  int64_t chunk = 0;
  int32_t row_index = 0;
};

// CaseEnd is who ended a case and when.
struct CaseEnd {
  absl::Time at;
  ActorKind actor_kind = ActorKind::kOperator;
  std::string actor;
  std::string decided_by;  // who there decided, by the actor's own name
};

// IdentityCase is one suspicion that somebody is taken for somebody else.
struct IdentityCase {
  CaseId id;
  IdentityCaseKind kind = IdentityCaseKind::kRowDisagrees;
  std::string reason;  // UPPER_SNAKE
  int fields = 0;      // IdentityFields that disagree, a bit each; 0: none was compared
  std::optional<CaseRow> row;
  absl::Time opened;
  ActorKind opened_by_kind = ActorKind::kOperator;
  std::string opened_by;
  IdentityCaseState state = IdentityCaseState::kOpen;
  std::optional<CaseEnd> end;     // of every case but an open one
  std::vector<PersonId> persons;  // whose records it withholds while it is open
};

// CasesWanted says which cases a list tells.
struct CasesWanted {
  std::string insurer_number;  // empty: everybody's
  bool open_only = true;
  absl::Time opened_through = absl::InfiniteFuture();  // none that was opened later
  // After the case opened at `after` under the id `after_id`.
  absl::Time after = absl::InfinitePast();
  CaseId after_id;
};

// PersonsInCases are all persons whom an open case concerns.
struct PersonsInCases {
  int64_t generation = 0;
  std::vector<PersonId> persons;  // sorted, each once
};

// IdentityCaseStore keeps cases. Thread-safe.
class IdentityCaseStore {
 public:
  virtual ~IdentityCaseStore() = default;
  // Open keeps new cases; their `end` is not looked at. StoreError.
  virtual absl::Status Open(Transaction& tx, std::span<const IdentityCase> cases) = 0;
  // Find returns a case, locked against whoever else would end it when `lock`; empty: none.
  virtual absl::StatusOr<std::optional<IdentityCase>> Find(Transaction& tx, const CaseId& id,
                                                           bool lock) = 0;
  // List returns `limit` cases, the first opened first.
  virtual absl::StatusOr<std::vector<IdentityCase>> List(Transaction& tx, const CasesWanted& wanted,
                                                         int limit) = 0;
  // CountOpen tells for each instant how many open cases were opened at it or before.
  virtual absl::StatusOr<std::vector<int64_t>> CountOpen(Transaction& tx,
                                                         std::span<const absl::Time> instants) = 0;
  // End ends an open case as `state`, which is not kOpen; the case must be locked. StoreError.
  virtual absl::Status End(Transaction& tx, const CaseId& id, IdentityCaseState state,
                           const CaseEnd& end) = 0;
  // Release makes the row of an open case visible as it came, with those of the same delivery that
  // are hidden beside it, ends all their cases and returns how many; the case must be locked.
  // PERSON_CONFLICT when the reference names somebody else by now; StoreError.
  virtual absl::StatusOr<int64_t> Release(Transaction& tx, const IdentityCase& released,
                                          const CaseEnd& end, const CopyBuilders& build) = 0;
  // Generation changes with every change of the persons whom open cases concern.
  virtual absl::StatusOr<int64_t> Generation(Transaction& tx) = 0;
  // Persons returns them all, with the generation as of which they are.
  virtual absl::StatusOr<PersonsInCases> Persons(Transaction& tx) = 0;
};

}  // namespace kakunin
