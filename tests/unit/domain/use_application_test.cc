#include "domain/use_application.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kakunin {
namespace {

using Day = absl::CivilDay;
using Month = absl::CivilMonth;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Day kToday(2026, 11, 22);
const RestrictedGroundRules kNothingOpened;

UseApplication Good() {
  UseApplication application;
  application.facility_code = "1312345670";
  application.facility_type = FacilityType::kClinic;
  application.introduction_type = IntroductionType::kFull;
  application.line_kind = LineKind::kIpVpn;
  application.optical_line = true;
  application.ntt_line = true;
  application.customer_id = "CAF1234567890";
  application.start_month = Month(2027, 4);
  application.online_claims = OnlineClaims::kInUse;
  return application;
}

UseApplication GoodRestricted() {
  UseApplication application;
  application.facility_code = "1312345670";
  application.facility_type = FacilityType::kClinic;
  application.introduction_type = IntroductionType::kRestricted;
  application.start_month = Month(2027, 4);
  application.online_claims = OnlineClaims::kNotWished;
  application.ground = RestrictedGround::kRebuilding;
  return application;
}

std::vector<std::string> Fields(const UseApplication& application, Day day = kToday,
                                const RestrictedGroundRules& rules = kNothingOpened) {
  std::vector<std::string> fields;
  for (const FieldViolation& violation : CheckUseApplication(application, rules, day)) {
    EXPECT_FALSE(violation.description.empty());
    fields.push_back(violation.field);
  }
  return fields;
}

TEST(UseApplication, GoodOnesHaveNoFaults) {
  EXPECT_THAT(Fields(Good()), IsEmpty());
  EXPECT_THAT(Fields(GoodRestricted()), IsEmpty());
}

TEST(UseApplication, AnEmptyOneNamesEveryFieldAtOnce) {
  EXPECT_THAT(Fields(UseApplication()),
              ElementsAre("facility_type", "facility_code", "introduction_type", "line_kind",
                          "start_month", "online_claims"));
}

TEST(UseApplication, AllContradictionsAtOnce) {
  UseApplication application = Good();
  application.facility_type = FacilityType::kPharmacy;  // the code is a clinic's
  application.line_kind = LineKind::kIpsecIke;          // with a customer id
  application.start_month = Month(2026, 10);            // in the past
  application.test_month = Month(2026, 9);              // in the past
  application.ground = RestrictedGround::kHardship;     // with the full type
  EXPECT_THAT(Fields(application),
              ElementsAre("facility_type", "customer_id", "start_month", "test_month", "ground"));
}

TEST(UseApplication, TheCustomerIdExactlyForIpVpnOnAnNttLine) {
  struct Case {
    LineKind kind;
    std::optional<bool> ntt;
    bool has_id;
    std::vector<std::string> faults;
  };
  const Case kCases[] = {
      {LineKind::kIpVpn, true, true, {}},
      {LineKind::kIpVpn, true, false, {"customer_id"}},
      {LineKind::kIpVpn, false, true, {"customer_id"}},
      {LineKind::kIpVpn, false, false, {}},
      {LineKind::kIpVpn, {}, true, {"ntt_line"}},
      {LineKind::kIpVpn, {}, false, {"ntt_line"}},
      {LineKind::kIpsecIke, true, true, {"customer_id"}},
      {LineKind::kIpsecIke, true, false, {}},
      {LineKind::kIpsecIke, false, true, {"customer_id"}},
      {LineKind::kIpsecIke, {}, true, {"customer_id"}},
      {LineKind::kIpsecIke, {}, false, {}},
  };
  for (const Case& one : kCases) {
    UseApplication application = Good();
    application.line_kind = one.kind;
    application.ntt_line = one.ntt;
    if (!one.has_id) application.customer_id.clear();
    EXPECT_EQ(Fields(application), one.faults);
  }
}

TEST(UseApplication, IpVpnNeedsAnOpticalLine) {
  UseApplication application = Good();
  application.optical_line = false;
  EXPECT_THAT(Fields(application), ElementsAre("line_kind"));
  application.line_kind = LineKind::kIpsecIke;
  application.customer_id.clear();
  EXPECT_THAT(Fields(application), IsEmpty());
}

TEST(UseApplication, TheCustomerIdsText) {
  UseApplication application = Good();
  application.customer_id = std::string(64, 'A');
  EXPECT_THAT(Fields(application), IsEmpty());
  for (const std::string& id :
       {std::string(65, 'A'), std::string("CAF 1"), std::string("ＣＡＦ"), std::string("A\n")}) {
    application.customer_id = id;
    EXPECT_THAT(Fields(application), ElementsAre("customer_id"));
  }
}

TEST(UseApplication, TheFacilityCode) {
  UseApplication application = Good();
  for (const std::string code : {"131234567", "13123456700", "13123456７0", "A312345670"}) {
    application.facility_code = code;
    EXPECT_THAT(Fields(application), ElementsAre("facility_code")) << code;
  }
  for (const std::string code : {"0012345670", "4812345670"}) {
    application.facility_code = code;
    EXPECT_THAT(Fields(application), ElementsAre("facility_code")) << code;
  }
  for (const std::string code : {"0112345670", "4712345670", "1372345670"}) {
    application.facility_code = code;
    EXPECT_THAT(Fields(application), IsEmpty()) << code;
  }
}

TEST(UseApplication, TheCodesFeeTableAgreesWithTheType) {
  using enum FacilityType;
  const struct {
    const char* code;
    std::vector<FacilityType> types;
  } kTables[] = {{"1312345670", {kHospital, kClinic}},
                 {"1332345670", {kDental, kHospital}},
                 {"1342345670", {kPharmacy}},
                 {"1362345670", {kHomeNursing}}};
  for (const auto& table : kTables) {
    for (const FacilityType type : {kHospital, kClinic, kDental, kPharmacy, kHomeNursing}) {
      UseApplication application = Good();
      application.facility_code = table.code;
      application.facility_type = type;
      const bool fits =
          std::find(table.types.begin(), table.types.end(), type) != table.types.end();
      EXPECT_EQ(Fields(application).empty(), fits) << table.code << KeyOf(type);
    }
  }
}

TEST(UseApplication, MonthsAtTheirEdges) {
  UseApplication application = Good();
  for (const auto& [month, good] :
       {std::pair{Month(2026, 10), false}, {Month(2026, 11), true}, {Month(2026, 12), true}}) {
    application.start_month = month;
    EXPECT_EQ(Fields(application).empty(), good) << month;
  }
  // The last and the first day of a month, in Japan.
  application.start_month = Month(2026, 11);
  EXPECT_THAT(Fields(application, Day(2026, 11, 30)), IsEmpty());
  EXPECT_THAT(Fields(application, Day(2026, 12, 1)), ElementsAre("start_month"));

  application.start_month = Month(2027, 4);
  for (const auto& [month, good] :
       {std::pair{Month(2027, 3), true}, {Month(2027, 4), true}, {Month(2027, 5), false}}) {
    application.test_month = month;
    EXPECT_EQ(Fields(application).empty(), good) << month;
  }
}

TEST(UseApplication, TheRestrictedTypeNeedsAGroundThatHolds) {
  UseApplication application = GoodRestricted();
  application.ground.reset();
  EXPECT_THAT(Fields(application), ElementsAre("ground"));
  for (int number = 1; number <= kRestrictedGrounds; ++number) {
    application.ground = static_cast<RestrictedGround>(number);
    const bool good = number == 2 || number == 4 || number == 6;
    EXPECT_EQ(Fields(application).empty(), good) << number;
  }
  RestrictedGroundRules rules;
  rules.midwives = OpenedGround{.from = Day(2027, 4, 1), .last_day = {}};
  application.ground = RestrictedGround::kMidwife;
  EXPECT_THAT(Fields(application, kToday, rules), IsEmpty());
  application.start_month = Month(2027, 3);
  EXPECT_THAT(Fields(application, kToday, rules), ElementsAre("ground"));
}

TEST(UseApplication, AGroundThatEndsBeforeTheStartGivesNothing) {
  UseApplication application = GoodRestricted();
  for (const auto& [day, good] :
       {std::pair{Day(2027, 3, 31), false}, {Day(2027, 4, 1), true}, {Day(2027, 4, 2), true}}) {
    application.ground_ending_day = day;
    EXPECT_EQ(Fields(application).empty(), good) << day;
  }
  // Measure 2: six months after the line.
  application.ground = RestrictedGround::kNoOpticalLine;
  application.ground_ending_day = Day(2026, 9, 30);
  EXPECT_THAT(Fields(application), ElementsAre("ground"));
  application.ground_ending_day = Day(2026, 10, 1);
  EXPECT_THAT(Fields(application), IsEmpty());
}

TEST(UseApplication, Measure2WithAnOpticalLineNeedsItsDay) {
  UseApplication application = GoodRestricted();
  application.ground = RestrictedGround::kNoOpticalLine;
  EXPECT_THAT(Fields(application), IsEmpty());
  application.optical_line = true;
  EXPECT_THAT(Fields(application), ElementsAre("ground_ending_day"));
  application.ground_ending_day = Day(2026, 11, 1);
  EXPECT_THAT(Fields(application), IsEmpty());
}

TEST(UseApplication, TheMeasuresAreNotHomeNursings) {
  UseApplication application = GoodRestricted();
  application.facility_code = "1362345670";
  application.facility_type = FacilityType::kHomeNursing;
  EXPECT_THAT(Fields(application), ElementsAre("ground"));
}

}  // namespace
}  // namespace kakunin
