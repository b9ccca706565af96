#include "server/application_input/application_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "domain/civil_day.h"
#include "server/config/closest_word.h"

namespace kakunin {
namespace {

constexpr ApplicationFieldFacts kFields[] = {
    {"facility_code", "医療機関等コード", "半角数字10桁"},
    {"facility_type", "施設の種類", "hospital, clinic, dental, pharmacy, home-nursing"},
    {"introduction_type", "利用の型", "full（外来型）, restricted（資格確認限定型）"},
    {"line_kind", "電気通信回線種別", "ip-vpn, ipsec-ike"},
    {"optical_line", "光回線", "true, false"},
    {"ntt_line", "NTT回線", "true, false"},
    {"customer_id", "お客様ID", "IP-VPNでNTT回線のときだけ"},
    {"start_month", "利用開始予定年月", "2027-04"},
    {"test_month", "運用テスト開始予定年月", "2027-03（決まっているとき）"},
    {"online_claims", "レセプトのオンライン請求", "in-use, apply, none"},
    {"ground", "資格確認限定型の根拠", "measure-2, measure-4, measure-6 など"},
    {"ground_ending_day", "根拠が終わる日", "2027-04-01"},
    {"predecessor_code", "承継する前の医療機関等コード", "半角数字10桁（承継のときだけ）"},
    {"card_reader_order.maker", "カードリーダーのメーカー",
     "fujitsu-japan, panasonic-system-solutions-japan, almex"},
    {"card_reader_order.units", "カードリーダーの台数", "1から3"},
};

constexpr std::string_view kOther[][2] = {
    {"card_reader_order", "カードリーダー申込"},
    {"facilities", "施設の一覧"},
    {"group_name", "グループ名"},
    {"group_prescriptions", "グループの月間処方箋受付回数"},
};

template <class Number>
std::optional<Number> WholeNumber(std::string_view text) {
  Number number{};
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || read.ec != std::errc() || read.ptr != text.data() + text.size()) {
    return std::nullopt;
  }
  return number;
}

// Digits reads exactly `count` digits at `at`.
std::optional<int> Digits(std::string_view text, size_t at, size_t count) {
  if (at + count > text.size()) return std::nullopt;
  const std::string_view part = text.substr(at, count);
  if (!std::ranges::all_of(part, [](char c) { return c >= '0' && c <= '9'; })) return std::nullopt;
  return WholeNumber<int>(part);
}

// Reading fills one application.
class Reading {
 public:
  explicit Reading(ReadRow& into) : into_(into), use_(into.application.use) {}

  // Take reads one value. An empty one was not filled in.
  void Take(const std::string& field, const std::string& text) {
    if (auto unknown = UnknownField(field)) {
      into_.violations.push_back(*std::move(unknown));
      return;
    }
    if (text.empty()) return;
    if (field == "facility_code") {
      use_.facility_code = text;
    } else if (field == "customer_id") {
      use_.customer_id = text;
    } else if (field == "predecessor_code") {
      use_.predecessor_code = text;
    } else if (field == "facility_type") {
      constexpr std::array kTypes = {FacilityType::kHospital, FacilityType::kClinic,
                                     FacilityType::kDental, FacilityType::kPharmacy,
                                     FacilityType::kHomeNursing};
      Choose(field, text, kTypes, use_.facility_type);
    } else if (field == "introduction_type") {
      constexpr std::array kTypes = {IntroductionType::kFull, IntroductionType::kRestricted};
      Choose(field, text, kTypes, use_.introduction_type);
    } else if (field == "line_kind") {
      Choose(field, text, std::array{LineKind::kIpVpn, LineKind::kIpsecIke}, use_.line_kind);
    } else if (field == "online_claims") {
      constexpr std::array kClaims = {OnlineClaims::kInUse, OnlineClaims::kApplyTogether,
                                      OnlineClaims::kNotWished};
      Choose(field, text, kClaims, use_.online_claims);
    } else if (field == "optical_line") {
      TakeFlag(field, text, use_.optical_line);
    } else if (field == "ntt_line") {
      TakeFlag(field, text, use_.ntt_line);
    } else if (field == "start_month") {
      Keep(field, WrittenMonth(text), use_.start_month,
           "存在する年月を「2027-04」の形で入力してください。");
    } else if (field == "test_month") {
      Keep(field, WrittenMonth(text), use_.test_month,
           "存在する年月を「2027-04」の形で入力してください。");
    } else if (field == "ground") {
      Keep(field, RestrictedGroundNamed(text), use_.ground,
           "決められた根拠から選んでください（kakunin restricted grounds で一覧を表示します）。");
    } else if (field == "ground_ending_day") {
      Keep(field, WrittenDay(text), use_.ground_ending_day,
           "存在する年月日を「2027-04-01」の形で入力してください。");
    } else {
      TakeOrder(field, text);
    }
  }

