#include "server/commands/application_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <utility>
#include <vector>

#include "server/application_input/application_toml.h"
#include "server/commands/command_output.h"
#include "server/commands/list_file.h"
#include "server/commands/text_table.h"

namespace kakunin {
namespace {

// FieldOfColumn is the field that a column names, by itself or in Japanese; what is neither stays
// as it is.
std::string FieldOfColumn(const std::string& column) {
  for (const ApplicationFieldFacts& field : ApplicationFieldTable()) {
    if (field.label == column) return std::string(field.field);
  }
  return column;
}

absl::StatusOr<ApplicationFile> ReadCsv(const std::string& path) {
  auto lines = ReadListFile(path);
  if (!lines.ok()) return lines.status();
  ApplicationFile file{.is_group = true};
  std::vector<std::string> fields;
  for (const std::string& column : lines->front().cells) {
    fields.push_back(FieldOfColumn(column));
    if (std::count(fields.begin(), fields.end(), fields.back()) > 1) {
      return absl::InvalidArgumentError(
          fmt::format("line {}, column {}: a column of this name stands twice", lines->front().line,
                      fields.size()));
    }
    // Once for the file and not once a row.
    if (auto unknown = UnknownField(fields.back())) file.violations.push_back(*std::move(unknown));
  }
  for (size_t i = 1; i < lines->size(); ++i) {
    ApplicationRow& row = file.rows.emplace_back(ApplicationRow{.line = (*lines)[i].line});
    for (size_t at = 0; at < fields.size(); ++at) {
      if (UnknownField(fields[at])) continue;
      row.texts.push_back({fields[at], std::move((*lines)[i].cells[at])});
    }
  }
  return file;
}

absl::StatusOr<ApplicationFile> ReadToml(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError("cannot read " + path);
  std::stringstream whole;
  whole << file.rdbuf();
  auto read = ReadApplicationToml(whole.str());
  if (read.ok()) return read;
  return absl::InvalidArgumentError(
      fmt::format("{}: {}", path, std::string(read.status().message())));
}

std::string FieldText(const std::string& field) {
  const std::string_view label = LabelOf(field);
  return label == field ? field : fmt::format("{}（{}）", label, field);
}

std::string ViolationsJson(const std::vector<FieldViolation>& violations) {
  std::vector<std::string> objects;
  objects.reserve(violations.size());
  for (const FieldViolation& violation : violations) {
    objects.push_back(JsonObject()
                          .Text("field", violation.field)
                          .Text("description", violation.description)
                          .ToString());
  }
  return JsonArray(objects);
}

}  // namespace

absl::StatusOr<ApplicationFile> ReadApplicationFile(const std::string& path) {
  return path.ends_with(".csv") ? ReadCsv(path) : ReadToml(path);
}

ApplicationFinding CheckApplicationFile(ApplicationFile file, const JoiningRules& rules,
                                        absl::CivilDay day) {
  ApplicationFinding finding;
  std::vector<std::vector<FieldViolation>> read;
  GroupApplication group;
  group.name = file.group_name;
  group.prescriptions = file.group_prescriptions;
  for (const ApplicationRow& row : file.rows) {
    ReadRow one = ReadApplication(row);
    read.push_back(std::move(one.violations));
    group.rows.push_back(std::move(one.application));
  }
  if (file.is_group) {
    finding.finding = CheckGroupApplication(group, rules, day);
    finding.finding.violations = WithReading(file.violations, finding.finding.violations);
  } else {
    finding.finding.rows.push_back(
        {CheckJoiningApplication(group.rows.front(), rules, day), std::nullopt});
  }
  for (size_t i = 0; i < finding.finding.rows.size(); ++i) {
    auto& violations = finding.finding.rows[i].violations;
    violations = WithReading(std::move(read[i]), violations);
  }
  finding.file = std::move(file);
  return finding;
}

std::string ApplicationFindingTable(const ApplicationFinding& finding) {
  TextTable table;
  table.Heading(finding.IsGood() ? "申請の確認: 不備はありません"
                                 : "申請の確認: 不備があります。示された項目を直してください");
  for (const FieldViolation& violation : finding.finding.violations) {
    table.Row(FieldText(violation.field), violation.description);
  }
  size_t good = 0;
  for (size_t i = 0; i < finding.finding.rows.size(); ++i) {
    const GroupRowFinding& row = finding.finding.rows[i];
    if (row.violations.empty()) {
      ++good;
      continue;
    }
    if (finding.file.is_group) {
      table.Heading(fmt::format("{}件目（{}行目）", i + 1, finding.file.rows[i].line));
    }
    for (const FieldViolation& violation : row.violations) {
      table.Row(FieldText(violation.field), violation.description);
    }
  }
  if (finding.file.is_group) {
    table.Heading(fmt::format("{}件のうち不備のないもの {}件", finding.finding.rows.size(), good));
    for (int number = 1; number <= kSubsidyClasses; ++number) {
      const auto subsidy_class = static_cast<SubsidyClass>(number);
      const auto count =
          std::ranges::count(finding.finding.rows, subsidy_class, &GroupRowFinding::subsidy_class);
      if (count > 0) table.Row("補助の区分", fmt::format("{} {}件", NameOf(subsidy_class), count));
    }
  }
  return table.Draw();
}

std::string ApplicationFindingJson(const ApplicationFinding& finding, const std::string& path) {
  std::vector<std::string> rows;
  rows.reserve(finding.finding.rows.size());
  for (size_t i = 0; i < finding.finding.rows.size(); ++i) {
    const GroupRowFinding& row = finding.finding.rows[i];
    rows.push_back(JsonObject()
                       .Number("row", static_cast<long long>(i) + 1)
                       .Number("line", finding.file.rows[i].line)
                       .Text("subsidy_class", row.subsidy_class ? NameOf(*row.subsidy_class) : "")
                       .Raw("violations", ViolationsJson(row.violations))
                       .ToString());
  }
  return JsonObject()
      .Text("file", path)
      .Flag("good", finding.IsGood())
      .Flag("group", finding.file.is_group)
      .Raw("violations", ViolationsJson(finding.finding.violations))
      .Raw("rows", JsonArray(rows))
      .ToString();
}

std::string ExampleGroupCsv(absl::CivilDay day) {
  const std::string start = absl::FormatCivilTime(absl::CivilMonth(day) + 6);
  return fmt::format(
      "医療機関等コード,施設の種類,利用の型,電気通信回線種別,NTT回線,お客様ID,利用開始予定年月,"
      "レセプトのオンライン請求,カードリーダーのメーカー,カードリーダーの台数\n"
      "1342345670,pharmacy,full,ip-vpn,true,CAF1234567890,{},in-use,almex,1\n"
      "1342345688,pharmacy,full,ipsec-ike,,,{},apply,almex,1\n",
      start, start);
}

}  // namespace kakunin
