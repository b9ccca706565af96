#include "storage/postgres/lane_truth.h"

#include "storage/postgres/binary_array.h"
#include "storage/postgres/coverage_row.h"

namespace kakunin {

const std::string& ReadTruthSql() {
  static const std::string sql = "SELECT " + std::string(kCoverageAsText) +
                                 " FROM coverage WHERE person_id = $1::uuid AND known_to IS NULL"
                                 " AND visible ORDER BY insurer_number, coverage_reference";
  return sql;
}

absl::StatusOr<std::vector<Coverage>> LaneReadTruth(LaneConnection& connection,
                                                    const LaneStatement& statement,
                                                    const PersonId& person,
                                                    MonotonicTime deadline) {
  const BinaryScalar id(person);
  const std::string_view parameters[] = {id.octets()};
  absl::StatusOr<LaneResult> result = connection.Run(statement, parameters, deadline);
  if (!result.ok()) return result.status();
  std::vector<Coverage> coverages;
  for (int row = 0; row < result->rows(); ++row) {
    CoverageCells cells;
    for (int column = 0; column < kCoverageColumnCount; ++column) {
      if (!result->IsNull(row, column)) cells[column] = result->Cell(row, column);
    }
    absl::StatusOr<Coverage> coverage = CoverageFrom(cells);
    if (!coverage.ok()) return coverage.status();
    coverage->person = person;
    coverages.push_back(*std::move(coverage));
  }
  return coverages;
}

}  // namespace kakunin
