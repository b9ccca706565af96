#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "kakunin/v1/bulk_service.pb.h"

namespace kakunin {

// ReadBulkRows reads a facility's list: a table whose first line names the columns, by the fields
// of BulkInquiryRow or in Japanese (行番号, 保険者番号, 記号, 番号, 枝番, 生年月日, 限度額同意,
// 氏名, 住所), in UTF-8 or CP932. NOT_FOUND when the file cannot be read, INVALID_ARGUMENT with
// line and column (InputFault), never a value; what a cell means is the service's to judge.
absl::StatusOr<std::vector<v1::BulkInquiryRow>> ReadBulkRows(const std::string& path);

}  // namespace kakunin
