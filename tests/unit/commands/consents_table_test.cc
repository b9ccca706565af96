#include "server/commands/consents_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>

namespace kakunin {
namespace {

bool Holds(const std::string& table, const std::string& text) {
  return table.find(text) != std::string::npos;
}

TEST(ConsentsTableTest, ShowsWhatIsConsentedInTheFieldsWords) {
  v1::ListConsentsResponse answer;
  answer.set_audit_id("stream/7");
  v1::Consent& online = *answer.add_consents();
  online.set_kind(v1::CONSENT_KIND_DRUG);
  online.set_form_of_care(v1::FORM_OF_CARE_ONLINE_CARE);
  online.mutable_appointment_date()->set_year(2026);
  online.mutable_appointment_date()->set_month(1);
  online.mutable_appointment_date()->set_day(9);
  online.set_method(v1::CONSENT_METHOD_CARD);
  online.set_standing(v1::CONSENT_STANDING_RUNNING);
  online.mutable_since_time()->set_seconds(1767571200);       // 2026-01-05 09:00:00 JST
  online.mutable_window_end_time()->set_seconds(1767970800);  // 2026-01-10 00:00:00 JST
  v1::Consent& ended = *answer.add_consents();
  ended.set_kind(v1::CONSENT_KIND_LIMIT_CERTIFICATE);
  ended.set_form_of_care(v1::FORM_OF_CARE_OUTPATIENT);
  ended.set_method(v1::CONSENT_METHOD_ORAL);
  ended.set_standing(v1::CONSENT_STANDING_REVOKED_BY_PATIENT);
  ended.mutable_since_time()->set_seconds(1767571200);
  ended.set_end_code(2);
  const std::string table = ConsentsTable(answer);
  for (const char* text :
       {"薬剤情報",
        "オンライン診療等（予約日 2026-01-09）  カード  有効（2026-01-05 09:00:00から）"
        "  期限 2026-01-10 00:00:00",
        "外来  口頭  患者による取消（2026-01-05 09:00:00から）  取消理由区分 2", "stream/7"}) {
    EXPECT_TRUE(Holds(table, text)) << text << "\n" << table;
  }
}

// A clerk reads no names of enumerations: no row of a table has a word of them.
TEST(ConsentsTableTest, EveryValueHasItsWords) {
  v1::ListConsentsResponse answer;
  const auto* kinds = v1::ConsentKind_descriptor();
  for (int i = 1; i < kinds->value_count(); ++i) {
    answer.add_consents()->set_kind(static_cast<v1::ConsentKind>(kinds->value(i)->number()));
  }
  const auto* standings = v1::ConsentStanding_descriptor();
  for (int i = 2; i < standings->value_count(); ++i) {  // nothing listed was never given
    v1::Consent& one = *answer.add_consents();
    one.set_kind(v1::CONSENT_KIND_DRUG);
    one.set_standing(static_cast<v1::ConsentStanding>(standings->value(i)->number()));
  }
  const auto* forms = v1::FormOfCare_descriptor();
  for (int i = 1; i < forms->value_count(); ++i) {
    v1::Consent& one = *answer.add_consents();
    one.set_kind(v1::CONSENT_KIND_DRUG);
    one.set_standing(v1::CONSENT_STANDING_RUNNING);
    one.set_form_of_care(static_cast<v1::FormOfCare>(forms->value(i)->number()));
  }
  for (v1::Consent& one : *answer.mutable_consents()) {
    if (one.standing() == v1::CONSENT_STANDING_UNSPECIFIED) {
      one.set_standing(v1::CONSENT_STANDING_RUNNING);
    }
    if (one.form_of_care() == v1::FORM_OF_CARE_UNSPECIFIED) {
      one.set_form_of_care(v1::FORM_OF_CARE_OUTPATIENT);
    }
  }
  const std::string table = ConsentsTable(answer);
  EXPECT_FALSE(Holds(table, "不明")) << table;
  EXPECT_TRUE(std::ranges::none_of(table, [](char c) {
    return std::isalpha(static_cast<unsigned char>(c)) != 0;
  })) << table;
}

TEST(ConsentsTableTest, ExplainsADecision) {
  v1::ExplainDecisionResponse answer;
  v1::DecisionExplanation& one = *answer.add_explanations();
  one.set_kind(v1::CONSENT_KIND_DRUG);
  one.set_reason("NO_CONSENT");
  one.set_rule("rule");
  one.set_remedy("カード");
  const std::string table = ConsentsTable(answer);
  EXPECT_TRUE(Holds(table, "薬剤情報  閲覧不可: NO_CONSENT")) << table;
  EXPECT_TRUE(Holds(table, "条件")) << table;
  EXPECT_FALSE(Holds(table, "残り")) << table;
}

}  // namespace
}  // namespace kakunin
