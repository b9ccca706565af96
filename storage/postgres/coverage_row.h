#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "domain/coverage.h"
#include "storage/postgres/binary_array.h"

namespace kakunin {

// The content of a coverage stands in the same columns of three tables (migration 0003). They are
// named here once.
inline constexpr int kCoverageColumnCount = 37;
// What is read of a coverage has one column more: the certificates that were delivered by
// themselves (migration 0022).
inline constexpr int kCoverageCellCount = kCoverageColumnCount + 1;

// kCarriedColumns are the columns that a new version of a coverage takes over from the one before:
// no row of a coverage tells them.
inline constexpr char kCarriedColumns[] = ", visible, certificates";

// kCoverageColumns names the columns, for INSERT.
inline constexpr char kCoverageColumns[] =
    "insurer_number, coverage_reference, card_classification, symbol, number, branch_number,"
    " personal_family_classification, insured_name, insured_name_kana, name, name_kana, other_name,"
    " other_name_kana, sex, sex_back, birth_date, address, postal_code, qualification_date,"
    " disqualification_date, certificate_issue_date, certificate_valid_from,"
    " certificate_valid_through, partial_contribution_percent, preschool, reason_of_loss,"
    " insurer_name, medical_aid_unregistered, elderly_issue_date, elderly_valid_from,"
    " elderly_valid_through, elderly_contribution_percent, limit_certificates,"
    " specific_disease_certificates, medical_tickets, key_without_branch, key_with_branch";

// kCoverageAsText selects the same columns and the certificates as text, days as their DayNumber,
// so that CoverageFrom reads them alike from a lane and from a pooled connection, whatever the
// session's settings.
inline constexpr char kCoverageAsText[] =
    "insurer_number, coverage_reference, card_classification::text, symbol, number, branch_number,"
    " personal_family_classification::text, insured_name, insured_name_kana, name, name_kana,"
    " other_name, other_name_kana, sex::text, sex_back::text, (birth_date - DATE 'epoch')::text,"
    " address, postal_code, (qualification_date - DATE 'epoch')::text,"
    " (disqualification_date - DATE 'epoch')::text, (certificate_issue_date - DATE 'epoch')::text,"
    " (certificate_valid_from - DATE 'epoch')::text,"
    " (certificate_valid_through - DATE 'epoch')::text, partial_contribution_percent::text,"
    " preschool::int::text, reason_of_loss::text, insurer_name,"
    " medical_aid_unregistered::int::text, (elderly_issue_date - DATE 'epoch')::text,"
    " (elderly_valid_from - DATE 'epoch')::text, (elderly_valid_through - DATE 'epoch')::text,"
    " elderly_contribution_percent::text, limit_certificates::text,"
    " specific_disease_certificates::text, medical_tickets::text, key_without_branch::text,"
    " key_with_branch::text, certificates::text";

// CoverageParameters is "$first::text[], ..." for the arrays of CoverageArrays, to stand in an
// unnest whose columns are named by kCoverageColumns.
std::string CoverageParameters(int first);

// CoverageCells are the columns of kCoverageAsText of one row; empty is null.
using CoverageCells = std::array<std::optional<std::string_view>, kCoverageCellCount>;

// CoverageFrom reads a row, its certificates with those that were delivered by themselves before
// the others; the caller sets the person. kBroken (StoreError) when a cell is not
// what this binary writes.
absl::StatusOr<Coverage> CoverageFrom(const CoverageCells& cells);

// CoverageArrays collects coverages as one array a column, to be handed to a statement as
// parameters. Not thread-safe.
class CoverageArrays {
 public:
  void Begin(size_t count);
  void Add(const Coverage& coverage);
  std::span<const BinaryArray> arrays() const { return arrays_; }

 private:
  std::array<BinaryArray, kCoverageColumnCount> arrays_;
};

}  // namespace kakunin
