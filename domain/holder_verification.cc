#include "domain/holder_verification.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "domain/civil_day.h"
#include "domain/record_kind.h"

namespace kakunin {
namespace {

struct Row {
  FormOfCare form;
  HolderVerification way;
  absl::Time from;
};

// At the reader the patient shows the face or enters the PIN, and staff may look (seed 001,
// domain.md 4). On a home visit there is no reader: PIN, or staff look; online nobody can look
// (seed 002, domain.md 4).
constexpr absl::CivilDay kVisualAtHomeStart(2024, 10, 1);  // domain.md 4
constexpr std::array kRows = {
    Row{FormOfCare::kOutpatient, HolderVerification::kFace, absl::InfinitePast()},
    Row{FormOfCare::kOutpatient, HolderVerification::kPin, absl::InfinitePast()},
    Row{FormOfCare::kOutpatient, HolderVerification::kVisual, absl::InfinitePast()},
    Row{FormOfCare::kHomeVisit, HolderVerification::kPin, StartOfDay(kOtherFormsStart)},
    Row{FormOfCare::kHomeVisit, HolderVerification::kVisual, StartOfDay(kVisualAtHomeStart)},
    Row{FormOfCare::kOnlineCare, HolderVerification::kPin, StartOfDay(kOtherFormsStart)},
    // In an emergency as at the reader, from when its views began (domain.md 3).
    Row{FormOfCare::kEmergency, HolderVerification::kFace, StartOfDay(kEmergencyStart)},
    Row{FormOfCare::kEmergency, HolderVerification::kPin, StartOfDay(kEmergencyStart)},
    Row{FormOfCare::kEmergency, HolderVerification::kVisual, StartOfDay(kEmergencyStart)},
};

struct Name {
  HolderVerification way;
  std::string_view name;
};
constexpr std::array kNames = {Name{HolderVerification::kFace, "顔認証"},
                               Name{HolderVerification::kPin, "暗証番号"},
                               Name{HolderVerification::kVisual, "目視"},
                               Name{HolderVerification::kPhone, "スマートフォンの認証"}};

}  // namespace

bool IsHolderVerificationAllowed(HolderVerification way, const HolderVerificationRules& rules,
                                 absl::Time at) {
  if (rules.alone && way != HolderVerification::kPin) return false;
  if (rules.phone) {
    const bool of_phones = way == HolderVerification::kPin || way == HolderVerification::kPhone;
    if (at < rules.phone_from || !of_phones) return false;
  }
  if (way == HolderVerification::kPhone) {
    return rules.form == FormOfCare::kOutpatient && at >= rules.phone_from;
  }
  return std::any_of(kRows.begin(), kRows.end(), [&](const Row& row) {
    return row.form == rules.form && row.way == way && at >= row.from;
  });
}

std::string AllowedHolderVerifications(const HolderVerificationRules& rules, absl::Time at) {
  std::vector<std::string_view> allowed;
  for (const Name& name : kNames) {
    if (IsHolderVerificationAllowed(name.way, rules, at)) allowed.push_back(name.name);
  }
  std::string text;
  for (size_t i = 0; i < allowed.size(); ++i) {
    if (i > 0) text += i + 1 == allowed.size() ? "または" : "、";
    text += allowed[i];
  }
  return text;
}

}  // namespace kakunin
