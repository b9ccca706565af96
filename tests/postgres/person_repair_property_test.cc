// Random merges and splits, with feeds between them.

#include <random>

#include "tests/postgres/person_repair_fixture.h"
#include "tests/support/test_seed.h"

namespace kakunin {
namespace {

using enum HeldKind;

using PersonRepairProperty = PersonRepairTest;

// Random repairs of a few persons, with feeds between them: whatever they come to, every copy is
// what the truth gives, and what was known at each step stays known as of then.
TEST_F(PersonRepairProperty, WhateverIsMergedAndSplitTheCopiesStayEqualToTheTruth) {
  constexpr int kPersons = 6;
  std::mt19937_64 random(TestSeed());
  const auto draw = [&](int least, int most) {
    return std::uniform_int_distribution(least, most)(random);
  };
  for (int who = 1; who <= kPersons; ++who) {
    Live(who, who % 2 == 0 ? "ミホン　ハナコ" : "カクニン　タロウ");
    Agree(PersonOf(who), who, "F", fmt::format("s{}", who));
    if (who % 3 == 0) Agree(PersonOf(who), 100 + who, "G", "");
  }
  std::vector<RepairId> merges;
  std::vector<std::pair<absl::Time, std::string>> past;
  int splits = 0;
  for (int step = 0; step < 40 && !HasFailure(); ++step) {
    past.emplace_back(Now(), KnownAt(Now()));
    const PersonId one = PersonOf(draw(1, kPersons));
    const PersonId other = PersonOf(draw(1, kPersons));
    const int act = draw(0, 9);
    if (act < 4 && one != other) {
      merges.push_back(Merge(one, other));
    } else if (act < 8) {
      SplitChoice choice{.only_named = draw(0, 1) == 0};
      const auto held = Held(one);
      for (const HeldRow& row : held) {
        const bool nameable = row.key.kind != kConsent && row.key.kind != kConsentEnd;
        if (nameable && draw(0, 2) == 0) choice.named.push_back(row.key);
      }
      if (!merges.empty() && draw(0, 2) == 0) choice.merged = MovedBy(merges.back());
      const auto done = Split(
          one, one != other && draw(0, 1) == 0 ? other : PersonId{auth::RandomArray<16>()}, choice);
      splits += done.ok() ? 1 : 0;
    } else {
      const int who = draw(1, kPersons);
      const std::string reference = fmt::format("R{}", who);
      StagedCoverage row = SampleRow(kInsurerA, reference, who, RowAction::kChanged);
      row.record.address = fmt::format("{}丁目", step);
      row.record.key_with_branch = SampleKey(5000 + step);
      a_.Deliver(++hour_, {row});  // refused where a split has led the number elsewhere
    }
    ExpectCopiesAreTheTruth(fmt::format("{} step {}", SeedTrace(), step));
  }
  EXPECT_GT(merges.size(), 2u);
  EXPECT_GT(splits, 2);
  for (const auto& [at, known] : past) EXPECT_EQ(KnownAt(at), known);
  // No consent was lost, none is there twice, and each card's stands with whose card it is.
  EXPECT_EQ(Text("SELECT count(*) || '/' || count(DISTINCT number) FROM kakunin.consent_act"),
            "8/8");
  EXPECT_EQ(ConsentsOfOthers(), 0);
}

}  // namespace
}  // namespace kakunin
