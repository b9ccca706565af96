#include "server/commands/bulk_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <utility>

#include "domain/error.h"
#include "domain/text/normalise.h"
#include "server/commands/feed_cell.h"
#include "server/commands/list_file.h"
#include "server/feed_input/input_fault.h"

namespace kakunin {
namespace {

using Field = google::protobuf::FieldDescriptor;

constexpr std::pair<const char*, const char*> kJapanese[] = {
    {"行番号", "row_id"},
    {"保険者番号", "insurer_number"},
    {"記号", "symbol"},
    {"番号", "number"},
    {"枝番", "branch_number"},
    {"生年月日", "birth_date"},
    {"限度額同意", "limit_certificate_consent"},
    {"氏名", "name"},
    {"住所", "address"}};

const Field* FieldNamed(std::string_view name) {
  for (const auto& [japanese, field] : kJapanese) {
    if (name == japanese) name = field;
  }
  return v1::BulkInquiryRow::descriptor()->FindFieldByName(std::string(name));
}

absl::StatusOr<std::vector<const Field*>> ReadColumns(const ListLine& first) {
  std::vector<const Field*> columns;
  for (size_t i = 0; i < first.cells.size(); ++i) {
    const Field* const field = FieldNamed(TrimWhiteSpace(first.cells[i]));
    const InputPlace place{.line = first.line, .column = static_cast<int>(i) + 1};
    if (field == nullptr) {
      return InputFault(place,
                        "no column of this name; use row_id, insurer_number, symbol, number,"
                        " branch_number, birth_date, limit_certificate_consent, name,"
                        " address");
    }
    if (std::ranges::find(columns, field) != columns.end()) {
      return InputFault(place, "this column stands twice");
    }
    columns.push_back(field);
  }
  return columns;
}

// SetToNothing makes a field what none may be; false when its type has no such value.
bool SetToNothing(const Field& field, v1::BulkInquiryRow& row) {
  constexpr int kNoSuchChoice = 9999;
  if (field.name() == "birth_date") {
    row.mutable_birth_date()->set_month(13);
    return true;
  }
  if (field.cpp_type() != Field::CPPTYPE_ENUM) return false;
  row.GetReflection()->SetEnumValue(&row, &field, kNoSuchChoice);
  return true;
}

}  // namespace

absl::StatusOr<std::vector<v1::BulkInquiryRow>> ReadBulkRows(const std::string& path) {
  ASSIGN_OR_RETURN(const std::vector<ListLine> lines, ReadListFile(path));
  ASSIGN_OR_RETURN(const std::vector<const Field*> columns, ReadColumns(lines.front()));
  std::vector<v1::BulkInquiryRow> rows;
  for (const ListLine& line : std::span(lines).subspan(1)) {
    v1::BulkInquiryRow& row = rows.emplace_back();
    for (size_t i = 0; i < line.cells.size(); ++i) {
      const std::string cell(TrimWhiteSpace(line.cells[i]));
      if (cell.empty()) continue;
      const std::string_view fault = SetFeedCell(*columns[i], cell, row);
      if (fault.empty()) continue;
      absl::Status told = InputFault({.line = line.line, .column = static_cast<int>(i) + 1}, fault);
      // One bad row keeps no other from being asked: the server tells it beside the row's id.
      if (!SetToNothing(*columns[i], row)) return told;
      fmt::print(stderr, "kakunin call bulk: {}; this row will come back with an error\n",
                 std::string(told.message()));
    }
  }
  return rows;
}

}  // namespace kakunin
