#include "storage/postgres/request_store.h"

#include <pqxx/result>

#include "storage/postgres/database.h"
#include "storage/postgres/statement_failure.h"
#include "storage/postgres/text_value.h"

namespace kakunin {

absl::StatusOr<std::optional<RequestOutcome>> PostgresRequestStore::Find(Transaction& tx,
                                                                         const std::string& actor,
                                                                         int operation,
                                                                         const RequestId& id) {
  return RunStatements([&]() -> absl::StatusOr<std::optional<RequestOutcome>> {
    // The empty row takes the key's lock; the idle update takes that of a row which is there.
    const pqxx::row row =
        PostgresTransaction::Work(tx)
            .exec_params(
                "INSERT INTO kakunin.request_outcome AS o (actor, operation, request_id)"
                " VALUES ($1, $2, $3) ON CONFLICT (actor, operation, request_id)"
                " DO UPDATE SET actor = o.actor RETURNING body_digest, response",
                actor, operation, UuidText(id))
            .front();
    if (row[0].is_null()) return std::nullopt;
    return RequestOutcome{.body_digest = DigestFromText<32>(row[0].c_str()),
                          .response = ByteaFromText(row[1].c_str())};
  });
}

absl::Status PostgresRequestStore::Put(Transaction& tx, const std::string& actor, int operation,
                                       const RequestId& id, const RequestOutcome& outcome,
                                       absl::Time at) {
  return RunStatements([&] {
    PostgresTransaction::Work(tx).exec_params(
        "INSERT INTO kakunin.request_outcome (actor, operation, request_id, body_digest, response,"
        " at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (actor, operation, request_id)"
        " DO UPDATE SET body_digest = excluded.body_digest, response = excluded.response,"
        " at = excluded.at",
        actor, operation, UuidText(id), ByteaText(outcome.body_digest), ByteaText(outcome.response),
        InstantText(at));
    return absl::OkStatus();
  });
}

}  // namespace kakunin
