#include "domain/joining_application.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domain/facility_closure.h"
#include "domain/record_kind.h"
#include "domain/required_documents.h"
#include "domain/service_addition.h"

namespace kakunin {
namespace {

using Day = absl::CivilDay;
using Month = absl::CivilMonth;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Day kToday(2026, 11, 22);

std::vector<std::string> FieldsOf(const std::vector<FieldViolation>& violations) {
  std::vector<std::string> fields;
  for (const FieldViolation& violation : violations) {
    EXPECT_FALSE(violation.description.empty());
    fields.push_back(violation.field);
  }
  return fields;
}

JoiningRules Rules() {
  JoiningRules rules;
  rules.reader_offer = CardReaderOffer{.from = Day(2026, 4, 1), .last_day = Day(2027, 3, 31)};
  return rules;
}

JoiningApplication Good(const std::string& code, FacilityType type) {
  JoiningApplication application;
  application.use.facility_code = code;
  application.use.facility_type = type;
  application.use.introduction_type = IntroductionType::kFull;
  application.use.line_kind = LineKind::kIpsecIke;
  application.use.start_month = Month(2027, 4);
  application.use.online_claims = OnlineClaims::kInUse;
  application.reader_order = CardReaderOrder{.maker = CardReaderMaker::kAlmex, .units = 1};
  return application;
}

TEST(CardReaderOrder, FreeUnitsByKindOfFacility) {
  using enum FacilityType;
  const std::pair<FacilityType, int> kFree[] = {
      {kHospital, 3}, {kClinic, 1}, {kDental, 1}, {kPharmacy, 1}, {kHomeNursing, 0}};
  for (const auto& [type, free] : kFree) {
    EXPECT_EQ(FreeReaders(type), free);
    for (int units = -1; units <= 4; ++units) {
      const CardReaderOrder order{.maker = CardReaderMaker::kFujitsuJapan, .units = units};
      const auto fields = FieldsOf(CheckCardReaderOrder(order, type, Rules().reader_offer, kToday));
      EXPECT_EQ(fields.empty(), units >= 1 && units <= free) << units;
    }
  }
}

TEST(CardReaderOrder, OnlyWhileTheOfferIsOpen) {
  const CardReaderOrder order{.maker = CardReaderMaker::kAlmex, .units = 1};
  const auto open = [&](Day day, const std::optional<CardReaderOffer>& offer) {
    return CheckCardReaderOrder(order, FacilityType::kClinic, offer, day).empty();
  };
  const auto offer = Rules().reader_offer;
  EXPECT_FALSE(open(Day(2026, 3, 31), offer));
  EXPECT_TRUE(open(Day(2026, 4, 1), offer));
  EXPECT_TRUE(open(Day(2026, 4, 2), offer));
  EXPECT_TRUE(open(Day(2027, 3, 30), offer));
  EXPECT_TRUE(open(Day(2027, 3, 31), offer));
  EXPECT_FALSE(open(Day(2027, 4, 1), offer));
  EXPECT_TRUE(open(Day(2040, 1, 1), CardReaderOffer{.from = Day(2026, 4, 1), .last_day = {}}));
  EXPECT_FALSE(open(kToday, std::nullopt));
}

TEST(CardReaderOrder, EverythingAtOnce) {
  EXPECT_THAT(
      FieldsOf(CheckCardReaderOrder({}, FacilityType::kPharmacy, {}, kToday)),
      ElementsAre("card_reader_order", "card_reader_order.maker", "card_reader_order.units"));
  for (int number = 1; number <= kCardReaderMakers; ++number) {
    EXPECT_FALSE(NameOf(static_cast<CardReaderMaker>(number)).empty());
  }
  EXPECT_EQ(KeyOf(CardReaderMaker::kFujitsuJapan), "fujitsu-japan");
}

TEST(CardReaderOrder, TheRuleBeforeTheLawIsTheTableOfSection2) {
  const std::tuple<SubsidyClass, int, int64_t> kPrinted[] = {
      {SubsidyClass::kHospital, 1, 99'000},
      {SubsidyClass::kHospital, 2, 198'000},
      {SubsidyClass::kHospital, 3, 297'000},
      {SubsidyClass::kLargeChainPharmacy, 1, 99'000},
      {SubsidyClass::kClinicOrPharmacy, 1, 99'000}};
  ASSERT_EQ(ReaderReimbursements().size(), std::size(kPrinted));
  for (size_t i = 0; i < std::size(kPrinted); ++i) {
    const ReaderReimbursement& row = ReaderReimbursements()[i];
    EXPECT_EQ(std::tuple(row.subsidy_class, row.units, row.most_yen), kPrinted[i]);
  }
}

TEST(JoiningApplication, APharmacyThatAsksForThreeReadersInThePastWithoutAGround) {
  JoiningApplication application = Good("1342345670", FacilityType::kPharmacy);
  application.use.introduction_type = IntroductionType::kRestricted;
  application.use.start_month = Month(2026, 10);
  application.reader_order->units = 3;
  EXPECT_THAT(FieldsOf(CheckJoiningApplication(application, Rules(), kToday)),
              ElementsAre("start_month", "ground", "card_reader_order.units"));
}

TEST(JoiningApplication, WithoutAnOrderNoOfferIsNeeded) {
  JoiningApplication application = Good("1342345670", FacilityType::kPharmacy);
  application.reader_order.reset();
  EXPECT_THAT(CheckJoiningApplication(application, JoiningRules(), kToday), IsEmpty());
}

TEST(JoiningApplication, AGroundOfOtherBodiesContradictsTheKindsOfFacilities) {
  using enum FacilityType;
  JoiningRules rules = Rules();
  const OpenedGround open{.from = Day(2026, 4, 1), .last_day = {}};
  rules.grounds = {
      .treatment_houses = open, .paper_claims = open, .check_up_bodies = open, .midwives = open};
  const std::pair<const char*, FacilityType> kFacilities[] = {{"1312345670", kHospital},
                                                              {"1312345670", kClinic},
                                                              {"1332345670", kDental},
                                                              {"1342345670", kPharmacy},
                                                              {"1362345670", kHomeNursing}};
  for (int number = 1; number <= kRestrictedGrounds; ++number) {
    const auto ground = static_cast<RestrictedGround>(number);
    const bool other = ground == RestrictedGround::kTreatmentHouse ||
                       ground == RestrictedGround::kCheckUpBody ||
                       ground == RestrictedGround::kMidwife;
    EXPECT_EQ(IsOtherBody(ground), other) << number;
    if (!RowOf(ground).by_configuration) continue;
    for (const auto& [code, type] : kFacilities) {
      JoiningApplication application = Good(code, type);
      application.use.introduction_type = IntroductionType::kRestricted;
      application.use.line_kind.reset();
      application.use.ground = ground;
      application.reader_order.reset();
      const auto faults = FieldsOf(CheckJoiningApplication(application, rules, kToday));
      EXPECT_EQ(faults.empty(), !other || type == kClinic) << code << number;
      if (!faults.empty()) EXPECT_THAT(faults, ElementsAre("ground"));
      if (type == kHomeNursing) continue;  // no readers by its type alone
      application.reader_order = CardReaderOrder{.maker = CardReaderMaker::kAlmex, .units = 1};
      EXPECT_EQ(FieldsOf(CheckJoiningApplication(application, rules, kToday)).size(),
                faults.size() + (other ? 1 : 0))
          << code << number;
    }
  }
  // Of the full type a ground is wrong by itself, and says nothing of the body.
  JoiningApplication full = Good("1342345670", kPharmacy);
  full.use.ground = RestrictedGround::kMidwife;
  EXPECT_THAT(FieldsOf(CheckJoiningApplication(full, rules, kToday)), ElementsAre("ground"));
}

TEST(GroupApplication, EachRowHasItsOwnFaults) {
  GroupApplication group;
  group.prescriptions = 41'000;
  group.rows = {
      Good("1342345670", FacilityType::kPharmacy), Good("134234567", FacilityType::kPharmacy),
      Good("1342345670", FacilityType::kPharmacy), Good("1312345670", FacilityType::kClinic)};
  group.rows[3].reader_order->units = 2;
  const GroupFinding finding = CheckGroupApplication(group, Rules(), kToday);
  EXPECT_FALSE(finding.IsGood());
  EXPECT_THAT(finding.violations, IsEmpty());
  ASSERT_EQ(finding.rows.size(), 4u);
  EXPECT_THAT(finding.rows[0].violations, IsEmpty());
  EXPECT_THAT(FieldsOf(finding.rows[1].violations), ElementsAre("facility_code"));
  EXPECT_THAT(FieldsOf(finding.rows[2].violations), ElementsAre("facility_code"));
  EXPECT_NE(finding.rows[2].violations[0].description.find("1件目"), std::string::npos);
  EXPECT_THAT(FieldsOf(finding.rows[3].violations), ElementsAre("card_reader_order.units"));
}

TEST(GroupApplication, ItsSizeDecidesTheClassOfItsPharmacies) {
  GroupApplication group;
  group.rows = {Good("1342345670", FacilityType::kPharmacy),
                Good("1312345670", FacilityType::kClinic),
                Good("1362345670", FacilityType::kHomeNursing)};
  group.rows[2].reader_order.reset();
  for (const auto& [prescriptions, expected] : {std::pair{39'999, SubsidyClass::kClinicOrPharmacy},
                                                {40'000, SubsidyClass::kLargeChainPharmacy},
                                                {40'001, SubsidyClass::kLargeChainPharmacy}}) {
    group.prescriptions = prescriptions;
    const GroupFinding finding = CheckGroupApplication(group, Rules(), kToday);
    EXPECT_TRUE(finding.IsGood());
    EXPECT_EQ(finding.rows[0].subsidy_class, expected);
    EXPECT_EQ(finding.rows[1].subsidy_class, SubsidyClass::kClinicOrPharmacy);
    EXPECT_EQ(finding.rows[2].subsidy_class, std::nullopt);
  }
}

TEST(GroupApplication, TheGroupsOwnFaults) {
  GroupApplication group;
  EXPECT_THAT(FieldsOf(CheckGroupApplication(group, Rules(), kToday).violations),
              ElementsAre("facilities"));
  group.rows = {Good("1342345670", FacilityType::kPharmacy)};
  EXPECT_THAT(FieldsOf(CheckGroupApplication(group, Rules(), kToday).violations),
              ElementsAre("group_prescriptions"));
  group.prescriptions = -1;
  EXPECT_THAT(FieldsOf(CheckGroupApplication(group, Rules(), kToday).violations),
              ElementsAre("group_prescriptions"));
  group.rows = {Good("1312345670", FacilityType::kClinic)};
  group.prescriptions.reset();
  EXPECT_TRUE(CheckGroupApplication(group, Rules(), kToday).IsGood());
  group.rows.resize(kMostGroupRows + 1);
  EXPECT_THAT(FieldsOf(CheckGroupApplication(group, Rules(), kToday).violations),
              ElementsAre("facilities"));
  group.rows.pop_back();
  EXPECT_THAT(CheckGroupApplication(group, Rules(), kToday).violations, IsEmpty());
}

TEST(ServiceAddition, AFacilityInUseMayAddFromADayOn) {
  const AddingFacility in_use{.in_use = true};
  ServiceAddition addition{.form_of_care = FormOfCare::kHomeVisit, .start_day = kToday};
  for (const FormOfCare form : {FormOfCare::kHomeVisit, FormOfCare::kOnlineCare}) {
    addition.form_of_care = form;
    EXPECT_THAT(CheckServiceAddition(addition, in_use, kToday), IsEmpty());
    EXPECT_THAT(FieldsOf(CheckServiceAddition(addition, in_use, kToday + 1)),
                ElementsAre("start_day"));
  }
  EXPECT_THAT(FieldsOf(CheckServiceAddition(
                  addition, {.introduction_type = IntroductionType::kRestricted}, kToday)),
              ElementsAre("facility_code", "facility_code"));
  EXPECT_THAT(FieldsOf(CheckServiceAddition({}, in_use, kToday)),
              ElementsAre("form_of_care", "start_day"));
  EXPECT_THAT(
      FieldsOf(CheckServiceAddition(addition, {.in_use = true, .has_already = true}, kToday)),
      ElementsAre("form_of_care"));
  addition.form_of_care = FormOfCare::kEmergency;
  EXPECT_THAT(FieldsOf(CheckServiceAddition(addition, in_use, kToday)),
              ElementsAre("form_of_care"));
}

TEST(ServiceAddition, NotBeforeTheFormsBegan) {
  const AddingFacility in_use{.in_use = true};
  ServiceAddition addition{.form_of_care = FormOfCare::kOnlineCare,
                           .start_day = kOtherFormsStart - 1};
  const Day before(2024, 3, 1);
  EXPECT_THAT(FieldsOf(CheckServiceAddition(addition, in_use, before)), ElementsAre("start_day"));
  addition.start_day = kOtherFormsStart;
  EXPECT_THAT(CheckServiceAddition(addition, in_use, before), IsEmpty());
}

TEST(ServiceAddition, WorksFromItsStartAndNotBefore) {
  EXPECT_FALSE(AddedServiceWorks(kToday, kToday - 1));
  EXPECT_TRUE(AddedServiceWorks(kToday, kToday));
  EXPECT_TRUE(AddedServiceWorks(kToday, kToday + 1));
}

TEST(FacilityClosure, TerminalsWorkThroughTheLastDay) {
  const FacilityClosure closure{.last_day = kToday, .resume_day = kToday + 10};
  EXPECT_THAT(CheckFacilityClosure(closure, kToday), IsEmpty());
  for (const auto& [off, works] :
       {std::pair{-1, true}, {0, true}, {1, false}, {9, false}, {10, true}, {11, true}}) {
    EXPECT_EQ(WorksDuringClosure(closure, kToday + off), works) << off;
  }
  EXPECT_FALSE(WorksDuringClosure({.last_day = kToday, .resume_day = {}}, kToday + 4000));
  EXPECT_THAT(FieldsOf(CheckFacilityClosure({}, kToday)), ElementsAre("last_day"));
  EXPECT_THAT(
      FieldsOf(CheckFacilityClosure({.last_day = kToday, .resume_day = kToday + 1}, kToday)),
      ElementsAre("resume_day"));
  EXPECT_THAT(CheckFacilityClosure({.last_day = kToday, .resume_day = kToday + 2}, kToday),
              IsEmpty());
}

TEST(FacilitySuccession, EndsTheOldOneTheDayBefore) {
  FacilitySuccession succession{
      .facility_code = "1312345670", .successor_code = "1398765430", .first_day = Day(2027, 4, 1)};
  EXPECT_THAT(CheckFacilitySuccession(succession, kToday), IsEmpty());
  EXPECT_EQ(ClosureOf(succession).last_day, Day(2027, 3, 31));
  EXPECT_THAT(FieldsOf(CheckFacilitySuccession({}, kToday)),
              ElementsAre("facility_code", "successor_code", "first_day"));
  succession.successor_code = succession.facility_code;
  succession.first_day = kToday - 1;
  EXPECT_THAT(FieldsOf(CheckFacilitySuccession(succession, kToday)),
              ElementsAre("successor_code", "first_day"));
}

TEST(RequiredDocuments, TheSubsidysThreeDocuments) {
  const auto missing = [](const std::vector<std::string>& attached) {
    std::vector<std::string> keys;
    for (const RequiredDocument& one :
         MissingDocuments(JoiningPaper::kSubsidyOutpatient, attached)) {
      keys.emplace_back(one.key);
    }
    return keys;
  };
  EXPECT_THAT(missing({}), ElementsAre("receipt", "receipt-details", "completion-report"));
  EXPECT_THAT(missing({"receipt-details"}), ElementsAre("receipt", "completion-report"));
  EXPECT_THAT(missing({"completion-report", "receipt", "receipt-details"}), IsEmpty());
}

TEST(RequiredDocuments, WhatIsNotStatedIsNotNothing) {
  for (int number = 1; number <= kJoiningPapers; ++number) {
    const auto paper = static_cast<JoiningPaper>(number);
    EXPECT_EQ(IsChecklistStated(paper), !RequiredDocuments(paper).empty());
    EXPECT_FALSE(NameOf(paper).empty());
  }
  EXPECT_FALSE(IsChecklistStated(PaperOf(SubsidyMeasure::kRestrictedType)));
  EXPECT_FALSE(IsChecklistStated(PaperOf(SubsidyMeasure::kHomeVisits)));
  EXPECT_FALSE(IsChecklistStated(JoiningPaper::kClosure));
  EXPECT_TRUE(IsChecklistStated(PaperOf(SubsidyMeasure::kOnlineCare)));
  // Nothing to attach: what is listed is to be at hand.
  EXPECT_THAT(MissingDocuments(JoiningPaper::kUseApplication, {}), IsEmpty());
}

}  // namespace
}  // namespace kakunin
