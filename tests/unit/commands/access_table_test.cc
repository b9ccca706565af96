#include "server/commands/access_table.h"

#include <gtest/gtest.h>

#include <string>

namespace kakunin {
namespace {

bool Holds(const std::string& table, const std::string& text) {
  return table.find(text) != std::string::npos;
}

TEST(AccessTableTest, ShowsAFacilityWhoAskedForWhatAndWithWhatResult) {
  v1::ListFacilityAccessResponse answer;
  answer.mutable_complete_until_time()->set_seconds(1767571200);  // 2026-01-05 00:00 UTC
  answer.set_audit_id("stream/9");
  v1::FacilityAccess& treated = *answer.add_accesses();
  treated.mutable_time()->set_seconds(1767571200 - 60);
  treated.set_terminal_id("desk-1");
  treated.set_user("u1");
  treated.set_role(v1::USER_ROLE_DOCTOR);
  treated.set_operation(v1::ACCESS_OPERATION_GET_TREATMENT_HISTORY);
  treated.set_audit_id("stream/7");
  treated.set_patient_handle("sealed");
  treated.mutable_result()->set_shown(true);
  treated.mutable_result()->add_kinds()->set_kind(v1::CONSENT_KIND_TREATMENT);
  v1::AccessedKind& surgery = *treated.mutable_result()->add_kinds();
  surgery.set_kind(v1::CONSENT_KIND_SURGERY);
  surgery.set_refused_reason("CONSENT_DECLINED");
  v1::FacilityAccess& confirmed = *answer.add_accesses();
  confirmed.set_operation(v1::ACCESS_OPERATION_CONFIRM_BY_CARD);
  confirmed.mutable_result()->set_shown(true);
  confirmed.mutable_result()->set_validity(v1::VALIDITY_VALID);
  v1::FacilityAccess& refused = *answer.add_accesses();
  refused.set_operation(v1::ACCESS_OPERATION_GET_DRUG_HISTORY);
  refused.mutable_result()->set_refused_reason("NO_CONSENT");
  refused.mutable_result()->set_refused_message("同意がありません。");
  refused.mutable_result()->add_kinds()->set_refused_reason("NO_CONSENT");

  const std::string table = AccessTable(answer);
  for (const char* text :
       {"2026-01-05 08:59:00", "診療・手術情報の閲覧", "診療情報: 表示",
        "手術情報: CONSENT_DECLINED", "端末 desk-1", "利用者 u1（医師）", "監査番号 stream/7",
        "資格確認（カード）  回答済み（有効）", "薬剤情報の閲覧  拒否: 同意がありません。",
        "2026-01-05 09:00:00 より前", "stream/9"}) {
    EXPECT_TRUE(Holds(table, text)) << text << "\n" << table;
  }
  EXPECT_FALSE(Holds(table, "sealed"));
  EXPECT_FALSE(Holds(table, "さらに古い"));
  EXPECT_FALSE(Holds(table, "該当する記録はありません"));
}

TEST(AccessTableTest, ShowsAPatientWhichFacilitiesLooked) {
  v1::ListPatientAccessResponse answer;
  answer.set_registered(true);
  answer.set_next_page_token("more");
  v1::PatientAccess& access = *answer.add_accesses();
  access.set_facility_code("1312345678");
  access.set_facility_name("見本医院");
  access.set_role(v1::USER_ROLE_PHARMACIST);
  access.set_operation(v1::ACCESS_OPERATION_GET_HEALTH_CHECKS);
  access.mutable_result()->set_shown(true);
  v1::PatientAccess& own = *answer.add_accesses();
  own.set_operation(v1::ACCESS_OPERATION_REVOKE_CONSENT);
  own.mutable_result()->set_shown(true);
  own.set_own_act(true);
  const std::string table = AccessTable(answer);
  for (const char* text : {"特定健診等情報の閲覧  回答済み  1312345678 見本医院（薬剤師）",
                           "（ご本人の操作）", "さらに古い"}) {
    EXPECT_TRUE(Holds(table, text)) << text << "\n" << table;
  }
}

TEST(AccessTableTest, AnUnregisteredCardIsNotToldThatNobodyLooked) {
  v1::ListPatientAccessResponse answer;
  EXPECT_TRUE(Holds(AccessTable(answer), "閲覧の有無を確認できません"));
  EXPECT_FALSE(Holds(AccessTable(answer), "該当する記録はありません"));
  answer.set_registered(true);
  EXPECT_TRUE(Holds(AccessTable(answer), "該当する記録はありません"));
}

TEST(AccessTableTest, EveryOperationAndRoleHasItsWords) {
  const auto* operations = v1::AccessOperation_descriptor();
  for (int i = 1; i < operations->value_count(); ++i) {
    v1::ListPatientAccessResponse answer;
    answer.set_registered(true);
    answer.add_accesses()->set_operation(
        static_cast<v1::AccessOperation>(operations->value(i)->number()));
    EXPECT_FALSE(Holds(AccessTable(answer), "その他")) << operations->value(i)->name();
  }
  for (int role = v1::USER_ROLE_GENERAL; role <= v1::USER_ROLE_OTHER_QUALIFIED; ++role) {
    v1::ListPatientAccessResponse answer;
    answer.set_registered(true);
    answer.add_accesses()->set_role(static_cast<v1::UserRole>(role));
    EXPECT_FALSE(Holds(AccessTable(answer), "役割不明")) << role;
  }
}

}  // namespace
}  // namespace kakunin
