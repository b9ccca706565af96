#include "storage/postgres/housekeeping_store.h"

#include <algorithm>
#include <optional>
#include <pqxx/result>
#include <string>

#include "storage/postgres/answer_rows.h"
#include "storage/postgres/bulk_store.h"
#include "storage/postgres/database.h"
#include "storage/postgres/month_records.h"
#include "storage/postgres/notice_steps.h"
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

absl::StatusOr<int64_t> PostgresHousekeepingStore::DeleteBulkInquiry(Transaction& tx,
                                                                     absl::Time now) {
  return PostgresBulkStore().DeleteExpired(tx, now);
}

absl::StatusOr<int64_t> PostgresHousekeepingStore::DeleteReceptionLinks(Transaction& tx,
                                                                        absl::Time before,
                                                                        int limit) {
  return RunStatements([&]() -> absl::StatusOr<int64_t> {
    const pqxx::result gone = PostgresTransaction::Work(tx).exec_params(
        "WITH link AS (DELETE FROM kakunin.reception_link WHERE least(expires_at, revoked_at)"
        " < $1::timestamptz AND (facility_code, link_id) IN (SELECT facility_code, link_id"
        " FROM kakunin.reception_link WHERE least(expires_at, revoked_at) < $1::timestamptz"
        " ORDER BY least(expires_at, revoked_at) LIMIT $2) RETURNING token_hash),"
        " token AS (DELETE FROM kakunin.reception_token t USING link l"
        " WHERE t.token_hash = l.token_hash)"
        " SELECT count(*) FROM link",
        InstantText(before), limit);
    return gone[0][0].as<int64_t>();
  });
}

absl::StatusOr<int64_t> PostgresHousekeepingStore::DeleteSessions(Transaction& tx,
                                                                  absl::Time before, int limit) {
  return Delete(tx,
                "DELETE FROM kakunin.account_session WHERE token_hash IN (SELECT token_hash FROM"
                " kakunin.account_session WHERE ends_at < $1::timestamptz LIMIT $2)",
                InstantText(before), limit);
}

absl::StatusOr<int64_t> PostgresHousekeepingStore::DeleteInquiryCounts(Transaction& tx,
                                                                       int64_t hour) {
  return Delete(tx, "DELETE FROM kakunin.inquiry_count WHERE hour < $1", hour);
}

absl::StatusOr<RebuiltAnswers> PostgresHousekeepingStore::RebuildAnswers(Transaction& tx,
                                                                         const PersonId& after,
                                                                         int limit) {
  return kakunin::RebuildAnswers(tx, build_.answer, WhichFormats::kOlder, after, limit);
}

absl::StatusOr<RebuiltAnswers> PostgresHousekeepingStore::RebuildMonthRecords(Transaction& tx,
                                                                              const PersonId& after,
                                                                              int limit) {
  return kakunin::RebuildMonthRecords(tx, build_, WhichFormats::kOlder, after, limit);
}

absl::StatusOr<CopiedAccesses> PostgresHousekeepingStore::CopyFacilityAccesses(
    Transaction& tx, absl::Time now, absl::Duration overlap) {
  return RunStatements([&]() -> absl::StatusOr<CopiedAccesses> {
    pqxx::transaction_base& work = PostgresTransaction::Work(tx);
    const pqxx::result progress =
        work.exec("SELECT through FROM kakunin.facility_access_progress FOR UPDATE");
    std::optional<std::string> from;
    if (!progress.at(0)[0].is_null()) {
      // A clock that went back takes the copy back with it: what is there stays there.
      from = InstantText(std::min(InstantFromText(progress[0][0].c_str()), now) - overlap);
    }
    const pqxx::result copied =
        work.exec_params("SELECT kakunin.copy_facility_access($1::timestamptz, $2::timestamptz)",
                         from, InstantText(now));
    const absl::Time through = InstantFromText(copied.at(0)[0].c_str());
    work.exec_params("UPDATE kakunin.facility_access_progress SET through = $1::timestamptz",
                     InstantText(through));
    return CopiedAccesses{.through = through, .all = through >= now};
  });
}

absl::StatusOr<absl::Time> PostgresHousekeepingStore::SeeNoticeWork(Transaction& tx,
                                                                    absl::Time now) {
  return RunStatements([&]() -> absl::StatusOr<absl::Time> {
    return kakunin::SeeNoticeWork(PostgresTransaction::Work(tx), now);
  });
}

absl::StatusOr<NoticeStep> PostgresHousekeepingStore::FindNotices(
    Transaction& tx, absl::Time now, int limit, std::optional<NoticeWorkId>& taken) {
  return RunStatements(
      [&] { return StepOfNotices(PostgresTransaction::Work(tx), now, limit, taken); });
}

absl::Status PostgresHousekeepingStore::SetNoticeWorkBack(Transaction& tx, const NoticeWorkId& id,
                                                          absl::Time now) {
  return RunStatements([&] {
    PostgresTransaction::Work(tx).exec_params(
        "UPDATE kakunin.notice_work SET tried_at = $2::timestamptz WHERE work_id = $1::uuid",
        UuidText(id), InstantText(now));
    return absl::OkStatus();
  });
}

}  // namespace kakunin
