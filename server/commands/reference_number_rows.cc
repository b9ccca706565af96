#include "server/commands/reference_number_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
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

constexpr std::pair<const char*, const char*> kJapanese[] = {{"照会番号", "reference_number"},
                                                             {"保険者番号", "insurer_number"},
                                                             {"記号", "symbol"},
                                                             {"番号", "number"},
                                                             {"枝番", "branch_number"},
                                                             {"生年月日", "birth_date"}};

// The column's name in English; what it is not known as stays as it is.
std::string_view EnglishName(std::string_view name) {
  for (const auto& [japanese, english] : kJapanese) {
    if (name == japanese) return english;
  }
  return name;
}

// The field of InsuredKey a column fills; null for the reference number itself.
absl::StatusOr<std::vector<const Field*>> ReadColumns(const ListLine& first) {
  std::vector<const Field*> columns;
  for (size_t i = 0; i < first.cells.size(); ++i) {
    const std::string name(EnglishName(TrimWhiteSpace(first.cells[i])));
    const Field* const field = v1::InsuredKey::descriptor()->FindFieldByName(name);
    const InputPlace place{.line = first.line, .column = static_cast<int>(i) + 1};
    if (field == nullptr && name != "reference_number") {
      return InputFault(place,
                        "no column of this name; use reference_number, insurer_number, symbol,"
                        " number, branch_number, birth_date");
    }
    if (std::ranges::find(columns, field) != columns.end()) {
      return InputFault(place, "this column stands twice");
    }
    columns.push_back(field);
  }
  if (std::ranges::find(columns, nullptr) == columns.end()) {
    return InputFault({.line = first.line}, "there is no column reference_number");
  }
  return columns;
}

}  // namespace

absl::StatusOr<ReferenceNumberList> ReadReferenceNumberList(const std::string& path,
                                                            v1::ReferenceNumberAction action) {
  ASSIGN_OR_RETURN(const std::vector<ListLine> lines, ReadListFile(path));
  ASSIGN_OR_RETURN(const std::vector<const Field*> columns, ReadColumns(lines.front()));
  ReferenceNumberList list;
  std::vector<v1::ReferenceNumberUnit>& units = list.units;
  std::map<std::string, size_t> unit_of;  // by the key as it was typed
  for (const ListLine& line : std::span(lines).subspan(1)) {
    v1::InsuredKey key;
    std::string reference_number;
    std::string why;
    for (size_t i = 0; i < line.cells.size(); ++i) {
      if (columns[i] == nullptr) {
        reference_number = line.cells[i];
        continue;
      }
      const std::string cell(TrimWhiteSpace(line.cells[i]));
      if (cell.empty()) continue;
      const std::string_view fault = SetFeedCell(*columns[i], cell, key);
      if (!fault.empty())
        why += fmt::format("{}column {}: {}", why.empty() ? "" : "; ", i + 1, fault);
    }
    if (!why.empty()) {
      list.unread.push_back({.line = line.line, .why = std::move(why)});
      continue;
    }
    const auto [place, is_new] = unit_of.emplace(key.SerializeAsString(), units.size());
    if (is_new) {
      v1::ReferenceNumberUnit& unit = units.emplace_back();
      unit.set_row_id(std::to_string(line.line));
      unit.mutable_change()->set_action(action);
      *unit.mutable_change()->mutable_patient()->mutable_insured() = std::move(key);
    }
    units[place->second].mutable_change()->add_reference_numbers(reference_number);
  }
  return list;
}

}  // namespace kakunin
