#include "server/rpc/convert_record_rows.h"

#include <gtest/gtest.h>

#include "domain/month_record.h"
#include "kakunin/v1/record_service.pb.h"
#include "server/rpc/convert_date.h"
#include "server/rpc/record_octets.h"

namespace kakunin {
namespace {

v1::ReceiptRow GoodRow() {
  v1::ReceiptRow row;
  row.set_action(v1::ROW_ACTION_NEW);
  row.set_receipt_reference("R1");
  row.set_individual_number("123456789018");
  row.set_treatment_month("2026-03");
  row.set_source(v1::DRUG_SOURCE_RECEIPT);
  row.set_receipt_kind(v1::RECEIPT_KIND_DISPENSING);
  row.mutable_facility()->set_code("1340000007");
  row.mutable_facility()->set_name("見本薬局");
  row.mutable_prescribing_facility()->set_code("1310000003");
  row.mutable_prescribing_facility()->set_name("見本クリニック");
  v1::DrugDay& day = *row.add_drug_days();
  *day.mutable_dispensing_date() = DayToProto(absl::CivilDay(2026, 3, 9));
  v1::Drug& drug = *day.add_drugs();
  drug.set_code("620100202");
  drug.set_name("ブロプレス錠12 12mg");
  drug.set_drug_class(v1::DRUG_CLASS_ORAL);
  drug.set_dose("0.5");
  drug.set_times(28);
  v1::Treatment& treatment = *row.add_treatments();
  treatment.set_code("112007410");
  treatment.set_name("再診料");
  *treatment.add_dates() = DayToProto(absl::CivilDay(2026, 3, 9));
  return row;
}

std::string FaultsOf(const IncomingHead& incoming) {
  std::string all;
  for (const FieldFault& fault : incoming.faults) all += fault.field + ";";
  return all;
}

TEST(ReadReceiptRow, ReadsEveryFieldAndWipesTheNumber) {
  v1::ReceiptRow row = GoodRow();
  const IncomingReceipt incoming = ReadReceiptRow(row);
  EXPECT_EQ(FaultsOf(incoming), "");
  EXPECT_TRUE(incoming.individual_number.has_value());
  EXPECT_EQ(row.individual_number().find("123456789018"), std::string::npos);
  const Receipt& receipt = incoming.record;
  EXPECT_EQ(receipt.treatment_month, absl::CivilMonth(2026, 3));
  EXPECT_EQ(receipt.kind, ReceiptKind::kDispensing);
  EXPECT_EQ(receipt.prescribing_facility->name, "見本クリニック");
  ASSERT_EQ(receipt.drug_days.size(), 1u);
  EXPECT_EQ(receipt.drug_days[0].dispensing_day, absl::CivilDay(2026, 3, 9));
  EXPECT_FALSE(receipt.drug_days[0].prescribing_day.has_value());
  EXPECT_EQ(receipt.drug_days[0].drugs[0].drug_class, v1::DRUG_CLASS_ORAL);
  EXPECT_EQ(receipt.treatments[0].days[0].day(), 9);
}

TEST(ReadReceiptRow, AClassThatIsNotKnownIsKeptAsReceived) {
  v1::ReceiptRow row = GoodRow();
  v1::Drug& drug = *row.mutable_drug_days(0)->mutable_drugs(0);
  drug.set_drug_class(static_cast<v1::DrugClass>(9));
  EXPECT_EQ(ReadReceiptRow(row).record.drug_days[0].drugs[0].drug_class_received, "9");
  drug.set_drug_class_received("浸煎薬");
  const IncomingReceipt named = ReadReceiptRow(row);
  EXPECT_EQ(FaultsOf(named), "");
  EXPECT_EQ(named.record.drug_days[0].drugs[0].drug_class, 0);
  EXPECT_EQ(named.record.drug_days[0].drugs[0].drug_class_received, "浸煎薬");
  drug.clear_drug_class();
  drug.clear_drug_class_received();
  EXPECT_EQ(FaultsOf(ReadReceiptRow(row)), "drug_days[0].drugs[0].drug_class;");
}

TEST(ReadReceiptRow, TellsEveryFieldThatIsMissingOrMalformed) {
  v1::ReceiptRow row;
  EXPECT_EQ(FaultsOf(ReadReceiptRow(row)),
            "action;receipt_reference;treatment_month;source;receipt_kind;facility.code;"
            "facility.name;");
  row = GoodRow();
  row.set_treatment_month("2026-13");
  row.mutable_facility()->set_code("131000000");
  row.mutable_drug_days(0)->mutable_drugs(0)->set_dose("1.");
  row.mutable_drug_days(0)->mutable_drugs(0)->set_times(-1);
  row.mutable_treatments(0)->mutable_dates(0)->set_day(32);
  EXPECT_EQ(FaultsOf(ReadReceiptRow(row)),
            "treatment_month;facility.code;drug_days[0].drugs[0].dose;drug_days[0].drugs[0].times;"
            "treatments[0].dates[0];");
}

TEST(ReadReceiptRow, OfALostOneOnlyTheNamesAreRead) {
  v1::ReceiptRow row;
  row.set_action(v1::ROW_ACTION_LOST);
  row.set_receipt_reference("R1");
  const IncomingReceipt lost = ReadReceiptRow(row);
  EXPECT_EQ(FaultsOf(lost), "");
  EXPECT_EQ(lost.record.reference, "R1");
}

TEST(ReadHealthCheckRow, ReadsItemsAndTellsWhatIsWrong) {
  v1::HealthCheckRow row;
  EXPECT_EQ(FaultsOf(ReadHealthCheckRow(row)),
            "action;examination_reference;examination_date;programme;facility.code;facility.name;");
  row.set_action(v1::ROW_ACTION_NEW);
  row.set_examination_reference("H1");
  *row.mutable_examination_date() = DayToProto(absl::CivilDay(2025, 6, 30));
  row.set_programme(v1::HEALTH_CHECK_PROGRAMME_LATE_ELDERLY);
  row.mutable_facility()->set_code("1310000003");
  row.mutable_facility()->set_name("見本クリニック");
  v1::HealthCheckItem& item = *row.add_items();
  item.set_code("1A010000000190111");
  item.set_data_type("CO");
  item.set_value("1");
  item.set_value_name("－");
  const IncomingHealthCheck good = ReadHealthCheckRow(row);
  EXPECT_EQ(FaultsOf(good), "");
  EXPECT_EQ(good.record.items[0].value_name, "－");
  EXPECT_EQ(good.record.programme, HealthCheckProgramme::kLateElderly);
  item.set_value(std::string(65, '1'));
  EXPECT_EQ(FaultsOf(ReadHealthCheckRow(row)), "items[0].value;");
}

TEST(MonthText, IsTheInverseOfReadMonth) {
  EXPECT_EQ(ReadMonth("2026-03"), absl::CivilMonth(2026, 3));
  EXPECT_EQ(MonthText(absl::CivilMonth(2026, 3)), "2026-03");
  for (const char* bad : {"", "2026-3", "2026-00", "2026-13", "202603", "2026/03", "0000-01"}) {
    EXPECT_FALSE(ReadMonth(bad).has_value()) << bad;
  }
}

TEST(BuildReceiptMonth, AnEntryAReceiptFacilitiesApartAndTheOrderOfInputIsNothing) {
  v1::ReceiptRow pushed = GoodRow();
  Receipt dispensed = ReadReceiptRow(pushed).record;
  Receipt clinic = dispensed;
  clinic.reference = "R0";
  clinic.facility = {"1310000003", "見本クリニック"};
  clinic.prescribing_facility.reset();
  clinic.treatments[0].surgery = true;
  Receipt prescribed = clinic;
  prescribed.reference = "E1";
  prescribed.source = DrugSource::kPrescription;
  prescribed.treatments.clear();

  const std::string octets =
      BuildReceiptMonth(RecordKind::kDrug, std::vector{prescribed, dispensed, clinic});
  EXPECT_EQ(octets,
            BuildReceiptMonth(RecordKind::kDrug, std::vector{clinic, prescribed, dispensed}));
  const auto entries = DecodeMonthRecord(octets);
  ASSERT_TRUE(entries.ok());
  ASSERT_EQ(entries->size(), 3u);
  // Twins of one facility stand beside each other, the one that outranks the other first.
  EXPECT_EQ((*entries)[0].source, 1);
  EXPECT_EQ((*entries)[1].source, 3);
  EXPECT_NE((*entries)[0].facilities.find("1310000003"), std::string_view::npos);
  EXPECT_NE((*entries)[1].facilities.find("1310000003"), std::string_view::npos);
  v1::DrugMonth month;
  ASSERT_TRUE(month.ParseFromString(std::string((*entries)[2].body)));
  EXPECT_FALSE(month.has_facility());
  EXPECT_FALSE(month.has_prescribing_facility());
  EXPECT_EQ(month.month(), "2026-03");
  ASSERT_TRUE(month.ParseFromString(std::string((*entries)[2].body) +
                                    std::string((*entries)[2].facilities)));
  EXPECT_EQ(month.facility().name(), "見本薬局");
  EXPECT_EQ(month.prescribing_facility().code(), "1310000003");
  EXPECT_EQ(month.days(0).drugs(0).name(), "ブロプレス錠12 12mg");
  EXPECT_EQ(
      DecodeMonthRecord(BuildReceiptMonth(RecordKind::kSurgery, std::vector{clinic, dispensed}))
          ->size(),
      1u);
  EXPECT_EQ(BuildReceiptMonth(RecordKind::kTreatment, std::vector{clinic}), "");
}

TEST(BuildHealthCheckMonth, StandsNewestFirst) {
  HealthCheck older;
  older.examination_day = absl::CivilDay(2026, 3, 9);
  older.registrar_number = "06139992";
  HealthCheck newer = older;
  newer.examination_day = absl::CivilDay(2026, 3, 10);
  const std::string octets = BuildHealthCheckMonth(std::vector{older, newer});
  EXPECT_EQ(octets, BuildHealthCheckMonth(std::vector{newer, older}));
  const auto entries = DecodeMonthRecord(octets);
  ASSERT_EQ(entries->size(), 2u);
  v1::HealthCheck first;
  ASSERT_TRUE(first.ParseFromString(std::string((*entries)[0].body)));
  EXPECT_EQ(first.examination_date().day(), 10);
}

}  // namespace
}  // namespace kakunin
