#include "server/synth/insurer_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <vector>

#include "domain/text/digits.h"

namespace kakunin::synth {
namespace {

struct NamedInsurer {
  std::string_view prefix;  // 法別
  InsurerKind kind;
  SymbolStyle style;
  std::string_view name;
};

// clang-format off
// Spread over the prefectures in this order.
constexpr NamedInsurer kNamed[] = {
    {"02", InsurerKind::kSeamen, SymbolStyle::kKanaDigits, "模擬船員保険部"},
    {"03", InsurerKind::kDayLabourer, SymbolStyle::kDigits, "模擬日雇健康保険"},
    {"04", InsurerKind::kDayLabourerSpecial, SymbolStyle::kDigits, "模擬日雇特例保険"},
    {"06", InsurerKind::kHealthInsuranceSociety, SymbolStyle::kDigits, "青嶺電機健康保険組合"},
    {"06", InsurerKind::kHealthInsuranceSociety, SymbolStyle::kWideDigits, "潮騒製鉄健康保険組合"},
    {"06", InsurerKind::kHealthInsuranceSociety, SymbolStyle::kHyphen, "ひなた食品健康保険組合"},
    {"06", InsurerKind::kHealthInsuranceSociety, SymbolStyle::kKanaDigits, "銀河情報サービス健康保険組合"},
    {"06", InsurerKind::kHealthInsuranceSociety, SymbolStyle::kDigits, "若鮎百貨店健康保険組合"},
    {"06", InsurerKind::kHealthInsuranceSociety, SymbolStyle::kDigits, "四つ葉銀行健康保険組合"},
    {"06", InsurerKind::kHealthInsuranceSociety, SymbolStyle::kHyphen, "北斗運輸健康保険組合"},
    {"06", InsurerKind::kHealthInsuranceSociety, SymbolStyle::kWideDigits, "白帆造船健康保険組合"},
    {"07", InsurerKind::kSelfDefenceForces, SymbolStyle::kNone, "模擬自衛官診療証発行機関"},
    {"31", InsurerKind::kNationalServantsMutualAid, SymbolStyle::kKanjiDigits, "模擬国家公務員共済組合"},
    {"31", InsurerKind::kNationalServantsMutualAid, SymbolStyle::kKanjiDigits, "模擬国税職員共済組合"},
    {"32", InsurerKind::kLocalServantsMutualAid, SymbolStyle::kKanjiDigits, "模擬地方職員共済組合"},
    {"32", InsurerKind::kLocalServantsMutualAid, SymbolStyle::kHyphen, "模擬市町村職員共済組合"},
    {"33", InsurerKind::kPoliceMutualAid, SymbolStyle::kKanjiDigits, "模擬警察共済組合"},
    {"34", InsurerKind::kSchoolMutualAid, SymbolStyle::kKanjiDigits, "模擬公立学校共済組合"},
    {"34", InsurerKind::kSchoolMutualAid, SymbolStyle::kDigits, "模擬私立学校共済"},
    {"63", InsurerKind::kRetiredHealthInsuranceSociety, SymbolStyle::kDigits, "青嶺電機健康保険組合（特例退職）"},
    {"67", InsurerKind::kRetiredNationalHealth, SymbolStyle::kKanjiDigits, "若苗区（退職国保）"},
    {"72", InsurerKind::kRetiredMutualAid, SymbolStyle::kKanjiDigits, "模擬国家公務員共済組合（特例退職）"},
    {"73", InsurerKind::kRetiredMutualAid, SymbolStyle::kKanjiDigits, "模擬地方職員共済組合（特例退職）"},
    {"74", InsurerKind::kRetiredMutualAid, SymbolStyle::kKanjiDigits, "模擬警察共済組合（特例退職）"},
    {"75", InsurerKind::kRetiredMutualAid, SymbolStyle::kKanjiDigits, "模擬公立学校共済組合（特例退職）"},
};

constexpr std::string_view kNationalHealthSocieties[] = {
    "模擬医師国民健康保険組合", "模擬建設国民健康保険組合", "模擬税理士国民健康保険組合", "模擬食品国民健康保険組合",
};

struct TestInsurer {
  std::string_view number;
  SymbolStyle style;
  std::string_view name;
};
constexpr TestInsurer kTest[] = {
    {test_insurer::kSociety, SymbolStyle::kDigits, "見本健康保険組合"},
    {test_insurer::kOtherSociety, SymbolStyle::kDigits, "ＸＸ健康保険組合"},
    {test_insurer::kAssociation, SymbolStyle::kDigits, "見本健保協会東京支部"},
    {test_insurer::kMunicipality, SymbolStyle::kKanjiDigits, "見本市（国民健康保険）"},
    {test_insurer::kMutualAid, SymbolStyle::kKanjiDigits, "見本地方職員共済組合"},
    {test_insurer::kLateElderly, SymbolStyle::kNone, "見本後期高齢者医療広域連合"},
    {test_insurer::kSelfDefence, SymbolStyle::kNone, "見本自衛官診療証発行機関"},
    {test_insurer::kMedicalAid, SymbolStyle::kNone, "見本福祉事務所"},
};
// clang-format on

void AddByPrefecture(std::vector<Insurer>& all, const Municipality& place) {
  const auto add = [&](std::string_view prefix, InsurerKind kind, SymbolStyle style,
                       std::string name) {
    all.push_back({WithCheckDigit(fmt::format("{}{:02}900", prefix, place.prefecture_code)),
                   std::move(name), kind, style, &place});
  };
  add("01", InsurerKind::kHealthInsuranceAssociation, SymbolStyle::kDigits,
      fmt::format("模擬健保協会{}支部", place.prefecture));
  add("39", InsurerKind::kLateElderly, SymbolStyle::kNone,
      fmt::format("{}模擬後期高齢者医療広域連合", place.prefecture));
  add("12", InsurerKind::kMedicalAid, SymbolStyle::kNone,
      fmt::format("{}模擬福祉事務所", place.prefecture));
}

std::vector<Insurer> MakeInsurers() {
  std::vector<Insurer> all;
  const auto capitals = PrefectureCapitals();
  for (const Municipality* place : capitals) AddByPrefecture(all, *place);
  int running = 0;
  for (const NamedInsurer& named : kNamed) {
    const Municipality& place = *capitals[static_cast<size_t>(running) % capitals.size()];
    all.push_back({WithCheckDigit(fmt::format("{}{:02}{}", named.prefix, place.prefecture_code,
                                              910 + running)),
                   std::string(named.name), named.kind, named.style, &place});
    ++running;
  }
  for (const Municipality& place : Municipalities()) {
    all.push_back({WithCheckDigit(fmt::format("00{}", place.code)),
                   fmt::format("{}（国民健康保険）", place.name),
                   InsurerKind::kNationalHealthMunicipality, SymbolStyle::kKanjiDigits, &place});
  }
  running = 0;
  for (const std::string_view name : kNationalHealthSocieties) {
    const Municipality& place = *capitals[static_cast<size_t>(running) * 2];
    all.push_back({WithCheckDigit(fmt::format("00{:02}{}", place.prefecture_code, 350 + running)),
                   std::string(name), InsurerKind::kNationalHealthSociety, SymbolStyle::kKanaDigits,
                   &place});
    ++running;
  }
  for (const TestInsurer& test : kTest) {
    all.push_back({std::string(test.number), std::string(test.name),
                   InsurerNumber::Parse(test.number)->Kind(), test.style, capitals[2], true});
  }
  return all;
}

std::map<InsurerKind, std::vector<size_t>> MakeIndex() {
  std::map<InsurerKind, std::vector<size_t>> index;
  const auto all = Insurers();
  for (size_t i = 0; i < all.size(); ++i) {
    if (!all[i].for_test_persons) index[all[i].kind].push_back(i);
  }
  return index;
}

}  // namespace

std::string WithCheckDigit(std::string_view payload) {
  return std::string(payload) + LuhnCheckDigit(payload);
}

std::span<const Insurer> Insurers() {
  static const std::vector<Insurer> all = MakeInsurers();
  return all;
}

std::span<const size_t> InsurersOf(InsurerKind kind) {
  static const std::map<InsurerKind, std::vector<size_t>> index = MakeIndex();
  const auto found = index.find(kind);
  if (found == index.end()) return {};
  return found->second;
}

size_t InsurerIn(InsurerKind kind, const Municipality& place) {
  const auto candidates = InsurersOf(kind);
  const auto all = Insurers();
  for (const size_t i : candidates) {
    if (all[i].place == &place) return i;
  }
  return *std::find_if(candidates.begin(), candidates.end(), [&](size_t i) {
    return all[i].place->prefecture_code == place.prefecture_code;
  });
}

std::optional<size_t> FindInsurer(std::string_view number) {
  const auto all = Insurers();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Insurer& i) { return i.number == number; });
  if (found == all.end()) return std::nullopt;
  return static_cast<size_t>(found - all.begin());
}

