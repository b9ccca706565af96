#include "domain/bulk_inquiry.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

namespace kakunin {
namespace {

using Day = absl::CivilDay;

AnswerCoverage From(Day first) {
  AnswerCoverage coverage;
  coverage.qualification_date = first;
  return coverage;
}

TEST(BulkInquiry, AListSearchesWhenNobodyIsFoundForMoreThanHalfOfAThousand) {
  const auto searches = [](int64_t asked, int64_t not_found) {
    return SearchesRatherThanAsks({.asked = asked, .not_found = not_found});
  };
  EXPECT_FALSE(searches(0, 0));
  EXPECT_FALSE(searches(999, 999));
  EXPECT_FALSE(searches(1000, 500));
  EXPECT_TRUE(searches(1000, 501));
  EXPECT_FALSE(searches(1'000'000, 50'000));
  EXPECT_TRUE(searches(1'000'000, 50'001));
}

TEST(BulkInquiry, OpenListsReceiveOrRun) {
  EXPECT_TRUE(IsOpen(BulkState::kReceiving));
  EXPECT_TRUE(IsOpen(BulkState::kRunning));
  EXPECT_FALSE(IsOpen(BulkState::kDone));
  EXPECT_FALSE(IsOpen(BulkState::kCancelled));
  EXPECT_FALSE(IsOpen(BulkState::kStopped));
}

TEST(BulkInquiry, EveryValidityHasAStepOfItsOwnThatSaysWhereTheyMeet) {
  std::set<std::string> steps;
  for (const auto& [form, place] : {std::pair(FormOfCare::kOutpatient, "来院時の受付"),
                                    std::pair(FormOfCare::kHomeVisit, "訪問のとき"),
                                    std::pair(FormOfCare::kOnlineCare, "オンライン")}) {
    for (const Validity validity :
         {Validity::kValid, Validity::kInvalid, Validity::kInvalidNewerExists, Validity::kNotFound,
          Validity::kSeveralFound, Validity::kValidUnregistered}) {
      const std::string step = BulkNextStep(validity, form);
      EXPECT_NE(step.find(place), std::string::npos) << step;
      steps.insert(step);
    }
  }
  EXPECT_EQ(steps.size(), 18u);
}

TEST(BulkInquiry, IsOverWhenItsTimeIsUp) {
  const absl::Time touched = absl::FromUnixSeconds(1'800'000'000);
  const auto over = [&](BulkState state, absl::Duration after) {
    return IsOver(state, touched, touched + after);
  };
  const absl::Duration second = absl::Seconds(1);
  EXPECT_FALSE(over(BulkState::kReceiving, kBulkReceivingLife - second));
  EXPECT_TRUE(over(BulkState::kReceiving, kBulkReceivingLife));
  for (const BulkState state : {BulkState::kDone, BulkState::kCancelled, BulkState::kStopped}) {
    EXPECT_FALSE(over(state, kBulkResultsLife - second));
    EXPECT_TRUE(over(state, kBulkResultsLife));
    EXPECT_TRUE(over(state, kBulkResultsLife + second));
  }
  EXPECT_FALSE(over(BulkState::kRunning, 2 * kBulkResultsLife));
  EXPECT_TRUE(over(BulkState::kDeleted, absl::ZeroDuration()));
}

TEST(BulkInquiry, TheSameCoverageAnswersForBothDaysUntilTheFirstDayNotCovered) {
  std::vector<AnswerCoverage> coverages = {From(Day(2020, 4, 1))};
  coverages[0].disqualification_date = Day(2026, 4, 1);
  EXPECT_TRUE(IsSameOnBothDays(coverages, KeyHash(), Day(2026, 3, 1), Day(2026, 3, 31)));
  EXPECT_FALSE(IsSameOnBothDays(coverages, KeyHash(), Day(2026, 3, 31), Day(2026, 4, 1)));
  EXPECT_TRUE(IsSameOnBothDays(coverages, KeyHash(), Day(2026, 4, 1), Day(2026, 4, 2)));
  coverages.push_back(From(Day(2026, 4, 1)));
  EXPECT_FALSE(IsSameOnBothDays(coverages, KeyHash(), Day(2026, 3, 31), Day(2026, 4, 1)));
  EXPECT_TRUE(IsSameOnBothDays(coverages, KeyHash(), Day(2026, 4, 1), Day(2027, 4, 1)));
}

TEST(BulkInquiry, CertificatesOfCopayAndLimitCountOnTheirDaysAndOthersDoNot) {
  for (const auto& [kind, counts] : {std::pair{PieceKind::kElderlyRecipientCertificate, true},
                                     std::pair{PieceKind::kLimitCertificate, true},
                                     std::pair{PieceKind::kSpecificDiseaseCertificate, false},
                                     std::pair{PieceKind::kMedicalTicket, false}}) {
    std::vector<AnswerCoverage> coverages = {From(Day(2020, 4, 1))};
    coverages[0].pieces.push_back({.kind = kind, .valid_through = Day(2026, 7, 31)});
    EXPECT_TRUE(IsSameOnBothDays(coverages, KeyHash(), Day(2026, 7, 1), Day(2026, 7, 31)));
    EXPECT_EQ(IsSameOnBothDays(coverages, KeyHash(), Day(2026, 7, 31), Day(2026, 8, 1)), !counts);
  }
}

}  // namespace
}  // namespace kakunin
