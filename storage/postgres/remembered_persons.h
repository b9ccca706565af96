#pragma once

#include <cstdint>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "domain/person_id.h"
#include "storage/postgres/lane_connection.h"

namespace kakunin {

// kReadProtectedSql reads whose address nobody may be shown, as RememberedPersons takes it: what is
// newer than generation $1.
inline constexpr char kReadProtectedSql[] =
    "SELECT g.generation, p.person_id, coalesce(p.hide_address, false)"
    " FROM protection_generation g"
    " LEFT JOIN person_protection p ON p.generation > $1::int8";

// kMostRemembered bounds what one CatchUp reads, far below a lane's bound of a second: somebody's
// broken delivery may put a million persons into cases at once.
inline constexpr int kMostRemembered = 50'000;

// kReadInCasesSql reads whom an open case concerns: all of them whenever a case was opened or
// ended, one more than kMostRemembered at the most.
inline constexpr char kReadInCasesSql[] =
    "SELECT g.generation, c.person_id, NULL::boolean FROM identity_case_generation g"
    " LEFT JOIN identity_case_person c ON c.ended_at IS NULL WHERE $1::int8 >= 0 LIMIT 50001";
// kFindInCasesSql tells which of the persons $1 an open case concerns.
inline constexpr char kFindInCasesSql[] =
    "SELECT p.person_id FROM (SELECT unnest($1::uuid[]) AS person_id) p WHERE EXISTS"
    " (SELECT FROM identity_case_person c WHERE c.person_id = p.person_id AND c.ended_at IS NULL)";

// RememberedPersons is one lane's memory of a small set of persons: one in ten thousand is in it,
// so that asking a table about everybody costs more than remembering (16 octets each). It is never
// trusted by its age: the statement that reads answers reads the set's generation in the same
// snapshot, and CatchUp follows before any answer is made. Not thread-safe.
class RememberedPersons {
 public:
  // CatchUp reads what has changed unless this memory is of `generation`, as the last statement
  // read it. `statement` returns at least one row of generation, person and whether that one is in
  // the set now; the person is null when nothing has changed, the last column when the rows are the
  // whole set. A StoreError when it fails: then nothing may be shown.
  absl::Status CatchUp(int64_t generation, LaneConnection& connection,
                       const LaneStatement& statement, MonotonicTime deadline);

  // Overflows tells that the whole set is larger than kMostRemembered: the table must be asked.
  bool Overflows() const { return overflows_; }

  // Has tells whether a person is in the set; false for everybody while it Overflows().
  bool Has(const PersonId& person) const { return persons_.contains(person); }

 private:
  int64_t generation_ = -1;
  bool overflows_ = false;
  absl::flat_hash_set<PersonId> persons_;
};

}  // namespace kakunin
