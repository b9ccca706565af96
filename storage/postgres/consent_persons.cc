#include "storage/postgres/consent_persons.h"

#include <pqxx/result>

#include "storage/postgres/database.h"
#include "storage/postgres/statement_failure.h"

namespace kakunin {

absl::StatusOr<int64_t> CountConsentsOfOthers(Transaction& tx) {
  return RunStatements([&]() -> absl::StatusOr<int64_t> {
    // A card whose link an undo has removed is nobody's.
    return PostgresTransaction::Work(tx)
        .exec1(
            "SELECT count(*) FROM kakunin.consent_act a JOIN kakunin.card_link l"
            " ON l.issuer_key_id = a.issuer_key_id AND l.serial = a.serial"
            " WHERE l.person_id <> a.person_id")[0]
        .as<int64_t>();
  });
}

}  // namespace kakunin
