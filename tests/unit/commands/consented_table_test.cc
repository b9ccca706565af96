#include "server/commands/consented_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domain/civil_day.h"
#include "server/rpc/convert_date.h"

namespace kakunin {
namespace {

using testing::HasSubstr;
using testing::Not;

const absl::Time kAt = absl::FromCivil(absl::CivilSecond(2026, 11, 16, 10, 0, 0), JapanTime());

TEST(ConsentedTable, ShowsTheBookingUntilWhenAndTheAnswer) {
  v1::ListConsentedPatientsResponse page;
  v1::ConsentedPatient& patient = *page.add_patients();
  patient.set_form_of_care(v1::FORM_OF_CARE_ONLINE_CARE);
  *patient.mutable_appointment_date() = DayToProto(absl::CivilDay(2026, 11, 19));
  patient.set_booking_name("A-17");
  *patient.mutable_consent_time() = TimeToProto(kAt);
  *patient.mutable_end_time() = TimeToProto(EndOfDay(absl::CivilDay(2026, 11, 19)));
  v1::ConsentedEligibility& eligibility = *patient.mutable_eligibility();
  eligibility.set_validity(v1::VALIDITY_VALID);
  *eligibility.mutable_day() = DayToProto(absl::CivilDay(2026, 11, 19));
  v1::Coverage& coverage = *eligibility.add_coverages();
  coverage.mutable_name()->set_original("見本　花子");
  coverage.set_number("5678910");
  const std::string table = ConsentedTable(page.patients());
  for (const char* shown : {"オンライン診療等", "2026-11-19", "A-17", "2026-11-16 10:00:00",
                            "2026-11-20 00:00:00", "見本　花子", "5678910"}) {
    EXPECT_THAT(table, HasSubstr(shown));
  }
  EXPECT_THAT(table, Not(HasSubstr("回答なし")));
}

TEST(ConsentedTable, ShowsWhyNothingIsTold) {
  v1::ListConsentedPatientsResponse page;
  page.add_patients()->set_refused_message("同意は取り消されています。");
  EXPECT_THAT(ConsentedTable(page.patients()), HasSubstr("同意は取り消されています。"));
  page.clear_patients();
  EXPECT_THAT(ConsentedTable(page.patients()), HasSubstr("同意した患者はいません"));
}

TEST(ConfirmedTable, ShowsHowAndWhatWithoutThePatient) {
  v1::ListConfirmationsResponse told;
  v1::ToldConfirmation& one = *told.add_confirmations();
  *one.mutable_time() = TimeToProto(kAt);
  one.set_how(v1::CONFIRMED_HOW_BULK);
  one.set_validity(v1::VALIDITY_VALID);
  one.set_patient_handle("sealed");
  one.set_terminal_id("T1");
  *told.mutable_complete_until_time() = TimeToProto(kAt + absl::Hours(1));
  const std::string table = ConfirmedTable(told);
  for (const char* shown : {"2026-11-16 10:00:00", "一括照会", "T1", "2026-11-16 11:00:00"}) {
    EXPECT_THAT(table, HasSubstr(shown));
  }
  EXPECT_THAT(table, Not(HasSubstr("sealed")));
  EXPECT_THAT(ConfirmedTable({}), HasSubstr("資格確認の記録はありません"));
}

}  // namespace
}  // namespace kakunin
