#include "domain/facility_closure.h"

#include "domain/text/facility_code.h"

namespace kakunin {
namespace {

constexpr const char* kMissing = "必須の項目です。入力してください。";
constexpr const char* kNotACode = "医療機関等コードは半角数字10桁で入力してください。";

void CheckCode(const char* field, const std::string& code,
               std::vector<FieldViolation>& violations) {
  if (code.empty()) {
    violations.push_back({field, kMissing});
  } else if (!FacilityCode::Parse(code)) {
    violations.push_back({field, kNotACode});
  }
}

}  // namespace

std::vector<FieldViolation> CheckFacilityClosure(const FacilityClosure& closure,
                                                 absl::CivilDay day) {
  std::vector<FieldViolation> violations;
  if (!closure.last_day) violations.push_back({"last_day", kMissing});
  if (!closure.resume_day) return violations;
  if (closure.last_day && *closure.resume_day <= *closure.last_day + 1) {
    violations.push_back(
        {"resume_day",
         "休止の最終利用日の翌々日以降の日を入力してください。休まないときは空にします。"});
  }
  if (*closure.resume_day < day) {
    violations.push_back({"resume_day", "過ぎた日です。今日以降の日を入力してください。"});
  }
  return violations;
}

bool WorksDuringClosure(const FacilityClosure& closure, absl::CivilDay day) {
  if (closure.resume_day && day >= *closure.resume_day) return true;
  return !closure.last_day || day <= *closure.last_day;
}

std::vector<FieldViolation> CheckFacilitySuccession(const FacilitySuccession& succession,
                                                    absl::CivilDay day) {
  std::vector<FieldViolation> violations;
  CheckCode("facility_code", succession.facility_code, violations);
  CheckCode("successor_code", succession.successor_code, violations);
  if (!succession.successor_code.empty() && succession.facility_code == succession.successor_code) {
    violations.push_back(
        {"successor_code",
         "同じ医療機関等コードです。コードが変わらないときは承継の届出は要りません。"});
  }
  if (!succession.first_day) {
    violations.push_back({"first_day", kMissing});
  } else if (*succession.first_day < day) {
    violations.push_back({"first_day", "過ぎた日です。今日以降の日を入力してください。"});
  }
  return violations;
}

FacilityClosure ClosureOf(const FacilitySuccession& succession) {
  FacilityClosure closure;
  if (succession.first_day) closure.last_day = *succession.first_day - 1;
  return closure;
}

}  // namespace kakunin