 private:
  void Add(const std::string& field, std::string_view sentence) {
    into_.violations.push_back({field, std::string(sentence)});
  }

  template <class T>
  void Keep(const std::string& field, std::optional<T> value, std::optional<T>& into,
            std::string_view sentence) {
    if (value) {
      into = value;
    } else {
      Add(field, sentence);
    }
  }

  template <class T, size_t kCount>
  void Choose(const std::string& field, const std::string& text,
              const std::array<T, kCount>& choices, std::optional<T>& into) {
    std::string words;
    for (const T choice : choices) {
      if (KeyOf(choice) == text) {
        into = choice;
        return;
      }
      words += (words.empty() ? "" : "、") + std::string(KeyOf(choice));
    }
    Add(field, fmt::format("決められた値から選んでください（{}）。", words));
  }

  void TakeFlag(const std::string& field, const std::string& text, std::optional<bool>& into) {
    if (text == "true" || text == "false") {
      into = text == "true";
    } else {
      Add(field, "true か false を入力してください。");
    }
  }

  void TakeOrder(const std::string& field, const std::string& text) {
    auto& order = into_.application.reader_order;
    if (!order) order.emplace();
    if (field == "card_reader_order.maker") {
      constexpr std::array kMakers = {CardReaderMaker::kFujitsuJapan,
                                      CardReaderMaker::kPanasonicSystemSolutionsJapan,
                                      CardReaderMaker::kAlmex};
      Choose(field, text, kMakers, order->maker);
    } else {
      Keep(field, WholeNumber<int>(text), order->units, "台数を半角数字で入力してください。");
    }
  }

  ReadRow& into_;
  UseApplication& use_;
};

}  // namespace

std::span<const ApplicationFieldFacts> ApplicationFieldTable() { return kFields; }

std::string_view LabelOf(std::string_view field) {
  const auto* const found = std::ranges::find(kFields, field, &ApplicationFieldFacts::field);
  if (found != std::end(kFields)) return found->label;
  for (const auto& other : kOther) {
    if (other[0] == field) return other[1];
  }
  return field;
}

std::optional<FieldViolation> UnknownField(const std::string& field) {
  std::vector<std::string> known;
  for (const ApplicationFieldFacts& one : kFields) {
    if (one.field == field) return std::nullopt;
    known.emplace_back(one.field);
  }
  const auto meant = ClosestWord(field, known);
  return FieldViolation{
      field, meant ? fmt::format("この名前の項目はありません。{} に直してください。", *meant)
                   : std::string("この名前の項目はありません。消してください。")};
}

ReadRow ReadApplication(const ApplicationRow& row) {
  ReadRow read;
  Reading reading(read);
  for (const ApplicationText& one : row.texts) reading.Take(one.field, one.text);
  return read;
}

std::vector<FieldViolation> WithReading(std::vector<FieldViolation> read,
                                        const std::vector<FieldViolation>& checked) {
  const size_t unread = read.size();
  for (const FieldViolation& violation : checked) {
    const bool told = std::any_of(read.begin(), read.begin() + static_cast<ptrdiff_t>(unread),
                                  [&](const auto& one) { return one.field == violation.field; });
    if (!told) read.push_back(violation);
  }
  return read;
}

std::optional<absl::CivilMonth> WrittenMonth(std::string_view text) {
  if (text.size() != 7 || text[4] != '-') return std::nullopt;
  const auto year = Digits(text, 0, 4);
  const auto month = Digits(text, 5, 2);
  if (!year || !month || !IsRealDay(*year, *month, 1)) return std::nullopt;
  return absl::CivilMonth(*year, *month);
}

std::optional<absl::CivilDay> WrittenDay(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto year = Digits(text, 0, 4);
  const auto month = Digits(text, 5, 2);
  const auto day = Digits(text, 8, 2);
  if (!year || !month || !day || !IsRealDay(*year, *month, *day)) return std::nullopt;
  return absl::CivilDay(*year, *month, *day);
}

}  // namespace kakunin
