#include "domain/next_step.h"

#include <gtest/gtest.h>

#include <set>

#include "domain/civil_day.h"
#include "domain/operations_contact.h"

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

TEST(Contact, IsNotOfferedOnAClosedDayWhateverWeekdayItIs) {
  Contact contact = kContact;
  contact.weekends = true;
  // 2026-11-23 (勤労感謝の日) is a Monday, 2026-11-21 a Saturday.
  contact.closed_days = {absl::CivilDay(2026, 11, 23), absl::CivilDay(2026, 11, 21)};
  contact.closes_hour = 24;
  contact.opens_hour = 0;
  EXPECT_FALSE(IsOpen(contact, At(21, 12, 0)));
  EXPECT_TRUE(IsOpen(contact, At(22, 23, 59)));
  EXPECT_FALSE(IsOpen(contact, At(23, 0, 0)));
  EXPECT_FALSE(IsOpen(contact, At(23, 23, 59)));
  EXPECT_TRUE(IsOpen(contact, At(24, 0, 0)));
  EXPECT_EQ(NextStepSentence(NextStep::kCheckInput, contact, At(23, 12, 0)).find("0570"),
            std::string::npos);
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

NextStep ByCard(Validity validity, bool registered = true, bool in_grace = false) {
  return NextStepFor(
      {.validity = validity, .by_card = true, .registered = registered, .in_grace = in_grace});
}

TEST(NextStep, EveryOutcomeOfACardHasItsOwn) {
  EXPECT_EQ(ByCard(Validity::kValid), NextStep::kReceive);
  EXPECT_EQ(ByCard(Validity::kValid, true, true), NextStep::kReceiveButRenewCard);
  EXPECT_EQ(ByCard(Validity::kValidUnregistered), NextStep::kReceiveUnregistered);
  EXPECT_EQ(ByCard(Validity::kInvalid), NextStep::kAskInsurer);
  EXPECT_EQ(ByCard(Validity::kInvalidNewerExists), NextStep::kAskNewInsurer);
  EXPECT_EQ(ByCard(Validity::kNotFound), NextStep::kNothingKnown);
  EXPECT_EQ(ByCard(Validity::kNotFound, false), NextStep::kNotRegistered);
  for (int step = 1; step <= static_cast<int>(NextStep::kNoteForPastDay); ++step) {
    EXPECT_FALSE(NextStepSentence(static_cast<NextStep>(step), {}, At(20, 12, 0)).empty()) << step;
  }
}

// What the clerk is told of a document and what he is told to do must not contradict each other.
TEST(NextStep, FollowsTheDocumentShown) {
  struct Row {
    DocumentWorth document;
    std::optional<Warning> warning;
    NextStep valid;
    NextStep valid_on_past_day;
  };
  const Row rows[] = {
      {DocumentWorth::kSufficient, std::nullopt, NextStep::kReceive, NextStep::kNoteForPastDay},
      {DocumentWorth::kAcceptedExpired, Warning::kInsuranceCardExpiredAccepted,
       NextStep::kReceiveExpiredCard, NextStep::kNoteForPastDay},
      {DocumentWorth::kExpired, Warning::kDocumentExpired, NextStep::kAskCurrentDocument,
       NextStep::kAskCurrentDocument},
      {DocumentWorth::kNeedsCard, Warning::kDocumentNeedsCard, NextStep::kAskMyNumberCard,
       NextStep::kAskMyNumberCard},
      {DocumentWorth::kNothingShown, Warning::kNoDocumentShown, NextStep::kVerifyPersonOtherwise,
       NextStep::kVerifyPersonOtherwise},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(static_cast<int>(row.document));
    EXPECT_EQ(WarningFor(row.document), row.warning);
    const auto step = [&](Validity validity, bool past_day = false) {
      return NextStepFor({.validity = validity, .document = row.document, .past_day = past_day});
    };
    EXPECT_EQ(step(Validity::kValid), row.valid);
    EXPECT_EQ(step(Validity::kValid, true), row.valid_on_past_day);
    // A better document does not make a coverage that is none.
    EXPECT_EQ(step(Validity::kInvalid), NextStep::kAskInsurer);
    EXPECT_EQ(step(Validity::kInvalidNewerExists), NextStep::kAskNewInsurer);
    EXPECT_EQ(step(Validity::kSeveralFound), NextStep::kAskBranch);
    EXPECT_EQ(step(Validity::kNotFound), NextStep::kCheckInput);
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

TEST(OperationsContact, NamesTheNumberWithinItsHoursAndTheHoursAlways) {
  EXPECT_EQ(OperationsContactSentence(kContact, At(20, 9, 0)),
            "運用担当の電話は 0570-000-000 （平日の9時から17時まで）です。"
            "電話の前に保険者番号を用意してください。");
  for (const absl::Time closed : {At(20, 8, 59), At(20, 17, 0), At(21, 12, 0)}) {
    EXPECT_EQ(OperationsContactSentence(kContact, closed),
              "運用担当への電話は平日の9時から17時までです。いまは時間外です。");
  }
  Contact always = kContact;
  always.weekends = true;
  always.have_ready.clear();
  EXPECT_EQ(OperationsContactSentence(always, At(21, 12, 0)),
            "運用担当の電話は 0570-000-000 （9時から17時まで）です。");
  EXPECT_EQ(OperationsContactSentence(Contact{}, At(20, 12, 0)), "");
  Contact holiday = kContact;
  holiday.closed_days = {absl::ToCivilDay(At(20, 12, 0), JapanTime())};
  EXPECT_EQ(OperationsContactSentence(holiday, At(20, 12, 0)),
            "運用担当への電話は平日の9時から17時までです。本日は休業日です。");
}

// 連絡してください, 依頼してください: whoever words a sentence anew says here what it asks.
TEST(OperationsContact, IsForEveryReasonWhoseSentenceAsksToCallOperations) {
  for (const ReasonFacts& facts : AllReasons()) {
    EXPECT_EQ(AsksToCallOperations(facts.reason),
              facts.sentence.find("運用担当") != std::string_view::npos)
        << facts.name;
  }
}

}  // namespace
}  // namespace kakunin
