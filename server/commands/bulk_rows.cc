#include "server/commands/bulk_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <span>
#include <sstream>
#include <utility>

#include "domain/error.h"
#include "domain/text/normalise.h"
#include "server/commands/feed_cell.h"
#include "server/feed_input/csv_reader.h"
#include "server/feed_input/input_fault.h"
#include "server/feed_input/text_encoding.h"

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

absl::StatusOr<std::vector<const Field*>> ReadColumns(const std::vector<std::string>& cells,
                                                      int64_t line) {
  std::vector<const Field*> columns;
  for (size_t i = 0; i < cells.size(); ++i) {
    const Field* const field = FieldNamed(cells[i]);
    const InputPlace place{.line = line, .column = static_cast<int>(i) + 1};
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

}  // namespace

absl::StatusOr<std::vector<v1::BulkInquiryRow>> ReadBulkRows(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError("cannot read " + path);
  std::stringstream whole;
  whole << file.rdbuf();
  const std::string octets = whole.str();
  EncodingDetector detector;
  detector.Add(octets);
  const auto encoding = detector.Finish();
  if (!encoding) return InputFault({.line = 1}, "neither UTF-8 nor CP932: save the file anew");

  size_t at = 0;
  CsvReader reader([&](std::span<char> into) -> absl::StatusOr<size_t> {
    const size_t count = std::min(into.size(), octets.size() - at);
    std::copy_n(octets.data() + at, count, into.data());
    at += count;
    return count;
  });
  std::vector<v1::BulkInquiryRow> rows;
  std::vector<const Field*> columns;
  CsvRecord record;
  std::vector<std::string> cells;
  for (;;) {
    ASSIGN_OR_RETURN(const bool more, reader.Next(record));
    if (!more) break;
    cells.clear();
    for (size_t i = 0; i < record.cells.size(); ++i) {
      auto cell = Decoded(*encoding, record.cells[i]);
      if (!cell) {
        return InputFault(
            {.line = record.line, .column = static_cast<int>(i) + 1},
            fmt::format("octets that are no character of {}", EncodingName(*encoding)));
      }
      cells.push_back(std::string(TrimWhiteSpace(*cell)));
    }
    if (columns.empty()) {
      ASSIGN_OR_RETURN(columns, ReadColumns(cells, record.line));
      continue;
    }
    if (cells.size() != columns.size()) {
      return InputFault({.line = record.line}, "another number of cells than the first line has");
    }
    v1::BulkInquiryRow& row = rows.emplace_back();
    for (size_t i = 0; i < cells.size(); ++i) {
      if (cells[i].empty()) continue;
      const std::string_view fault = SetFeedCell(*columns[i], cells[i], row);
      if (!fault.empty()) {
        return InputFault({.line = record.line, .column = static_cast<int>(i) + 1}, fault);
      }
    }
  }
  if (columns.empty()) return InputFault({.line = 1}, "the file is empty");
  return rows;
}

}  // namespace kakunin