std::string_view KindName(InsurerKind kind) {
  switch (kind) {
    case InsurerKind::kUnknown:
      return "不明";
    case InsurerKind::kNationalHealthMunicipality:
      return "国民健康保険（市町村）";
    case InsurerKind::kNationalHealthSociety:
      return "国民健康保険組合";
    case InsurerKind::kHealthInsuranceAssociation:
      return "協会けんぽ";
    case InsurerKind::kSeamen:
      return "船員保険";
    case InsurerKind::kDayLabourer:
      return "日雇";
    case InsurerKind::kDayLabourerSpecial:
      return "日雇特例";
    case InsurerKind::kHealthInsuranceSociety:
      return "健康保険組合";
    case InsurerKind::kSelfDefenceForces:
      return "自衛官";
    case InsurerKind::kMedicalAid:
      return "医療扶助";
    case InsurerKind::kNationalServantsMutualAid:
      return "国家公務員共済";
    case InsurerKind::kLocalServantsMutualAid:
      return "地方公務員共済";
    case InsurerKind::kPoliceMutualAid:
      return "警察共済";
    case InsurerKind::kSchoolMutualAid:
      return "学校共済";
    case InsurerKind::kLateElderly:
      return "後期高齢者医療";
    case InsurerKind::kRetiredHealthInsuranceSociety:
      return "特定健保（特例退職）";
    case InsurerKind::kRetiredNationalHealth:
      return "国保退職";
    case InsurerKind::kRetiredMutualAid:
      return "特定共済（特例退職）";
  }
  return "不明";
}

}  // namespace kakunin::synth
