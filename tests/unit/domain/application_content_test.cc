// What the facility's own standing makes of what it hands in.
#include "domain/application_content.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domain/facility_terms.h"

namespace kakunin {
namespace {

using Day = absl::CivilDay;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr Day kToday(2026, 11, 22);
constexpr Day kOrdered(2021, 3, 31);

ApplicationContent Subsidy(SubsidyMeasure measure) {
  SubsidyRequest request;
  request.facts = {.measure = measure,
                   .readers = 1,
                   .reader_applied = kOrdered,
                   .ground = RestrictedGround::kHardship,
                   .cost_yen = 429'000};
  return {.facility_code = "1312345670", .value = request};
}

ContentFinding Find(const ApplicationContent& content, const ApplyingFacility& facility) {
  return CheckContent(content, facility, JoiningRules(), kToday);
}

// The lines that ask the reviewer to look.
std::vector<std::string> Warnings(const ApplicationContent& content,
                                  const ApplyingFacility& facility) {
  std::vector<std::string> lines = Find(content, facility).working;
  EXPECT_FALSE(lines.empty());
  EXPECT_THAT(lines.back(), testing::Not(HasSubstr("要確認"))) << "the result comes last";
  std::erase_if(lines, [](const std::string& line) { return !line.starts_with("要確認"); });
  return lines;
}

TEST(ApplicationContent, AnIntroductionIsCompleteWhenWhatIsSubsidisedWorks) {
  using enum SubsidyMeasure;
  const auto complete = [](SubsidyMeasure measure, const ApplyingFacility& facility) {
    return Find(Subsidy(measure), facility).submission.introduction_complete;
  };
  const ApplyingFacility full{.introduction_type = IntroductionType::kFull,
                              .in_use = true,
                              .home_visits_from = kNotAdded,
                              .online_care_from = kNotAdded};
  EXPECT_TRUE(complete(kOutpatientSystem, full));
  EXPECT_TRUE(complete(kRestrictedType, full));
  EXPECT_FALSE(complete(kOnlineCare, full));
  EXPECT_FALSE(complete(kHomeVisits, full));
  for (const auto& [day, works] :
       {std::pair{kToday - 1, true}, {kToday, true}, {kToday + 1, false}}) {
    ApplyingFacility added = full;
    added.online_care_from = day;
    EXPECT_EQ(complete(kOnlineCare, added), works) << day;
    EXPECT_FALSE(complete(kHomeVisits, added)) << day;
    added = full;
    added.home_visits_from = day;
    EXPECT_EQ(complete(kHomeVisits, added), works) << day;
    EXPECT_FALSE(complete(kOnlineCare, added)) << day;
  }
  // It had them before additions were kept.
  const ApplyingFacility before{.introduction_type = IntroductionType::kFull, .in_use = true};
  EXPECT_TRUE(complete(kOnlineCare, before));
  EXPECT_TRUE(complete(kHomeVisits, before));
  // The system beside the card reader is not the restricted type's.
  ApplyingFacility restricted = full;
  restricted.introduction_type = IntroductionType::kRestricted;
  EXPECT_FALSE(complete(kOutpatientSystem, restricted));
  EXPECT_TRUE(complete(kRestrictedType, restricted));
  // Whatever it has added: in the test nothing is complete.
  ApplyingFacility tested = before;
  tested.in_use = false;
  for (const SubsidyMeasure measure :
       {kOutpatientSystem, kOnlineCare, kHomeVisits, kRestrictedType}) {
    EXPECT_FALSE(complete(measure, tested));
  }
}

TEST(ApplicationContent, TheReviewerIsWarnedOfReadersThatWereNotOrderedSoHere) {
  const ApplicationContent content = Subsidy(SubsidyMeasure::kOutpatientSystem);
  ApplyingFacility facility{.in_use = true, .reader_orders = {{.day = kOrdered, .units = 1}}};
  EXPECT_THAT(Warnings(content, facility), IsEmpty());
  for (const Day day : {kOrdered - 1, kOrdered + 1}) {
    facility.reader_orders = {{.day = day, .units = 1}};
    EXPECT_THAT(Warnings(content, facility), ElementsAre(HasSubstr("記録と異なります"))) << day;
  }
  EXPECT_THAT(Warnings(content, facility), ElementsAre(HasSubstr("記録と異なります")));
  facility.reader_orders = {{.day = kOrdered, .units = 2}};
  EXPECT_THAT(Warnings(content, facility), ElementsAre(HasSubstr("記録と異なります")));
  facility.reader_orders = {{.day = kOrdered, .units = 1}, {.day = kOrdered + 1, .units = 2}};
  EXPECT_THAT(Warnings(content, facility), ElementsAre(HasSubstr("記録と異なります")));
  facility.reader_orders.clear();
  EXPECT_THAT(Warnings(content, facility), ElementsAre(HasSubstr("記録と異なります")));
  // Others' orders are told to nobody.
  facility.reader_orders = {{.day = kOrdered + 40, .units = 3}};
  EXPECT_THAT(Warnings(content, facility), testing::Not(testing::Contains(HasSubstr("3台"))));
  facility.reader_orders.clear();
  // Neither side has any, and for the other measures readers decide nothing.
  ApplicationContent none = content;
  std::get<SubsidyRequest>(none.value).facts.readers = 0;
  EXPECT_THAT(Warnings(none, facility), IsEmpty());
  EXPECT_THAT(Warnings(Subsidy(SubsidyMeasure::kOnlineCare), facility), IsEmpty());
}

TEST(ApplicationContent, TheReviewerIsWarnedOfAGroupOfAnotherSize) {
  ApplicationContent content = Subsidy(SubsidyMeasure::kOnlineCare);
  ApplyingFacility facility{.type = FacilityType::kPharmacy, .in_use = true};
  auto& told = std::get<SubsidyRequest>(content.value).facts.group_prescriptions;
  for (const auto& [prescriptions, group, warned] :
       {std::tuple{39'999, SubsidyClass::kClinicOrPharmacy, false},
        {39'999, SubsidyClass::kLargeChainPharmacy, true},
        {40'000, SubsidyClass::kLargeChainPharmacy, false},
        {40'000, SubsidyClass::kClinicOrPharmacy, true}}) {
    told = prescriptions;
    facility.group_class = group;
    EXPECT_EQ(Warnings(content, facility).size(), warned ? 1U : 0U) << prescriptions;
  }
  facility.group_class.reset();
  EXPECT_THAT(Warnings(content, facility), ElementsAre(HasSubstr("記録と異なります")));
  facility.type = FacilityType::kClinic;
  EXPECT_THAT(Warnings(content, facility), IsEmpty()) << "its class needs no group";
}

TEST(ApplicationContent, AnotherBodyOrdersNoReadersLater) {
  JoiningRules rules;
  rules.reader_offer = CardReaderOffer{.from = Day(2020, 8, 1), .last_day = {}};
  const ApplicationContent content{
      .facility_code = "1312345670",
      .value = CardReaderOrder{.maker = CardReaderMaker::kAlmex, .units = 1}};
  ApplyingFacility facility{.introduction_type = IntroductionType::kRestricted, .in_use = true};
  EXPECT_THAT(CheckContent(content, facility, rules, kToday).violations, IsEmpty());
  facility.ground = RestrictedGround::kPaperClaims;
  EXPECT_THAT(CheckContent(content, facility, rules, kToday).violations, IsEmpty());
  facility.ground = RestrictedGround::kTreatmentHouse;
  EXPECT_THAT(CheckContent(content, facility, rules, kToday).violations,
              ElementsAre(testing::Field(&FieldViolation::field, "card_reader_order")));
}

}  // namespace
}  // namespace kakunin
