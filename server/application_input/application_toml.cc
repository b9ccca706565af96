#include "server/application_input/application_toml.h"

#include <fmt/format.h>

#include <sstream>
#include <utility>

#include "domain/error.h"
#include "server/config/toml_library.h"

namespace kakunin {
namespace {

constexpr std::string_view kFacility = "facility";
constexpr std::string_view kGroup = "group";

int64_t LineOf(const toml::node& node) { return node.source().begin.line; }

absl::Status Fault(int64_t line, std::string_view what) {
  return absl::InvalidArgumentError(fmt::format("line {}: {}", line, what));
}

// TextOf is a value as a table of a spreadsheet would hold it; empty: it is of no such kind.
std::optional<std::string> TextOf(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return fmt::format("{}", number->get());
  if (const auto* flag = node.as_boolean()) return std::string(flag->get() ? "true" : "false");
  if (const auto* date = node.as_date()) {
    const toml::date& day = date->get();
    return fmt::format("{:04}-{:02}-{:02}", day.year, day.month, day.day);
  }
  return std::nullopt;
}

// AddTexts flattens a table: maker in [card_reader_order] is card_reader_order.maker.
absl::Status AddTexts(const toml::table& table, const std::string& prefix, ApplicationRow& row) {
  for (const auto& [key, node] : table) {
    const std::string field = prefix + std::string(key.str());
    if (const toml::table* inner = node.as_table(); inner != nullptr && prefix.empty()) {
      RETURN_IF_ERROR(AddTexts(*inner, field + ".", row));
      continue;
    }
    auto text = TextOf(node);
    if (!text) {
      return Fault(LineOf(node),
                   fmt::format("{} must be a text, a number, a day or true or false", field));
    }
    row.texts.push_back({field, *std::move(text)});
  }
  return absl::OkStatus();
}

absl::Status ReadGroup(const toml::table& group, ApplicationFile& file) {
  for (const auto& [key, node] : group) {
    if (key.str() == "name" && node.is_string()) {
      file.group_name = node.as_string()->get();
    } else if (key.str() == "prescriptions" && node.is_integer()) {
      file.group_prescriptions = node.as_integer()->get();
    } else {
      return Fault(LineOf(node),
                   "[group] takes name (a text) and prescriptions (a whole number a month)");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<ApplicationFile> ReadGroupFile(const toml::table& root) {
  ApplicationFile file{.is_group = true};
  for (const auto& [key, node] : root) {
    if (key.str() == kGroup && node.is_table()) {
      RETURN_IF_ERROR(ReadGroup(*node.as_table(), file));
    } else if (key.str() == kFacility && node.is_array_of_tables()) {
      for (const toml::node& one : *node.as_array()) {
        ApplicationRow& row = file.rows.emplace_back(ApplicationRow{.line = LineOf(one)});
        RETURN_IF_ERROR(AddTexts(*one.as_table(), "", row));
      }
    } else {
      return Fault(LineOf(node), "a group's file has [group] and a [[facility]] for each facility");
    }
  }
  return file;
}

}  // namespace

absl::StatusOr<ApplicationFile> ReadApplicationToml(std::string_view text) {
  const toml::parse_result parsed = toml::parse(text);
  if (!parsed) {
    return Fault(parsed.error().source().begin.line, std::string(parsed.error().description()));
  }
  const toml::table& root = parsed.table();
  if (root.contains(kFacility) || root.contains(kGroup)) return ReadGroupFile(root);
  ApplicationFile file;
  ApplicationRow& row = file.rows.emplace_back(ApplicationRow{.line = 1});
  RETURN_IF_ERROR(AddTexts(root, "", row));
  return file;
}

std::string ExampleApplicationToml(absl::CivilDay day) {
  const absl::CivilMonth start = absl::CivilMonth(day) + 6;
  return fmt::format(
      "# オンライン資格確認利用申請\n"
      "facility_code = \"1312345670\"     # 医療機関等コード（半角数字10桁）\n"
      "facility_type = \"clinic\"         # hospital, clinic, dental, pharmacy, home-nursing\n"
      "introduction_type = \"full\"       # full: 外来型, restricted: 資格確認限定型\n"
      "line_kind = \"ip-vpn\"             # ip-vpn, ipsec-ike\n"
      "optical_line = true              # 光回線\n"
      "ntt_line = true                  # NTT回線\n"
      "customer_id = \"CAF1234567890\"    # お客様ID: IP-VPNでNTT回線のときだけ\n"
      "start_month = \"{}\"          # 利用開始予定年月\n"
      "test_month = \"{}\"           # 運用テスト開始予定年月（決まっているとき）\n"
      "online_claims = \"in-use\"         # in-use: 利用中, apply: 同時に申請, none: 希望しない\n"
      "# ground = \"measure-4\"           # 資格確認限定型のときだけ: kakunin restricted grounds\n"
      "# ground_ending_day = 2027-09-30 # 根拠が終わる日（分かっているとき）\n"
      "\n"
      "[card_reader_order]              # 顔認証付きカードリーダーを申し込むとき\n"
      "maker = \"fujitsu-japan\"          # または panasonic-system-solutions-japan, almex\n"
      "units = 1                        # 病院は3台まで、診療所・薬局は1台\n",
      absl::FormatCivilTime(start), absl::FormatCivilTime(start - 1));
}

}  // namespace kakunin
