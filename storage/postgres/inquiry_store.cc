#include "storage/postgres/inquiry_store.h"

#include <pqxx/result>

#include "storage/postgres/database.h"
#include "storage/postgres/statement_failure.h"
#include "storage/postgres/text_value.h"

namespace kakunin {

absl::Status PostgresInquiryStore::Put(Transaction& tx, const StreamId& writer,
                                       const std::vector<InquiryCount>& counts) {
  std::vector<std::string> facilities;
  std::vector<std::string> terminals;
  std::vector<std::string> hours;
  std::vector<std::string> no_matches;
  std::vector<std::string> persons;
  for (const InquiryCount& count : counts) {
    facilities.push_back(count.facility_code);
    terminals.push_back(count.terminal_id);
    hours.push_back(std::to_string(count.hour));
    no_matches.push_back(std::to_string(count.no_match));
    persons.push_back(std::to_string(count.persons));
  }
  return RunStatements([&] {
    // Ordered, so that two servers lock common keys in one order.
    PostgresTransaction::Work(tx).exec_params(
        "INSERT INTO kakunin.inquiry_count"
        " (facility_code, terminal_id, hour, writer, no_match, persons)"
        " SELECT f, t, h, $1::uuid, n, p"
        " FROM unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[])"
        "  AS c (f, t, h, n, p) ORDER BY f, t, h"
        " ON CONFLICT (facility_code, terminal_id, hour, writer)"
        " DO UPDATE SET no_match = excluded.no_match, persons = excluded.persons",
        UuidText(writer), TextArray(facilities), TextArray(terminals), TextArray(hours),
        TextArray(no_matches), TextArray(persons));
    return absl::OkStatus();
  });
}

absl::StatusOr<std::vector<InquiryCount>> PostgresInquiryStore::OfOthers(Transaction& tx,
                                                                         const StreamId& writer,
                                                                         int64_t hour) {
  return RunStatements([&]() -> absl::StatusOr<std::vector<InquiryCount>> {
    std::vector<InquiryCount> counts;
    const pqxx::result rows = PostgresTransaction::Work(tx).exec_params(
        "SELECT facility_code, terminal_id, sum(no_match)::bigint, sum(persons)::bigint"
        " FROM kakunin.inquiry_count WHERE hour = $1 AND writer <> $2::uuid"
        " GROUP BY facility_code, terminal_id ORDER BY facility_code, terminal_id",
        hour, UuidText(writer));
    for (const auto& row : rows) {
      counts.push_back({.facility_code = row[0].c_str(),
                        .terminal_id = row[1].c_str(),
                        .hour = hour,
                        .no_match = row[2].as<int64_t>(),
                        .persons = row[3].as<int64_t>()});
    }
    return counts;
  });
}

absl::Status PostgresInquiryStore::RaiseAlarm(Transaction& tx, const std::string& kind,
                                              const std::string& facility_code,
                                              const std::string& terminal_id, int64_t hour,
                                              absl::Time at) {
  return RunStatements([&] {
    // No conflict target: naming one would need the right to read.
    PostgresTransaction::Work(tx).exec_params(
        "INSERT INTO kakunin.alarm (facility_code, terminal_id, hour, kind, at)"
        " VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
        facility_code, terminal_id, hour, kind, InstantText(at));
    return absl::OkStatus();
  });
}

}  // namespace kakunin
