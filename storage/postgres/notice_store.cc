#include "storage/postgres/notice_store.h"

#include <pqxx/result>
#include <set>

#include "storage/postgres/database.h"
#include "storage/postgres/statement_failure.h"
#include "storage/postgres/text_value.h"

namespace kakunin {
namespace {

// The second half is said in words that the index of unread ones knows.
constexpr char kList[] =
    "SELECT number, found_at, kind, person_id::text, day, asked_at, stream::text, audit_number,"
    " validity_before, validity_after, parts, acknowledged_at, acknowledged_terminal,"
    " acknowledged_by, no_match IS TRUE FROM kakunin.notice WHERE facility_code = $1 AND number > "
    "$2";
constexpr char kUnread[] = " AND acknowledged_at IS NULL";
constexpr char kInOrder[] = " ORDER BY number LIMIT $3";

constexpr char kAcknowledge[] =
    "UPDATE kakunin.notice SET acknowledged_at = $3::timestamptz, acknowledged_terminal = $4,"
    " acknowledged_by = $5 WHERE facility_code = $1 AND number = ANY ($2::bigint[])"
    " AND acknowledged_at IS NULL RETURNING number";
constexpr char kThere[] =
    "SELECT number FROM kakunin.notice WHERE facility_code = $1 AND number = ANY ($2::bigint[])";

std::string NumbersText(std::span<const int64_t> numbers) {
  std::string text = "{";
  for (const int64_t number : numbers) {
    if (text.size() > 1) text += ',';
    text += std::to_string(number);
  }
  return text + "}";
}

StoredNotice NoticeFrom(const pqxx::row& row) {
  StoredNotice notice{.number = row[0].as<int64_t>(),
                      .found = InstantFromText(row[1].c_str()),
                      .kind = static_cast<NoticeKind>(row[2].as<int>()),
                      .person = UuidFromText<PersonId>(row[3].c_str()),
                      .day = DayFromText(row[4].c_str()),
                      .asked_at = InstantFromText(row[5].c_str())};
  if (!row[6].is_null()) {
    notice.confirmation = AuditId{UuidFromText<StreamId>(row[6].c_str()), row[7].as<int64_t>()};
    notice.change.before = static_cast<Validity>(row[8].as<int>());
    notice.change.after = static_cast<Validity>(row[9].as<int>());
  }
  notice.change.parts = NoticeParts(row[10].as<int>());
  if (!row[11].is_null()) {
    notice.acknowledged = NoticeAcknowledgement{.at = InstantFromText(row[11].c_str()),
                                                .terminal_id = row[12].c_str(),
                                                .user = row[13].c_str()};
  }
  notice.no_match = row[14].as<bool>();
  return notice;
}

}  // namespace

absl::StatusOr<std::vector<StoredNotice>> PostgresNoticeStore::List(Transaction& tx,
                                                                    std::string_view facility_code,
                                                                    const NoticeRange& range) {
  return RunStatements([&]() -> absl::StatusOr<std::vector<StoredNotice>> {
    const std::string sql =
        std::string(kList) + (range.with_acknowledged ? "" : kUnread) + kInOrder;
    std::vector<StoredNotice> notices;
    for (const auto& row : PostgresTransaction::Work(tx).exec_params(
             sql, std::string(facility_code), range.after, range.limit)) {
      notices.push_back(NoticeFrom(row));
    }
    return notices;
  });
}

absl::StatusOr<AcknowledgedNotices> PostgresNoticeStore::Acknowledge(
    Transaction& tx, std::string_view facility_code, std::span<const int64_t> numbers,
    const NoticeAcknowledgement& by) {
  return RunStatements([&]() -> absl::StatusOr<AcknowledgedNotices> {
    pqxx::transaction_base& work = PostgresTransaction::Work(tx);
    const std::string facility(facility_code);
    const std::string list = NumbersText(numbers);
    AcknowledgedNotices done;
    done.now = static_cast<int>(
        work.exec_params(kAcknowledge, facility, list, InstantText(by.at), by.terminal_id, by.user)
            .size());
    std::set<int64_t> there;
    for (const auto& row : work.exec_params(kThere, facility, list)) {
      there.insert(row[0].as<int64_t>());
    }
    done.before = static_cast<int>(there.size()) - done.now;
    for (const int64_t number : std::set<int64_t>(numbers.begin(), numbers.end())) {
      if (!there.contains(number)) done.unknown.push_back(number);
    }
    return done;
  });
}

absl::StatusOr<std::map<std::string, int64_t>> PostgresNoticeStore::LastNumbers(
    Transaction& tx, std::span<const std::string> facility_codes) {
  return RunStatements([&]() -> absl::StatusOr<std::map<std::string, int64_t>> {
    std::map<std::string, int64_t> last;
    for (const auto& row : PostgresTransaction::Work(tx).exec_params(
             "SELECT facility_code, last FROM kakunin.notice_counter"
             " WHERE facility_code = ANY ($1::text[])",
             TextArray(facility_codes))) {
      last.emplace(row[0].c_str(), row[1].as<int64_t>());
    }
    return last;
  });
}

}  // namespace kakunin
