// Accounts of the portal: what they are called, and how they stand.
#include "domain/applicant.h"

#include <gtest/gtest.h>

namespace kakunin {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'795'000'000);

TEST(Applicant, IsNamedInOneSpelling) {
  EXPECT_TRUE(IsApplicantName("acc-0123456789ab"));
  for (const char* name : {"", "acc-", "acc-0123456789a", "acc-0123456789abc", "acc-0123456789AB",
                           "ACC-0123456789ab", "0123456789abcdef", "acc-0123456789ag"}) {
    EXPECT_FALSE(IsApplicantName(name)) << name;
  }
}

TEST(Applicant, CanBeWrittenTo) {
  for (const char* mail : {"a@b.jp", "jimu.kakari+x@clinic.example.jp"}) {
    EXPECT_TRUE(IsMailAddress(mail)) << mail;
  }
  for (const char* mail : {"", "a", "@b.jp", "a@", "a@b", "a@.jp", "a@b.", "a@b..jp", "a@b@c.jp",
                           "a b@c.jp", "a@b.jp\n", "事務@b.jp"}) {
    EXPECT_FALSE(IsMailAddress(mail)) << mail;
  }
  EXPECT_TRUE(IsMailAddress(std::string(249, 'a') + "@b.jp"));
  EXPECT_FALSE(IsMailAddress(std::string(250, 'a') + "@b.jp"));
}

TEST(Applicant, LapsesWhenNobodyConfirmsItInTime) {
  const ApplicantAccount waiting{.registered = kNow};
  EXPECT_EQ(StateAt(waiting, kNow + kRegistrationWaits - absl::Seconds(1)),
            AccountRegistrationState::kRegistered);
  EXPECT_EQ(StateAt(waiting, kNow + kRegistrationWaits), AccountRegistrationState::kLapsed);
  EXPECT_EQ(StateAt(waiting, kNow + kRegistrationWaits + absl::Seconds(1)),
            AccountRegistrationState::kLapsed);
  EXPECT_FALSE(MayTry(waiting, kNow));
}

TEST(Applicant, IsLockedByTheFifthWrongPasswordInARow) {
  ApplicantAccount account{.state = AccountRegistrationState::kActive, .registered = kNow};
  account.wrong_tries = kMostWrongTries - 1;
  EXPECT_TRUE(MayTry(account, kNow));
  account.wrong_tries = kMostWrongTries;
  EXPECT_FALSE(MayTry(account, kNow));
  EXPECT_EQ(StateAt(account, kNow), AccountRegistrationState::kLocked);
}

TEST(Applicant, AOneTimePasswordOpensUntilItsEnd) {
  ApplicantAccount account{.state = AccountRegistrationState::kActive, .registered = kNow};
  account.one_time_end = kNow + kOneTimePasswordWorks;
  EXPECT_TRUE(NeedsPasswordChange(account));
  EXPECT_TRUE(MayTry(account, *account.one_time_end - absl::Seconds(1)));
  EXPECT_FALSE(MayTry(account, *account.one_time_end));
  EXPECT_FALSE(MayTry(account, *account.one_time_end + absl::Seconds(1)));
}

}  // namespace
}  // namespace kakunin
