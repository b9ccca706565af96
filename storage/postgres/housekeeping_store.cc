#include "storage/postgres/housekeeping_store.h"

#include <pqxx/result>

#include "storage/postgres/answer_rows.h"
#include "storage/postgres/database.h"
#include "storage/postgres/statement_failure.h"
#include "storage/postgres/text_value.h"

namespace kakunin {
namespace {

template <class... Parameters>
absl::StatusOr<int64_t> Delete(Transaction& tx, const char* sql, const Parameters&... parameters) {
  return RunStatements([&]() -> absl::StatusOr<int64_t> {
    return PostgresTransaction::Work(tx).exec_params(sql, parameters...).affected_rows();
  });
}

}  // namespace

absl::StatusOr<int64_t> PostgresHousekeepingStore::DeleteChallenges(Transaction& tx,
                                                                    absl::Time before, int limit) {
  return Delete(tx,
                "DELETE FROM kakunin.challenge WHERE challenge_id IN"
                " (SELECT challenge_id FROM kakunin.challenge WHERE expires_at < $1 LIMIT $2)",
                InstantText(before), limit);
}

absl::StatusOr<int64_t> PostgresHousekeepingStore::DeleteRequestOutcomes(Transaction& tx,
                                                                         absl::Time before,
                                                                         int limit) {
  // A committed key without an outcome locks nobody out and is of no use.
  return Delete(tx,
                "DELETE FROM kakunin.request_outcome WHERE (actor, operation, request_id) IN"
                " (SELECT actor, operation, request_id FROM kakunin.request_outcome"
                " WHERE at < $1 OR at IS NULL LIMIT $2)",
                InstantText(before), limit);
}

absl::StatusOr<int64_t> PostgresHousekeepingStore::DeleteInquiryCounts(Transaction& tx,
                                                                       int64_t hour) {
  return Delete(tx, "DELETE FROM kakunin.inquiry_count WHERE hour < $1", hour);
}

absl::StatusOr<RebuiltAnswers> PostgresHousekeepingStore::RebuildAnswers(Transaction& tx,
                                                                         const PersonId& after,
                                                                         int limit) {
  return kakunin::RebuildAnswers(tx, build_, WhichFormats::kOlder, after, limit);
}

}  // namespace kakunin
