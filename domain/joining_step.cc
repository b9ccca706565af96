#include "domain/joining_step.h"

namespace kakunin {

std::string_view NameOf(JoiningRefusal refusal) {
  constexpr std::string_view kNames[kJoiningRefusals] = {
      "NOT_IN_THIS_STATE", "OPERATION_TEST_INCOMPLETE", "INTRODUCTION_INCOMPLETE",
      "DOCUMENTS_MISSING", "DEADLINE_PASSED"};
  return kNames[static_cast<size_t>(refusal) - 1];
}

std::string_view SentenceOf(JoiningRefusal refusal) {
  switch (refusal) {
    case JoiningRefusal::kNotInThisState:
      return "今の状態ではこの手続きはできません。申請の状態を確かめてください。";
    case JoiningRefusal::kOperationTestIncomplete:
      return "運用テストが終わっていません。確認表の残りの項目を端末で試してください。";
    case JoiningRefusal::kIntroductionIncomplete:
      return "補助金の申請は導入完了後です。運用を開始してから申請してください。";
    case JoiningRefusal::kDocumentsMissing:
      return "必要な書類がそろっていません。足りない書類を添付してください。";
    case JoiningRefusal::kDeadlinePassed:
      return "申請期限を過ぎています。申請できません。";
  }
  return "";
}

}  // namespace kakunin
