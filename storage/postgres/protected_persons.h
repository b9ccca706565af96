#pragma once

#include <cstdint>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "domain/person_id.h"
#include "storage/postgres/lane_connection.h"

namespace kakunin {

// kReadProtectedSql reads the rows of person_protection that are newer than generation $1, with the
// generation they are of; at least one row, whose person is null when nothing is newer.
inline constexpr char kReadProtectedSql[] =
    "SELECT g.generation, p.person_id, p.hide_address FROM protection_generation g"
    " LEFT JOIN person_protection p ON p.generation > $1::int8";

// ProtectedPersons is one lane's memory of whose address nobody may be shown. A few in ten thousand
// are, so that asking the table about everybody costs more than remembering them (16 octets each).
// It is never trusted by its age: the statement that reads answers reads the table's generation in
// the same snapshot, and CatchUp follows before any answer is made. Not thread-safe.
class ProtectedPersons {
 public:
  // CatchUp reads what has changed unless this memory is of `generation`, as the last statement
  // read it; `statement` is kReadProtectedSql, prepared. A StoreError when it fails: then nothing may
  // be shown.
  absl::Status CatchUp(int64_t generation, LaneConnection& connection,
                       const LaneStatement& statement, MonotonicTime deadline);

  bool HidesAddress(const PersonId& person) const { return hidden_.contains(person); }

 private:
  int64_t generation_ = 0;
  absl::flat_hash_set<PersonId> hidden_;
};

}  // namespace kakunin
