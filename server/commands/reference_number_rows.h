#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "kakunin/v1/reference_number_service.pb.h"

namespace kakunin {

// UnreadLine is a line of a list that names no patient, and why.
struct UnreadLine {
  int64_t line = 0;  // from 1
  std::string why;   // with its column, never a value
};

// ReferenceNumberList is what a file asks for.
struct ReferenceNumberList {
  std::vector<v1::ReferenceNumberUnit> units;
  // Left out, so that one cell stands in the way of no other patient.
  std::vector<UnreadLine> unread;
};

// ReadReferenceNumberList reads a facility's list of reference numbers: a comma-separated file
// whose first line names the columns reference_number, insurer_number, symbol, number,
// branch_number, birth_date, or in Japanese (照会番号, 保険者番号, 記号, 番号, 枝番, 生年月日), in
// UTF-8 or CP932. Lines that name a patient alike become one unit with `action`, whose row_id is
// the first of their lines; a line with a cell that cannot be read (a birth date that is none) is
// told apart. A reference number is taken as it stands, blanks too. NOT_FOUND when
// the file cannot be read, INVALID_ARGUMENT with line and column (InputFault), never a value, when
// it is no such file; what a cell means is the service's to judge.
absl::StatusOr<ReferenceNumberList> ReadReferenceNumberList(const std::string& path,
                                                            v1::ReferenceNumberAction action);

}  // namespace kakunin
