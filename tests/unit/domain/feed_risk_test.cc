#include "domain/feed_risk.h"

#include <gtest/gtest.h>

#include <set>

namespace kakunin {
namespace {

std::set<std::string> ReasonsOf(const FeedFigures& figures) {
  std::set<std::string> reasons;
  for (const RiskFinding& finding : AssessFeed(figures).findings) reasons.insert(finding.reason);
  return reasons;
}

// An insurer of 100,000 members in an ordinary month (domain.md 6: 1.5 to 2.5 % change).
FeedFigures OrdinaryMonth() {
  FeedFigures figures{.rows = 2500,
                      .members = 100'000,
                      .begun = 1000,
                      .ended = 1100,
                      .implausible = 5,
                      .refused_at_push = 12,
                      .duplicates = 4,
                      .with_bands = 300,
                      .bands_gone = 15,
                      .elderly = 100,
                      .elderly_bare = 3,
                      .named = 1400,
                      .mismatched = 12};
  figures.counts = {.new_rows = 1000, .changed_rows = 400, .lost_rows = 1100};
  return figures;
}

TEST(AssessFeed, AnOrdinaryMonthIsNoRisk) {
  const FeedRisk risk = AssessFeed(OrdinaryMonth());
  EXPECT_EQ(risk.score, 0);
  EXPECT_FALSE(risk.IsHigh());
}

TEST(AssessFeed, ANormalAprilIsNotHigh) {
  // A union of 20,000: a quarter changes employers on 1 April, nearly as many come.
  const FeedFigures april{
      .rows = 9500, .members = 20'000, .begun = 4500, .ended = 5000, .with_bands = 10};
  EXPECT_EQ(AssessFeed(april).score, 0);
}

TEST(AssessFeed, AFirstDeliveryIsNoRiskWhateverItsSize) {
  const FeedFigures first{.rows = 1'000'000, .begun = 950'000, .elderly = 60'000};
  EXPECT_EQ(AssessFeed(first).score, 0);
}

TEST(AssessFeed, EveryKnownFaultyFeedIsHighByItsOwnReason) {
  const auto with = [](auto change) {
    FeedFigures figures = OrdinaryMonth();
    change(figures);
    return figures;
  };
  const std::pair<const char*, FeedFigures> faulty[] = {
      {"MASS_LOSS", with([](FeedFigures& f) { f.ended = 30'000; })},
      {"MASS_LOSS", with([](FeedFigures& f) { f.ended = 99'000, f.begun = 49'000; })},
      {"IDENTITIES_MISMATCHED", with([](FeedFigures& f) { f.mismatched = 140; })},
      {"BANDS_GONE", with([](FeedFigures& f) { f.bands_gone = 290; })},
      {"COPAY_MISSING", with([](FeedFigures& f) { f.elderly_bare = 100; })},
      {"COLUMNS_SHIFTED", with([](FeedFigures& f) { f.implausible = 2400; })},
      {"ROWS_REFUSED", with([](FeedFigures& f) { f.refused_at_push = 2000; })},
      {"PERSONS_SWAPPED", with([](FeedFigures& f) { f.swapped = 8; })},
      {"DUPLICATES", with([](FeedFigures& f) { f.duplicates = 1200; })},
      {"SUDDEN_VOLUME", with([](FeedFigures& f) { f.begun = 80'000; })},
  };
  for (const auto& [reason, figures] : faulty) {
    EXPECT_TRUE(AssessFeed(figures).IsHigh()) << reason;
    EXPECT_EQ(ReasonsOf(figures), std::set<std::string>{reason});
  }
}

TEST(AssessFeed, AMonthOfReceiptsAsLargeAsTheFirstIsOrdinary) {
  FeedFigures figures{.rows = 500'000, .members = 500'000};
  figures.begun = 500'000;
  EXPECT_TRUE(AssessFeed(figures).IsHigh());
  figures.accumulates = true;
  EXPECT_EQ(AssessFeed(figures).score, 0);
}

TEST(AssessFeed, EveryRuleSpeaksFromItsThresholdOnAndNotBelow) {
  FeedFigures figures{.members = 1000};
  figures.ended = 199;
  EXPECT_EQ(AssessFeed(figures).score, 0);
  figures.ended = 200;
  EXPECT_EQ(AssessFeed(figures).score, 60);
  // Below the least number of rows no share counts: a union of ten may lose all.
  figures = {.members = 19, .ended = 19};
  EXPECT_EQ(AssessFeed(figures).score, 0);
  figures = {.members = 20, .ended = 20};
  EXPECT_EQ(AssessFeed(figures).score, 60);
  figures = {.named = 10'000, .mismatched = 999};
  EXPECT_EQ(AssessFeed(figures).score, 0);
  figures.mismatched = 1000;
  EXPECT_TRUE(AssessFeed(figures).IsHigh());
  figures = {.named = 19, .mismatched = 19};
  EXPECT_EQ(AssessFeed(figures).score, 0);
  figures = {.named = 20, .mismatched = 20};
  EXPECT_TRUE(AssessFeed(figures).IsHigh());
  figures = {.rows = 100'000, .swapped = 1};
  EXPECT_EQ(AssessFeed(figures).score, 20);
  figures = {.rows = 2000, .swapped = 2};
  EXPECT_TRUE(AssessFeed(figures).IsHigh());
  figures = {.rows = 2001, .swapped = 2};
  EXPECT_FALSE(AssessFeed(figures).IsHigh());
}

TEST(AssessFeed, MassSupersedingBeginsAtTwentyLinksAndATwentieth) {
  const auto risk = [](int64_t superseding, int64_t in_force) {
    return AssessFeed({.rows = superseding, .superseding = superseding, .links_in_force = in_force})
        .score;
  };
  EXPECT_EQ(risk(19, 100), 0);
  EXPECT_EQ(risk(20, 401), 0);
  EXPECT_EQ(risk(20, 400), 60);
  EXPECT_EQ(risk(20, 399), 60);
}

TEST(AssessFeed, OnePersonWithVeryManyCardsIsHigh) {
  EXPECT_EQ(ReasonsOf({.rows = 1'000'000, .piled_up = 9}),
            std::set<std::string>{"CARD_LINKS_PILED_UP"});
  EXPECT_TRUE(AssessFeed({.rows = 1'000'000, .piled_up = 1}).IsHigh());
}

TEST(AssessFeed, OneReasonIsToldOnceAndTheScoreIsAtMost100) {
  const FeedFigures all{.rows = 1000,
                        .members = 1000,
                        .ended = 1000,
                        .implausible = 1000,
                        .refused_at_push = 1000,
                        .swapped = 1000};
  const FeedRisk risk = AssessFeed(all);
  EXPECT_EQ(risk.score, 100);
  EXPECT_EQ(risk.findings.size(), 4u);
  EXPECT_EQ(risk.findings[0], (RiskFinding{"MASS_LOSS", 60, 1000, 1000}));
}

TEST(RiskRules, EachHasASentence) {
  for (const RiskRule& rule : AllRiskRules()) {
    EXPECT_FALSE(rule.message.empty());
    EXPECT_FALSE(RiskMessage(rule.reason).empty());
    EXPECT_GT(rule.points, 0);
  }
  EXPECT_FALSE(RiskMessage("OF_ANOTHER_VERSION").empty());
}

}  // namespace
}  // namespace kakunin
