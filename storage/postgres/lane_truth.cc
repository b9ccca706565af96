#include "storage/postgres/lane_truth.h"

#include <array>
#include <optional>
#include <string_view>

#include "domain/civil_day.h"
#include "storage/postgres/binary_array.h"
#include "storage/postgres/coverage_row.h"
#include "storage/postgres/record_row.h"

namespace kakunin {
namespace {

std::string ReadMonthsSql(const std::string& columns, const std::string& table) {
  return "SELECT " + columns + " FROM " + table +
         " WHERE person_id = $1::uuid AND known_to IS NULL AND month"
         " BETWEEN DATE 'epoch' + $2::int8::int4 AND DATE 'epoch' + $3::int8::int4";
}

template <class Record, size_t kColumns>
absl::StatusOr<std::vector<Record>> ReadMonths(LaneConnection& connection,
                                               const LaneStatement& statement,
                                               const PersonId& person, absl::CivilMonth from,
                                               absl::CivilMonth through, MonotonicTime deadline,
                                               absl::StatusOr<Record> (*read)(RecordCells)) {
  const BinaryScalar id(person);
  const BinaryScalar first(static_cast<int64_t>(DayNumber(absl::CivilDay(from))));
  const BinaryScalar last(static_cast<int64_t>(DayNumber(absl::CivilDay(through))));
  const std::string_view parameters[] = {id.octets(), first.octets(), last.octets()};
  absl::StatusOr<LaneResult> result = connection.Run(statement, parameters, deadline);
  if (!result.ok()) return result.status();
  std::vector<Record> records;
  for (int row = 0; row < result->rows(); ++row) {
    std::array<std::optional<std::string_view>, kColumns> cells;
    for (size_t column = 0; column < kColumns; ++column) {
      const int number = static_cast<int>(column);
      if (!result->IsNull(row, number)) cells[column] = result->Cell(row, number);
    }
    absl::StatusOr<Record> record = read(cells);
    if (!record.ok()) return record.status();
    record->person = person;
    records.push_back(*std::move(record));
  }
  return records;
}

absl::StatusOr<std::vector<Coverage>> CoveragesOf(const absl::StatusOr<LaneResult>& result,
                                                  const PersonId& person) {
  if (!result.ok()) return result.status();
  std::vector<Coverage> coverages;
  for (int row = 0; row < result->rows(); ++row) {
    CoverageCells cells;
    for (int column = 0; column < kCoverageCellCount; ++column) {
      if (!result->IsNull(row, column)) cells[column] = result->Cell(row, column);
    }
    absl::StatusOr<Coverage> coverage = CoverageFrom(cells);
    if (!coverage.ok()) return coverage.status();
    coverage->person = person;
    coverages.push_back(*std::move(coverage));
  }
  return coverages;
}

}  // namespace

const std::string& ReadTruthSql() {
  static const std::string sql = "SELECT " + std::string(kCoverageAsText) +
                                 " FROM coverage WHERE person_id = $1::uuid AND known_to IS NULL"
                                 " AND visible ORDER BY insurer_number, coverage_reference";
  return sql;
}

const std::string& ReadTruthAtSql() {
  static const std::string sql =
      "SELECT " + std::string(kCoverageAsText) +
      " FROM coverage WHERE person_id = $1::uuid AND known_from <= $2::timestamptz"
      " AND (known_to IS NULL OR known_to > $2::timestamptz) AND visible"
      " ORDER BY insurer_number, coverage_reference";
  return sql;
}

absl::StatusOr<std::vector<Coverage>> LaneReadTruth(LaneConnection& connection,
                                                    const LaneStatement& statement,
                                                    const PersonId& person,
                                                    MonotonicTime deadline) {
  const BinaryScalar id(person);
  const std::string_view parameters[] = {id.octets()};
  return CoveragesOf(connection.Run(statement, parameters, deadline), person);
}

absl::StatusOr<std::vector<Coverage>> LaneReadTruthAt(LaneConnection& connection,
                                                      const LaneStatement& statement,
                                                      const PersonId& person, absl::Time at,
                                                      MonotonicTime deadline) {
  const BinaryScalar id(person);
  const BinaryScalar instant(at);
  const std::string_view parameters[] = {id.octets(), instant.octets()};
  return CoveragesOf(connection.Run(statement, parameters, deadline), person);
}

const std::string& ReadReceiptsSql() {
  static const std::string sql = ReadMonthsSql(kReceiptAsText, "receipt");
  return sql;
}

const std::string& ReadHealthChecksSql() {
  static const std::string sql = ReadMonthsSql(kHealthCheckAsText, "health_check");
  return sql;
}

absl::StatusOr<std::vector<Receipt>> LaneReadReceipts(LaneConnection& connection,
                                                      const LaneStatement& statement,
                                                      const PersonId& person, absl::CivilMonth from,
                                                      absl::CivilMonth through,
                                                      MonotonicTime deadline) {
  return ReadMonths<Receipt, kReceiptColumnCount>(connection, statement, person, from, through,
                                                  deadline, &ReceiptFrom);
}

absl::StatusOr<std::vector<HealthCheck>> LaneReadHealthChecks(
    LaneConnection& connection, const LaneStatement& statement, const PersonId& person,
    absl::CivilMonth from, absl::CivilMonth through, MonotonicTime deadline) {
  return ReadMonths<HealthCheck, kHealthCheckColumnCount>(connection, statement, person, from,
                                                          through, deadline, &HealthCheckFrom);
}

}  // namespace kakunin
