#include "domain/account.h"

#include <gtest/gtest.h>

#include <string>

namespace kakunin {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

TEST(Account, ARoleFitsItsKindAndNoOther) {
  const auto none = std::optional<Role>();
  EXPECT_EQ(RoleFor(AccountKind::kAdministrator, none), Role::kAdministrator);
  EXPECT_EQ(RoleFor(AccountKind::kGeneral, none), Role::kGeneral);
  EXPECT_EQ(RoleFor(AccountKind::kMedicalInformationViewer, none), none);
  for (int number = 1; number <= 6; ++number) {
    const auto role = static_cast<Role>(number);
    const bool qualified = number >= 3;
    EXPECT_EQ(RoleFor(AccountKind::kMedicalInformationViewer, role).has_value(), qualified);
    EXPECT_EQ(RoleFor(AccountKind::kAdministrator, role), none) << number;
    EXPECT_EQ(RoleFor(AccountKind::kGeneral, role), none) << number;
    if (qualified) EXPECT_EQ(KindOf(role), AccountKind::kMedicalInformationViewer);
  }
  EXPECT_EQ(KindOf(Role::kAdministrator), AccountKind::kAdministrator);
  EXPECT_EQ(KindOf(Role::kGeneral), AccountKind::kGeneral);
}

TEST(Account, ANameHasOneSpelling) {
  for (const char* good : {"tanaka", "t.naka_2-x", "3rd", "abc"}) {
    EXPECT_TRUE(IsUserName(good)) << good;
  }
  for (const char* bad : {"", "ab", "Tanaka", "田中花子", "ta naka", ".tanaka", "-tanaka",
                          "tanaka\n", "tanaka/x", "123456789018"}) {
    EXPECT_FALSE(IsUserName(bad)) << bad;
  }
  EXPECT_TRUE(IsUserName(std::string(32, 'a')));
  EXPECT_FALSE(IsUserName(std::string(33, 'a')));
  EXPECT_FALSE(IsUserName(std::string("abc\0d", 5)));
}

TEST(Account, FiveTriesAndNoMore) {
  Account account;
  for (int tries = 0; tries <= kMostWrongTries + 1; ++tries) {
    account.wrong_tries = tries;
    EXPECT_EQ(MayTry(account, kNow), tries < 5) << tries;
    EXPECT_EQ(StateOf(account), tries < 5 ? AccountState::kOpen : AccountState::kLockedByTries);
  }
}

TEST(Account, WhatIsShutCannotBeTried) {
  Account account;
  account.locked = kNow;
  EXPECT_EQ(StateOf(account), AccountState::kLocked);
  EXPECT_FALSE(MayTry(account, kNow));
  account.disabled = kNow;
  EXPECT_EQ(StateOf(account), AccountState::kDisabled);
  EXPECT_FALSE(MayTry(account, kNow));
  account.locked.reset();
  EXPECT_FALSE(MayTry(account, kNow));
}

TEST(Account, AOneTimePasswordWorksUpToItsEnd) {
  Account account;
  account.one_time_end = kNow;
  EXPECT_TRUE(NeedsPasswordChange(account));
  EXPECT_TRUE(MayTry(account, kNow - absl::Microseconds(1)));
  EXPECT_FALSE(MayTry(account, kNow));
  EXPECT_FALSE(MayTry(account, kNow + absl::Microseconds(1)));
}

}  // namespace
}  // namespace kakunin
