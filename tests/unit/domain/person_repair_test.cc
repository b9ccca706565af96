#include "domain/person_repair.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "domain/error.h"

namespace kakunin {
namespace {

using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;
using enum HeldKind;
using enum MoveEffect;

HeldRow Row(HeldKind kind, const std::string& owner, const std::string& name, int identity = 0) {
  HeldRow row;
  row.key = {kind, owner, name};
  row.identity = identity;
  return row;
}

// A consent or an end under audit row `number`, at `facility`.
HeldRow Consent(HeldKind kind, int64_t number, const std::string& facility,
                const std::string& serial = "") {
  HeldRow row;
  row.audit_id.number = number;
  row.key = ConsentKey(kind, row.audit_id);
  row.facility_code = facility;
  row.kinds = kAllConsentKinds;
  row.running = true;
  if (!serial.empty()) {
    row.issuer_key_id = "issuer";
    row.serial = serial;
  }
  return row;
}

using Effects = std::map<HeldKey, MoveEffect>;

Effects EffectsOf(const absl::StatusOr<std::vector<RowMove>>& moves) {
  EXPECT_TRUE(moves.ok()) << moves.status();
  Effects effects;
  if (!moves.ok()) return effects;
  for (const RowMove& move : *moves) effects[move.row.key] = move.effect;
  EXPECT_EQ(effects.size(), moves->size()) << "a row twice";
  return effects;
}

Effects Split(const std::vector<HeldRow>& held, const SplitChoice& choice) {
  return EffectsOf(PlanSplit(held, choice));
}

TEST(PlanMerge, EverythingGoesAndEndsOfConsentsStandWithBoth) {
  const std::vector<HeldRow> held = {Row(kNumber, "hash", ""),
                                     Row(kCoverage, "33120015", "R1"),
                                     Row(kCard, "issuer", "s1"),
                                     Row(kReceipt, "113", "C1"),
                                     Row(kHealthCheck, "33120015", "E1"),
                                     Consent(kConsent, 1, "F", "s1"),
                                     Consent(kConsentEnd, 2, "F")};
  EXPECT_THAT(EffectsOf(PlanMerge(held)),
              UnorderedElementsAre(Pair(held[0].key, kMove), Pair(held[1].key, kMove),
                                   Pair(held[2].key, kMove), Pair(held[3].key, kMove),
                                   Pair(held[4].key, kMove), Pair(held[5].key, kMove),
                                   Pair(held[6].key, kCopy)));
  EXPECT_THAT(PlanMerge({}), IsEmpty());
}

TEST(PlanSplit, WhatIsNamedGoesAndTheRestStays) {
  const std::vector<HeldRow> held = {Row(kNumber, "h1", ""),
                                     Row(kNumber, "h2", ""),
                                     Row(kCoverage, "33120015", "R1", 1),
                                     Row(kCoverage, "06139994", "R1", 2),
                                     Row(kCard, "issuer", "s1"),
                                     Row(kCard, "issuer", "s2"),
                                     Row(kReceipt, "113", "C1"),
                                     Row(kReceipt, "113", "C2"),
                                     Row(kHealthCheck, "33120015", "C1")};
  EXPECT_THAT(Split(held, {.named = {held[1].key, held[3].key, held[5].key, held[7].key}}),
              UnorderedElementsAre(Pair(held[1].key, kMove), Pair(held[3].key, kMove),
                                   Pair(held[5].key, kMove), Pair(held[7].key, kMove)));
}

TEST(PlanSplit, CoveragesThatLookLikeANamedOneGoAlongUnlessOnlyNamedOnesMay) {
  const std::vector<HeldRow> held = {Row(kCoverage, "A", "R1", 1), Row(kCoverage, "A", "R2", 2),
                                     Row(kCoverage, "B", "R3", 2), Row(kCoverage, "B", "R4", 0),
                                     Row(kCoverage, "B", "R5", 0)};
  SplitChoice choice{.named = {held[1].key, held[3].key}};
  EXPECT_THAT(Split(held, choice),
              UnorderedElementsAre(Pair(held[1].key, kMove), Pair(held[2].key, kMove),
                                   Pair(held[3].key, kMove)));
  choice.only_named = true;
  EXPECT_THAT(Split(held, choice),
              UnorderedElementsAre(Pair(held[1].key, kMove), Pair(held[3].key, kMove)));
}

TEST(PlanSplit, AConsentGoesWithTheCardThatGaveItAndItsEndsAlong) {
  const std::vector<HeldRow> held = {
      Row(kCard, "issuer", "mine"),        Row(kCard, "issuer", "theirs"),
      Consent(kConsent, 1, "F", "theirs"), Consent(kConsent, 2, "F", "mine"),
      Consent(kConsentEnd, 3, "F"),        Consent(kConsentEnd, 4, "G")};
  EXPECT_THAT(Split(held, {.named = {held[1].key}}),
              UnorderedElementsAre(Pair(held[1].key, kMove), Pair(held[2].key, kMove),
                                   Pair(held[4].key, kCopy)));
}

TEST(PlanSplit, AnEndGoesAlongOnlyWhereItMayHaveClosedTheConsent) {
  HeldRow booked = Consent(kConsent, 1, "F", "theirs");
  booked.form_of_care = FormOfCare::kOnlineCare;
  booked.appointment_day = absl::CivilDay(2026, 4, 1);
  HeldRow same = Consent(kConsentEnd, 2, "F");
  same.form_of_care = FormOfCare::kOnlineCare;
  same.appointment_day = booked.appointment_day;
  HeldRow every = same;
  every.key.name = "3";
  every.appointment_day.reset();
  HeldRow other_day = same;
  other_day.key.name = "4";
  other_day.appointment_day = absl::CivilDay(2026, 4, 2);
  HeldRow other_form = Consent(kConsentEnd, 5, "F");
  const HeldRow card = Row(kCard, "issuer", "theirs");
  EXPECT_THAT(Split({card, booked, same, every, other_day, other_form}, {.named = {card.key}}),
              UnorderedElementsAre(Pair(card.key, kMove), Pair(booked.key, kMove),
                                   Pair(same.key, kCopy), Pair(every.key, kCopy)));
}

TEST(PlanSplit, AConsentThatNobodyCanBeSaidToHaveGivenEndsWhileItRuns) {
  const HeldRow number = Row(kNumber, "h1", "");
  const HeldRow oral = Consent(kConsent, 1, "F");
  const HeldRow gone = Consent(kConsent, 2, "F", "linked to nobody");
  HeldRow over = Consent(kConsent, 3, "F");
  over.running = false;
  HeldRow declined = Consent(kConsent, 4, "F");
  declined.kinds = 0;
  EXPECT_THAT(
      Split({number, oral, gone, over, declined}, {.named = {number.key}}),
      UnorderedElementsAre(Pair(number.key, kMove), Pair(oral.key, kEnd), Pair(gone.key, kEnd)));
}

TEST(PlanSplit, WhatAMergeHadBroughtGoesBackAsFarAsItIsStillThere) {
  const HeldRow number = Row(kNumber, "h2", "");
  const HeldRow kept = Row(kCoverage, "A", "R1", 1);
  const HeldRow brought = Row(kCoverage, "A", "R2", 1);
  const HeldRow oral = Consent(kConsent, 1, "F");
  const HeldRow end = Consent(kConsentEnd, 2, "G");
  EXPECT_THAT(Split({number, kept, brought, oral, end},
                    {.merged = {number.key, brought.key, oral.key, end.key,
                                HeldKey{kReceipt, "113", "withdrawn since"}}}),
              UnorderedElementsAre(Pair(number.key, kMove), Pair(brought.key, kMove),
                                   Pair(oral.key, kMove), Pair(end.key, kCopy)));
}

TEST(PlanSplit, RefusesWhatIsNotHeldAndASplitOfNothing) {
  const std::vector<HeldRow> held = {Row(kCoverage, "A", "R1", 1)};
  for (const SplitChoice& choice :
       {SplitChoice{.named = {{kCoverage, "A", "R2"}}},
        SplitChoice{.named = {held[0].key, {kCard, "issuer", "s"}}}, SplitChoice{},
        SplitChoice{.merged = {{kCoverage, "A", "R2"}}}}) {
    EXPECT_EQ(ReasonOf(PlanSplit(held, choice).status()), Reason::kRepairRowNotHeld);
  }
}

// A reference number of facility F that was set at second `at`.
HeldRow Number(const std::string& number, int at) {
  HeldRow row = Row(kReferenceNumber, "F", number);
  row.at = absl::FromUnixSeconds(at);
  return row;
}

TEST(PlanMerge, ReferenceNumbersGo) {
  EXPECT_EQ(EffectsOf(PlanMerge(std::vector{Number("A-1", 1)}))[Number("A-1", 1).key], kMove);
}

TEST(PlanSplit, ReferenceNumbersGoBackStayOrEnd) {
  const std::vector<HeldRow> held = {Row(kNumber, "hash", ""), Number("brought", 90),
                                     Number("before", 99), Number("at", 100), Number("after", 101)};
  SplitChoice back{.merged = {held[0].key, held[1].key}, .merged_at = absl::FromUnixSeconds(100)};
  EXPECT_EQ(
      Split(held, back),
      (Effects{
          {held[0].key, kMove}, {held[1].key, kMove}, {held[3].key, kEnd}, {held[4].key, kEnd}}));
  // One who has always been two: nobody can tell whose they are.
  EXPECT_EQ(Split(held, {.named = {held[0].key}}), (Effects{{held[0].key, kMove},
                                                            {held[1].key, kEnd},
                                                            {held[2].key, kEnd},
                                                            {held[3].key, kEnd},
                                                            {held[4].key, kEnd}}));
}

}  // namespace
}  // namespace kakunin
