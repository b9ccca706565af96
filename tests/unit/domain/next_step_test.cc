#include "domain/next_step.h"

#include <gtest/gtest.h>

#include <set>

#include "domain/civil_day.h"

namespace kakunin {
namespace {

absl::Time At(int day, int hour, int minute) {
  return absl::FromCivil(absl::CivilSecond(2026, 11, day, hour, minute, 0), JapanTime());
}

const Contact kContact{
    .number = "0570-000-000", .opens_hour = 9, .closes_hour = 17, .have_ready = "保険者番号"};

TEST(Contact, IsOfferedWithinItsHoursOnly) {
  // 2026-11-20 is a Friday.
  EXPECT_FALSE(IsOpen(kContact, At(20, 8, 59)));
  EXPECT_TRUE(IsOpen(kContact, At(20, 9, 0)));
  EXPECT_TRUE(IsOpen(kContact, At(20, 16, 59)));
  EXPECT_FALSE(IsOpen(kContact, At(20, 17, 0)));
  EXPECT_FALSE(IsOpen(kContact, At(21, 12, 0)));
  Contact weekends = kContact;
  weekends.weekends = true;
  EXPECT_TRUE(IsOpen(weekends, At(21, 12, 0)));
  EXPECT_FALSE(IsOpen(Contact{}, At(20, 12, 0)));
}

TEST(NextStep, NamesTheContactOnlyWhereACallCanHelp) {
  const std::string open = NextStepSentence(NextStep::kCheckInput, kContact, At(20, 12, 0));
  EXPECT_NE(open.find("0570-000-000"), std::string::npos);
  EXPECT_NE(open.find("保険者番号を用意"), std::string::npos);
  EXPECT_EQ(NextStepSentence(NextStep::kCheckInput, kContact, At(20, 18, 0)).find("0570"),
            std::string::npos);
  EXPECT_EQ(NextStepSentence(NextStep::kReceive, kContact, At(20, 12, 0)).find("0570"),
            std::string::npos);
}

TEST(NextStep, EveryOutcomeHasItsOwn) {
  EXPECT_EQ(NextStepFor(Validity::kValid, true, true, false), NextStep::kReceive);
  EXPECT_EQ(NextStepFor(Validity::kValid, true, true, true), NextStep::kReceiveButRenewCard);
  EXPECT_EQ(NextStepFor(Validity::kValidUnregistered, true, true, false),
            NextStep::kReceiveUnregistered);
  EXPECT_EQ(NextStepFor(Validity::kInvalid, false, true, false), NextStep::kAskInsurer);
  EXPECT_EQ(NextStepFor(Validity::kInvalidNewerExists, false, true, false),
            NextStep::kAskNewInsurer);
  EXPECT_EQ(NextStepFor(Validity::kSeveralFound, false, true, false), NextStep::kAskBranch);
  EXPECT_EQ(NextStepFor(Validity::kNotFound, false, true, false), NextStep::kCheckInput);
  EXPECT_EQ(NextStepFor(Validity::kNotFound, true, true, false), NextStep::kNothingKnown);
  EXPECT_EQ(NextStepFor(Validity::kNotFound, true, false, false), NextStep::kNotRegistered);
  for (int step = 1; step <= static_cast<int>(NextStep::kReceiveButRenewCard); ++step) {
    EXPECT_FALSE(NextStepSentence(static_cast<NextStep>(step), {}, At(20, 12, 0)).empty()) << step;
  }
}

TEST(Warning, EveryOneHasANameAndASentence) {
  std::set<std::string_view> names;
  for (const WarningFacts& facts : AllWarnings()) {
    EXPECT_TRUE(names.insert(facts.name).second);
    EXPECT_FALSE(facts.sentence.empty());
    EXPECT_EQ(FactsOf(facts.warning).name, facts.name);
  }
}

}  // namespace
}  // namespace kakunin
