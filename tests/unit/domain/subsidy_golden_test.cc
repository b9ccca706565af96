// The golden amounts of subsidies.md: its tables row by row, and every cap one yen below, at and
// above.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "domain/subsidy.h"
#include "tests/unit/domain/subsidy_cases.h"

namespace kakunin {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Golden {
  SubsidyFacts facts;
  SubsidySchedule schedule;
  int64_t subsidy;
  int64_t facility_pays;
};

TEST(Subsidy, GoldenAmountsOfSection9) {
  using enum SubsidySchedule;
  constexpr auto kOnline = SubsidyMeasure::kOnlineCare;
  const Golden kGolden[] = {
      {System(kHospital, 1, kLate, 1'000'000), kS1, 500'000, 500'000},
      {System(kHospital, 1, kLate, 2'098'000), kS1, 1'049'000, 1'049'000},
      {System(kHospital, 1, kLate, 2'100'000), kS1, 1'050'000, 1'050'000},
      {System(kHospital, 1, kLate, 2'101'000), kS1, 1'050'000, 1'051'000},
      {System(kHospital, 1, kLate, 3'000'000), kS1, 1'050'000, 1'950'000},
      {System(kHospital, 2, kLate, 2'002'000), kS1, 1'001'000, 1'001'000},
      {System(kHospital, 2, kLate, 2'002'001), kS1, 1'001'000, 1'001'001},
      {System(kHospital, 3, kLate, 1'902'000), kS1, 951'000, 951'000},
      {System(kHospital, 3, kLate, 1'903'000), kS1, 951'000, 952'000},
      {System(kChain, 1, kLate, 428'000), kS1, 214'000, 214'000},
      {System(kChain, 1, kLate, 429'000), kS1, 214'000, 215'000},
      {System(kClinic, 1, kLate, 400'000), kS1, 300'000, 100'000},
      {System(kClinic, 1, kLate, 428'000), kS1, 321'000, 107'000},
      {System(kClinic, 1, kLate, 429'000), kS1, 321'000, 108'000},
      {System(kPharmacyBelow, 1, kLate, 400'000), kS1, 300'000, 100'000},
      {System(kPharmacyAt, 1, kLate, 400'000), kS1, 200'000, 200'000},
      {System(kHospital, 1, kEarly, 2'101'000), kS2, 2'101'000, 0},
      {System(kHospital, 1, kEarly, 2'101'001), kS2, 2'101'000, 1},
      {System(kHospital, 3, kEarly, 2'000'000), kS2, 1'903'000, 97'000},
      {System(kClinic, 1, kEarly, 429'000), kS2, 429'000, 0},
      {System(kClinic, 1, kEarly, 500'000), kS2, 429'000, 71'000},
      {System(kClinic, 1, kLate, 429'000), kS1, 321'000, 108'000},
      {Facts(kOnline, kHospital, 780'000), kS3, 390'000, 390'000},
      {Facts(kOnline, kHospital, 781'000), kS3, 390'000, 391'000},
      {Facts(kOnline, kChain, 130'000), kS3, 65'000, 65'000},
      {Facts(kOnline, kClinic, 128'000), kS3, 96'000, 32'000},
      {Facts(kOnline, kClinic, 130'000), kS3, 97'000, 33'000},
      {Restricted(40'000), kS4, 30'000, 10'000},
      {Restricted(42'000), kS4, 31'000, 11'000},
      {Restricted(100'000), kS4, 31'000, 69'000},
  };
  for (const Golden& golden : kGolden) {
    const SubsidyAnswer answer = CalculateSubsidy(golden.facts);
    SCOPED_TRACE(*golden.facts.cost_yen);
    EXPECT_THAT(answer.gaps, IsEmpty());
    ASSERT_NE(answer.row, nullptr);
    EXPECT_EQ(answer.row->schedule, golden.schedule);
    EXPECT_EQ(answer.subsidy_yen, golden.subsidy);
    EXPECT_EQ(answer.facility_pays_yen, golden.facility_pays);
    EXPECT_EQ(answer.least_yen, golden.subsidy);
    EXPECT_EQ(answer.most_yen, golden.subsidy);
  }
}

// One row of the tables of sections 3 to 6 as printed there.
struct Printed {
  SubsidySchedule schedule;
  std::optional<SubsidyClass> subsidy_class;
  std::optional<int> readers;
  std::optional<int64_t> ceiling;
  std::optional<SubsidyRate> rate;
  std::optional<int64_t> cap;
};

TEST(Subsidy, TheTableIsTheOneOfSections3To6) {
  using enum SubsidyClass;
  using enum SubsidySchedule;
  const SubsidyRate half{1, 2};
  const SubsidyRate most{3, 4};
  const SubsidyRate whole{1, 1};
  const Printed kPrinted[] = {
      {kS1, SubsidyClass::kHospital, 1, 2'101'000, half, 1'050'000},
      {kS1, SubsidyClass::kHospital, 2, 2'002'000, half, 1'001'000},
      {kS1, SubsidyClass::kHospital, 3, 1'903'000, half, 951'000},
      {kS1, kLargeChainPharmacy, 1, 429'000, half, 214'000},
      {kS1, kClinicOrPharmacy, 1, 429'000, most, 321'000},
      {kS2, SubsidyClass::kHospital, 1, 2'101'000, whole, {}},
      {kS2, SubsidyClass::kHospital, 2, 2'002'000, whole, {}},
      {kS2, SubsidyClass::kHospital, 3, 1'903'000, whole, {}},
      {kS2, kLargeChainPharmacy, 1, 429'000, whole, {}},
      {kS2, kClinicOrPharmacy, 1, 429'000, whole, {}},
      {kS3, SubsidyClass::kHospital, {}, 781'000, half, 390'000},
      {kS3, kLargeChainPharmacy, {}, 130'000, half, 65'000},
      {kS3, kClinicOrPharmacy, {}, 130'000, most, 97'000},
      {kS4, {}, {}, {}, most, 31'000},
      {kS5, SubsidyClass::kHospital, 1, {}, {}, 2'101'000},
      {kS5, SubsidyClass::kHospital, 2, {}, {}, 2'002'000},
      {kS5, SubsidyClass::kHospital, 3, {}, {}, 1'903'000},
      {kS5, kClinicOrPharmacy, 1, 429'000, whole, {}},
      {kS6, SubsidyClass::kHospital, {}, 822'000, half, 411'000},
      {kS6, kLargeChainPharmacy, {}, 171'000, half, 85'000},
      {kS6, kClinicOrPharmacy, {}, 171'000, most, 128'000},
  };
  const auto table = SubsidyTable();
  ASSERT_EQ(table.size(), std::size(kPrinted));
  for (size_t i = 0; i < table.size(); ++i) {
    SCOPED_TRACE(i);
    EXPECT_EQ(table[i].schedule, kPrinted[i].schedule);
    EXPECT_EQ(table[i].subsidy_class, kPrinted[i].subsidy_class);
    EXPECT_EQ(table[i].readers, kPrinted[i].readers);
    EXPECT_EQ(table[i].ceiling_yen, kPrinted[i].ceiling);
    EXPECT_EQ(table[i].rate, kPrinted[i].rate);
    EXPECT_EQ(table[i].stated_cap_yen, kPrinted[i].cap);
    EXPECT_FALSE(table[i].source.empty());
    EXPECT_LT(table[i].from, table[i].to);
    const bool later = table[i].schedule >= kS5;
    EXPECT_EQ(table[i].basis == SubsidyBasis::kPublicPage, later);
  }
}

// Section 7: every stated cap is ceiling x rate cut to 1,000 yen; section 3: ceiling and 99,000 a
// reader are 2,200,000 or 528,000.
TEST(Subsidy, TheTablesOwnChecksHold) {
  int cut = 0;
  for (const SubsidyRow& row : SubsidyTable()) {
    if (row.ceiling_yen && row.stated_cap_yen) {
      ++cut;
      const int64_t product = *row.ceiling_yen * row.rate->numerator / row.rate->denominator;
      EXPECT_EQ(*row.stated_cap_yen, product - product % 1'000);
    }
    if (row.schedule == SubsidySchedule::kS1) {
      EXPECT_EQ(*row.ceiling_yen + *row.readers * 99'000,
                row.subsidy_class == SubsidyClass::kHospital ? 2'200'000 : 528'000);
      EXPECT_EQ(*row.ceiling_yen % 11, 0);  // with 10 % of tax in it
    }
  }
  EXPECT_EQ(cut, 8 + 3);
}

// An amount one yen of cost below, at and above where a cap is reached.
TEST(Subsidy, CapsAtTheirEdges) {
  struct Edge {
    SubsidyFacts facts;  // with the cost at which the cap is reached
    int64_t cap;
    int64_t below_least;  // what one yen less comes to at least and at most
    int64_t below_most;
  };
  constexpr auto kOnline = SubsidyMeasure::kOnlineCare;
  const Edge kEdges[] = {
      {System(kHospital, 1, kLate, 2'100'000), 1'050'000, 1'049'000, 1'049'999},
      {System(kHospital, 2, kLate, 2'002'000), 1'001'000, 1'000'000, 1'000'999},
      {System(kHospital, 3, kLate, 1'902'000), 951'000, 950'000, 950'999},
      {System(kChain, 1, kLate, 428'000), 214'000, 213'000, 213'999},
      {System(kClinic, 1, kLate, 428'000), 321'000, 320'000, 320'999},
      {Facts(kOnline, kHospital, 780'000), 390'000, 389'000, 389'999},
      {Facts(kOnline, kChain, 130'000), 65'000, 64'000, 64'999},
      {Facts(kOnline, kClinic, 129'334), 97'000, 96'000, 96'999},
      {Restricted(41'334), 31'000, 30'000, 30'999},
  };
  for (const Edge& edge : kEdges) {
    SCOPED_TRACE(*edge.facts.cost_yen);
    SubsidyFacts facts = edge.facts;
    EXPECT_EQ(CalculateSubsidy(facts).subsidy_yen, edge.cap);
    ++*facts.cost_yen;
    EXPECT_EQ(CalculateSubsidy(facts).subsidy_yen, edge.cap);
    EXPECT_EQ(CalculateSubsidy(facts).facility_pays_yen, *facts.cost_yen - edge.cap);
    *facts.cost_yen -= 2;
    const SubsidyAnswer below = CalculateSubsidy(facts);
    EXPECT_EQ(below.subsidy_yen, std::nullopt);
    EXPECT_THAT(below.gaps, ElementsAre(SubsidyGap::kCutBelowCapNotStated));
    EXPECT_EQ(below.least_yen, edge.below_least);
    EXPECT_EQ(below.most_yen, edge.below_most);
    EXPECT_EQ(below.facility_pays_yen, std::nullopt);
  }
}

TEST(Subsidy, CeilingsOfTheFullRefundAtTheirEdges) {
  struct Edge {
    Who who;
    int readers;
    int64_t ceiling;
  };
  for (const Edge& edge :
       {Edge{kHospital, 1, 2'101'000}, Edge{kHospital, 2, 2'002'000}, Edge{kHospital, 3, 1'903'000},
        Edge{kChain, 1, 429'000}, Edge{kClinic, 1, 429'000}, Edge{kPharmacyBelow, 1, 429'000}}) {
    for (const int64_t off : {-1, 0, 1}) {
      const SubsidyAnswer answer =
          CalculateSubsidy(System(edge.who, edge.readers, kEarly, edge.ceiling + off));
      EXPECT_EQ(answer.subsidy_yen, edge.ceiling + std::min<int64_t>(off, 0));
      EXPECT_EQ(answer.facility_pays_yen, std::max<int64_t>(off, 0));
    }
  }
}

}  // namespace
}  // namespace kakunin
