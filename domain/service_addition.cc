#include "domain/service_addition.h"

#include "domain/record_kind.h"

namespace kakunin {

std::vector<FieldViolation> CheckServiceAddition(const ServiceAddition& addition,
                                                 const AddingFacility& facility,
                                                 absl::CivilDay day) {
  std::vector<FieldViolation> violations;
  if (!facility.in_use) {
    violations.push_back(
        {"facility_code",
         "運用を開始した施設だけが追加できます。運用開始の後に申請してください。"});
  }
  if (facility.introduction_type == IntroductionType::kRestricted) {
    violations.push_back({"facility_code",
                          "資格確認限定型では追加できません。顔認証付きカードリーダーによる利用を申"
                          "請してください。"});
  }
  const bool addable = addition.form_of_care == FormOfCare::kHomeVisit ||
                       addition.form_of_care == FormOfCare::kOnlineCare;
  if (!addition.form_of_care) {
    violations.push_back({"form_of_care", "必須の項目です。入力してください。"});
  } else if (!addable) {
    violations.push_back(
        {"form_of_care",
         "追加できるのは訪問診療等かオンライン診療等です。どちらかを選んでください。"});
  } else if (facility.has_already) {
    violations.push_back({"form_of_care", "すでに利用しています。申請は要りません。"});
  }
  if (!addition.start_day) {
    violations.push_back({"start_day", "必須の項目です。入力してください。"});
  } else if (*addition.start_day < day) {
    violations.push_back({"start_day", "過ぎた日です。今日以降の日を入力してください。"});
  } else if (*addition.start_day < kOtherFormsStart) {
    violations.push_back({"start_day", "令和6年4月1日以降の日を入力してください。"});
  }
  return violations;
}

bool AddedServiceWorks(absl::CivilDay start_day, absl::CivilDay day) { return day >= start_day; }

}  // namespace kakunin
