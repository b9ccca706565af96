#include "domain/joining_application.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

namespace kakunin {
namespace {

// What contradicts a ground of other bodies.
void CheckOtherBody(const JoiningApplication& application,
                    std::vector<FieldViolation>& violations) {
  const UseApplication& use = application.use;
  if (use.introduction_type != IntroductionType::kRestricted || !IsOtherBody(use.ground)) return;
  if (use.facility_type && use.facility_type != FacilityType::kClinic) {
    violations.push_back(
        {"ground", fmt::format("{}の根拠は、病院・歯科診療所・薬局・訪問看護ステーショ"
                               "ンでは選べません。施設の種類か根拠を直してください。",
                               RowOf(*use.ground).name)});
  }
  if (application.reader_order) {
    violations.push_back(
        {"card_reader_order",
         fmt::format("{}には無償提供がありません。カードリーダーの申込を外してくださ"
                     "い。",
                     RowOf(*use.ground).name)});
  }
}

}  // namespace

bool IsOtherBody(std::optional<RestrictedGround> ground) {
  return ground == RestrictedGround::kTreatmentHouse || ground == RestrictedGround::kCheckUpBody ||
         ground == RestrictedGround::kMidwife;
}

std::vector<FieldViolation> CheckJoiningApplication(const JoiningApplication& application,
                                                    const JoiningRules& rules, absl::CivilDay day) {
  std::vector<FieldViolation> violations = CheckUseApplication(application.use, rules.grounds, day);
  if (application.reader_order) {
    for (FieldViolation& violation : CheckCardReaderOrder(
             *application.reader_order, application.use.facility_type, rules.reader_offer, day)) {
      violations.push_back(std::move(violation));
    }
  }
  CheckOtherBody(application, violations);
  return violations;
}

bool GroupFinding::IsGood() const {
  return violations.empty() && std::ranges::all_of(rows, [](const GroupRowFinding& row) {
           return row.violations.empty();
         });
}

GroupFinding CheckGroupApplication(const GroupApplication& group, const JoiningRules& rules,
                                   absl::CivilDay day) {
  GroupFinding finding;
  if (group.rows.empty()) {
    finding.violations.push_back(
        {"facilities", "施設が1件もありません。1件以上を入力してください。"});
  }
  if (group.rows.size() > kMostGroupRows) {
    finding.violations.push_back(
        {"facilities",
         fmt::format("1回の申請は{}件までです。分けて申請してください。", kMostGroupRows)});
    return finding;
  }
  const bool has_pharmacy = std::ranges::any_of(group.rows, [](const JoiningApplication& row) {
    return row.use.facility_type == FacilityType::kPharmacy;
  });
  if (has_pharmacy && !group.prescriptions) {
    finding.violations.push_back({"group_prescriptions",
                                  "薬局があるときは、グループ全体の1か月の処方箋受付回数を入力して"
                                  "ください（4万回以上は大型チ"
                                  "ェーン薬局です）。"});
  } else if (group.prescriptions && *group.prescriptions < 0) {
    finding.violations.push_back({"group_prescriptions", "0以上の回数を入力してください。"});
  }
  std::map<std::string_view, size_t> first_row;
  finding.rows.reserve(group.rows.size());
  for (size_t i = 0; i < group.rows.size(); ++i) {
    const JoiningApplication& row = group.rows[i];
    GroupRowFinding& found =
        finding.rows.emplace_back(GroupRowFinding{CheckJoiningApplication(row, rules, day), {}});
    if (row.use.facility_type) {
      found.subsidy_class = SubsidyClassOf(*row.use.facility_type, group.prescriptions);
    }
    if (row.use.facility_code.empty()) continue;
    const auto [first, is_new] = first_row.emplace(row.use.facility_code, i);
    if (!is_new) {
      found.violations.push_back(
          {"facility_code", fmt::format("同じ施設が{}件目にもあります。どちらかを消してください。",
                                        first->second + 1)});
    }
  }
  return finding;
}

}  // namespace kakunin
