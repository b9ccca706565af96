#include "server/account_watch.h"

#include <gtest/gtest.h>

namespace kakunin {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

Digest32 Hash(int number) {
  Digest32 hash{};
  hash[0] = static_cast<uint8_t>(number);
  hash[1] = static_cast<uint8_t>(number >> 8);
  return hash;
}

Session SessionOf(int number, absl::Time end = kNow + absl::Hours(12)) {
  return {.token_hash = Hash(number),
          .facility_code = "F",
          .user_name = "u" + std::to_string(number),
          .began = kNow,
          .end = end,
          .last_used = kNow};
}

using Snapshot = std::shared_ptr<const AccountSnapshot>;

Snapshot Empty() { return std::make_shared<const AccountSnapshot>(); }

TEST(AccountSnapshot, FindsSessionsAndSettingsAndNobodyElses) {
  const FacilitySettings few{.kinds_not_used = 4};
  const Snapshot snapshot = Empty()->With(
      {.generation = 1, .sessions = {SessionOf(1)}, .settings = {{"F", few, 1}}}, kNow);
  EXPECT_EQ(snapshot->generation(), 1);
  ASSERT_NE(snapshot->Find(Hash(1)), nullptr);
  EXPECT_EQ(snapshot->Find(Hash(1))->session().user_name, "u1");
  EXPECT_EQ(snapshot->Find(Hash(2)), nullptr);
  EXPECT_EQ(snapshot->SettingsOf("F"), few);
  EXPECT_EQ(snapshot->SettingsOf("G"), FacilitySettings());
}

TEST(AccountSnapshot, AnEndReplacesTheSessionAndLeavesOlderSnapshotsAsTheyWere) {
  const Snapshot before = Empty()->With({.generation = 1, .sessions = {SessionOf(1)}}, kNow);
  Session ended = SessionOf(1);
  ended.ended = SessionEnd::kLocked;
  const Snapshot after = before->With({.generation = 2, .sessions = {ended}}, kNow);
  EXPECT_FALSE(before->Find(Hash(1))->session().ended);
  EXPECT_EQ(after->Find(Hash(1))->session().ended, SessionEnd::kLocked);
}

TEST(AccountSnapshot, ManyChangesAreFoldedAndWhatIsOverIsForgotten) {
  Snapshot snapshot =
      Empty()->With({.generation = 1, .sessions = {SessionOf(0, kNow + absl::Hours(1))}}, kNow);
  for (int number = 1; number <= 3000; ++number) {
    snapshot = snapshot->With({.generation = number + 1, .sessions = {SessionOf(number)}},
                              kNow + absl::Hours(2));
  }
  EXPECT_EQ(snapshot->Find(Hash(0)), nullptr);
  for (int number = 1; number <= 3000; ++number) {
    const KnownSession* const known = snapshot->Find(Hash(number));
    ASSERT_NE(known, nullptr) << number;
    ASSERT_EQ(known->session().user_name, "u" + std::to_string(number));
  }
}

TEST(AccountSnapshot, AUseOutlivesAChangeOfTheSessionAndAnEarlierOneChangesNothing) {
  const Snapshot before = Empty()->With({.generation = 1, .sessions = {SessionOf(1)}}, kNow);
  const KnownSession* const known = before->Find(Hash(1));
  EXPECT_EQ(known->LastUsed(), kNow);
  known->Use(kNow + absl::Minutes(10));
  known->Use(kNow + absl::Minutes(9));
  EXPECT_EQ(known->LastUsed(), kNow + absl::Minutes(10));
  Session changed = SessionOf(1);
  changed.password_change_needed = true;
  const Snapshot after = before->With({.generation = 2, .sessions = {changed}}, kNow);
  EXPECT_EQ(after->Find(Hash(1))->LastUsed(), kNow + absl::Minutes(10));
  // Another server has seen a later one.
  changed.last_used = kNow + absl::Minutes(20);
  EXPECT_EQ(after->With({.generation = 3, .sessions = {changed}}, kNow)->Find(Hash(1))->LastUsed(),
            kNow + absl::Minutes(20));
}

TEST(AccountSnapshot, UsesAreWrittenOnceTheyAreSoMuchLater) {
  const Snapshot snapshot = Empty()->With(
      {.generation = 1, .sessions = {SessionOf(1), SessionOf(2), SessionOf(3)}}, kNow);
  snapshot->Find(Hash(1))->Use(kNow + absl::Minutes(5) - absl::Microseconds(1));
  snapshot->Find(Hash(2))->Use(kNow + absl::Minutes(5));
  const auto uses = snapshot->UnwrittenUses(absl::Minutes(5));
  ASSERT_EQ(uses.size(), 1u);
  EXPECT_EQ(uses[0].token_hash, Hash(2));
  EXPECT_EQ(uses[0].at, kNow + absl::Minutes(5));
  Session written = SessionOf(2);
  written.last_used = uses[0].at;
  EXPECT_TRUE(snapshot->With({.generation = 2, .sessions = {written}}, kNow)
                  ->UnwrittenUses(absl::Minutes(5))
                  .empty());
}

}  // namespace
}  // namespace kakunin
