#include "server/commands/answer_table.h"

#include <gtest/gtest.h>

#include <string>

namespace kakunin {
namespace {

bool Holds(const std::string& table, const std::string& text) {
  return table.find(text) != std::string::npos;
}

TEST(AnswerTableTest, ShowsACardsAnswerToAClerk) {
  v1::ConfirmByCardResponse answer;
  answer.set_validity(v1::VALIDITY_VALID);
  answer.set_card_verdict(v1::CARD_VERDICT_ELIGIBILITY_ONLY);
  answer.set_next_step("受付してください。");
  answer.mutable_confirm_time()->set_seconds(1767571200);  // 2026-01-05 00:00 UTC
  answer.set_municipal_subsidies_out_of_scope(true);
  answer.add_reference_numbers("カルテ-0017");
  v1::ConsentState& consent = *answer.add_consents();
  consent.set_kind(v1::CONSENT_KIND_DRUG);
  consent.set_decision(v1::DECISION_DECLINED);
  v1::Coverage& coverage = *answer.add_coverages();
  coverage.set_card_classification(v1::CARD_CLASSIFICATION_GENERAL);
  coverage.set_insurer_number("06139992");
  coverage.mutable_name()->set_original("𠮷田花子");
  coverage.mutable_name()->set_jis_safe("吉田花子");
  coverage.mutable_name()->set_jis_replaced(true);
  coverage.mutable_qualification_date()->set_year(2018);
  coverage.mutable_qualification_date()->set_month(7);
  coverage.mutable_qualification_date()->set_day(1);
  coverage.set_partial_contribution_percent(20);

  const std::string table = AnswerTable(answer);
  for (const char* text :
       {"有効", "有効期限切れ（猶予期間中・資格確認のみ）", "受付してください。",
        "2026年01月05日 09:00:00", "同意（薬剤情報）", "同意しない", "06139992",
        "𠮷田花子 （JIS表記 吉田花子）", "2018年07月01日", "2割 (20 %)", "この確認の対象外です",
        "照会番号", "カルテ-0017", "資格 1: 被保険者証（一般）"}) {
    EXPECT_TRUE(Holds(table, text)) << text << "\n" << table;
  }
  EXPECT_FALSE(Holds(table, "資格喪失日"));
  EXPECT_FALSE(Holds(table, "限度額"));
}

TEST(AnswerTableTest, EveryValidityHasItsWord) {
  for (int validity = v1::VALIDITY_VALID; validity <= v1::VALIDITY_VALID_UNREGISTERED; ++validity) {
    v1::ConfirmByInsuredNumberResponse answer;
    answer.set_validity(static_cast<v1::Validity>(validity));
    EXPECT_FALSE(Holds(AnswerTable(answer), "不明")) << validity;
  }
}

TEST(AnswerTableTest, MedicalAidHasItsOwnWords) {
  v1::ConfirmByInsuredNumberResponse answer;
  answer.set_validity(v1::VALIDITY_VALID_UNREGISTERED);
  v1::Coverage& coverage = *answer.add_coverages();
  coverage.set_card_classification(v1::CARD_CLASSIFICATION_MEDICAL_AID);
  coverage.set_insurer_number("12131011");
  coverage.set_number("0000018");
  v1::MedicalTicket& ticket = *coverage.add_medical_tickets();
  ticket.set_ticket_type(2);
  ticket.set_issue_number("12345678");
  ticket.set_designated_facility_flag(0);
  std::string table = AnswerTable(answer);
  for (const char* text :
       {"有効（未登録）", "公費負担者番号", "受給者番号", "調剤券", "12345678"}) {
    EXPECT_TRUE(Holds(table, text)) << text << "\n" << table;
  }
  EXPECT_FALSE(Holds(table, "他の医療機関等の指定"));
  ticket.clear_issue_number();
  ticket.set_designated_facility_flag(1);
  table = AnswerTable(answer);
  EXPECT_TRUE(Holds(table, "他の医療機関等の指定"));
  EXPECT_FALSE(Holds(table, "券の内容"));
}

}  // namespace
}  // namespace kakunin
