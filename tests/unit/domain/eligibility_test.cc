#include "domain/eligibility.h"

#include <gtest/gtest.h>

namespace kakunin {
namespace {

using Day = absl::CivilDay;

KeyHash Key(uint8_t number) {
  KeyHash key;
  key.octets[0] = number;
  return key;
}

AnswerCoverage Cover(uint8_t key, Day from, std::optional<Day> lost = {}) {
  return {
      .key_without_branch = Key(key), .qualification_date = from, .disqualification_date = lost};
}

TEST(CoversDay, BeginsOnTheQualificationDateAndEndsBeforeTheLossDate) {
  const AnswerCoverage coverage = Cover(1, Day(2024, 4, 1), Day(2025, 4, 1));
  EXPECT_FALSE(CoversDay(coverage, Day(2024, 3, 31)));
  EXPECT_TRUE(CoversDay(coverage, Day(2024, 4, 1)));
  EXPECT_TRUE(CoversDay(coverage, Day(2024, 4, 2)));
  EXPECT_TRUE(CoversDay(coverage, Day(2025, 3, 31)));
  EXPECT_FALSE(CoversDay(coverage, Day(2025, 4, 1)));
  EXPECT_FALSE(CoversDay(coverage, Day(2025, 4, 2)));
}

TEST(CoversDay, ARenewedCertificateTakesNoDayFromTheCoverage) {
  AnswerCoverage coverage = Cover(1, Day(2024, 4, 1));
  coverage.certificate_valid_from = Day(2024, 8, 1);
  coverage.certificate_valid_through = Day(2025, 7, 31);
  EXPECT_FALSE(CoversDay(coverage, Day(2024, 3, 31)));
  EXPECT_TRUE(CoversDay(coverage, Day(2024, 4, 1)));
  EXPECT_TRUE(CoversDay(coverage, Day(2024, 7, 31)));
  EXPECT_TRUE(CoversDay(coverage, Day(2025, 7, 31)));
  EXPECT_FALSE(CoversDay(coverage, Day(2025, 8, 1)));
}

TEST(CoversDay, ACoverageLostOnItsFirstDayCoversNothing) {
  const AnswerCoverage coverage = Cover(1, Day(2024, 4, 1), Day(2024, 4, 1));
  EXPECT_FALSE(CoversDay(coverage, Day(2024, 4, 1)));
}

TEST(HoldsOn, OpenEndsHold) {
  EXPECT_TRUE(HoldsOn({}, Day(2024, 1, 1)));
  const AnswerPiece piece{.valid_from = Day(2024, 1, 1), .valid_through = Day(2024, 12, 31)};
  EXPECT_FALSE(HoldsOn(piece, Day(2023, 12, 31)));
  EXPECT_TRUE(HoldsOn(piece, Day(2024, 1, 1)));
  EXPECT_TRUE(HoldsOn(piece, Day(2024, 12, 31)));
  EXPECT_FALSE(HoldsOn(piece, Day(2025, 1, 1)));
}

TEST(SelectForCard, ShowsInsuranceBeforeMedicalAid) {
  std::vector<AnswerCoverage> all = {Cover(1, Day(2024, 1, 1)), Cover(2, Day(2023, 1, 1))};
  all[0].medical_aid = true;
  const Selection selection = SelectForCard(all, Day(2024, 6, 1));
  EXPECT_EQ(selection.validity, Validity::kValid);
  ASSERT_EQ(selection.shown.size(), 2u);
  EXPECT_EQ(selection.shown[0], &all[1]);
  EXPECT_EQ(selection.shown[1], &all[0]);
}

TEST(SelectForCard, UnregisteredMedicalAidAloneIsSix) {
  std::vector<AnswerCoverage> all = {Cover(1, Day(2024, 1, 1))};
  all[0].medical_aid = true;
  all[0].medical_aid_unregistered = true;
  EXPECT_EQ(SelectForCard(all, Day(2024, 6, 1)).validity, Validity::kValidUnregistered);
  all.push_back(Cover(2, Day(2024, 1, 1)));
  EXPECT_EQ(SelectForCard(all, Day(2024, 6, 1)).validity, Validity::kValid);
}

TEST(SelectForCard, ShowsTheLastOneThatEndedWhenNoneIsValid) {
  const std::vector<AnswerCoverage> all = {Cover(1, Day(2020, 1, 1), Day(2022, 1, 1)),
                                           Cover(2, Day(2022, 1, 1), Day(2024, 1, 1))};
  const Selection selection = SelectForCard(all, Day(2024, 1, 1));
  EXPECT_EQ(selection.validity, Validity::kInvalid);
  ASSERT_EQ(selection.shown.size(), 1u);
  EXPECT_EQ(selection.shown[0], &all[1]);
}

TEST(SelectForCard, FindsNothingForOneWhoWasNotYetInsured) {
  const std::vector<AnswerCoverage> all = {Cover(1, Day(2024, 1, 1))};
  EXPECT_EQ(SelectForCard(all, Day(2023, 12, 31)).validity, Validity::kNotFound);
  EXPECT_EQ(SelectForCard({}, Day(2023, 12, 31)).validity, Validity::kNotFound);
}

TEST(SelectForKey, AnswersForTheAskedCoverageAlone) {
  const std::vector<AnswerCoverage> all = {Cover(1, Day(2020, 1, 1), Day(2024, 1, 1)),
                                           Cover(2, Day(2024, 1, 1))};
  const Selection old_key = SelectForKey(all, Key(1), Day(2024, 6, 1));
  EXPECT_EQ(old_key.validity, Validity::kInvalidNewerExists);
  ASSERT_EQ(old_key.shown.size(), 1u);
  EXPECT_EQ(old_key.shown[0], &all[0]);
  const Selection new_key = SelectForKey(all, Key(2), Day(2024, 6, 1));
  EXPECT_EQ(new_key.validity, Validity::kValid);
  ASSERT_EQ(new_key.shown.size(), 1u);
}

TEST(SelectForKey, IsInvalidWithoutANewerOne) {
  const std::vector<AnswerCoverage> all = {Cover(1, Day(2020, 1, 1), Day(2024, 1, 1))};
  EXPECT_EQ(SelectForKey(all, Key(1), Day(2024, 1, 1)).validity, Validity::kInvalid);
  EXPECT_EQ(SelectForKey(all, Key(1), Day(2023, 12, 31)).validity, Validity::kValid);
  EXPECT_EQ(SelectForKey(all, Key(9), Day(2023, 12, 31)).validity, Validity::kNotFound);
}

TEST(SelectForKey, ANewOneThatBeganBeforeTheOldOneEndedIsNewer) {
  // Joined an employees' insurance on 1 April: the municipal one is lost on 2 April.
  const std::vector<AnswerCoverage> all = {Cover(1, Day(2020, 1, 1), Day(2024, 4, 2)),
                                           Cover(2, Day(2024, 4, 1))};
  EXPECT_EQ(SelectForKey(all, Key(1), Day(2024, 4, 1)).validity, Validity::kValid);
  EXPECT_EQ(SelectForKey(all, Key(1), Day(2024, 4, 2)).validity, Validity::kInvalidNewerExists);
  EXPECT_EQ(SelectForKey(all, Key(1), Day(2024, 4, 3)).validity, Validity::kInvalidNewerExists);
  EXPECT_EQ(SelectForKey(all, Key(2), Day(2024, 4, 2)).validity, Validity::kValid);
}

TEST(SelectForKey, ADayBeforeTheAskedOneBeganIsInvalidNotUnknown) {
  const std::vector<AnswerCoverage> all = {Cover(1, Day(2024, 4, 1))};
  const Selection before = SelectForKey(all, Key(1), Day(2024, 3, 31));
  EXPECT_EQ(before.validity, Validity::kInvalid);
  ASSERT_EQ(before.shown.size(), 1u);
  EXPECT_EQ(SelectForKey(all, Key(1), Day(2024, 4, 1)).validity, Validity::kValid);
  EXPECT_TRUE(SelectForKey(all, Key(9), Day(2024, 3, 31)).shown.empty());
}

TEST(SelectForKey, AnOlderConcurrentCoverageIsNotNewer) {
  // A second coverage that began before the asked one ended tells nothing of what came after it.
  const std::vector<AnswerCoverage> all = {Cover(1, Day(2022, 1, 1), Day(2024, 1, 1)),
                                           Cover(2, Day(2021, 1, 1), Day(2023, 1, 1))};
  EXPECT_EQ(SelectForKey(all, Key(1), Day(2024, 6, 1)).validity, Validity::kInvalid);
}

}  // namespace
}  // namespace kakunin
