#include "server/rpc/admission.h"

#include <gtest/gtest.h>

#include <set>

namespace kakunin {
namespace {

using std::chrono::milliseconds;
using Verdict = Admission::Verdict;

Digest32 Certificate(int number) {
  Digest32 digest{};
  digest[0] = static_cast<uint8_t>(number);
  digest[1] = static_cast<uint8_t>(number >> 8);
  digest[2] = static_cast<uint8_t>(number >> 16);
  return digest;
}

class AdmissionTest : public testing::Test {
 protected:
  // How many of `offered` calls at one instant are admitted.
  static int Admitted(Admission& admission, Precedence precedence, int offered,
                      Admission::Instant now, int certificate = 1) {
    int admitted = 0;
    for (int i = 0; i < offered; ++i) {
      admitted += static_cast<int>(admission.Admit(precedence, Certificate(certificate), now) ==
                                   Verdict::kAdmitted);
    }
    return admitted;
  }

  const Admission::Instant begin_{std::chrono::hours(1)};
};

TEST_F(AdmissionTest, WithoutBoundsEverybodyIsAdmitted) {
  Admission admission({});
  for (const auto precedence : {Precedence::kDesk, Precedence::kFeeds}) {
    EXPECT_EQ(Admitted(admission, precedence, 10'000, begin_), 10'000);
  }
}

TEST_F(AdmissionTest, InASecondAsManyAreAdmittedAsThereMayBe) {
  Admission admission({.calls_per_second = 2000});
  int admitted = 0;
  for (int ms = 0; ms < 1000; ++ms) {
    admitted += Admitted(admission, Precedence::kDesk, 10, begin_ + milliseconds(ms));
  }
  // And what the bucket held at first.
  EXPECT_GE(admitted, 2000);
  EXPECT_LE(admitted, 2000 + 100);
  EXPECT_EQ(admission.RefusedByAll(Precedence::kDesk), 10'000 - admitted);
}

TEST_F(AdmissionTest, ADeskIsServedWhenTheOthersAreNot) {
  Admission admission({.calls_per_second = 2000});  // 100 at once
  EXPECT_EQ(Admitted(admission, Precedence::kFeeds, 1000, begin_), 25);
  EXPECT_EQ(Admitted(admission, Precedence::kLists, 1000, begin_), 25);
  EXPECT_EQ(Admitted(admission, Precedence::kRecords, 1000, begin_), 25);
  EXPECT_EQ(Admitted(admission, Precedence::kDesk, 1000, begin_), 25);
  EXPECT_EQ(Admitted(admission, Precedence::kRecords, 1, begin_), 0);
  // A desk that takes all leaves nothing to the others, however long it lasts.
  for (int ms = 1; ms < 1000; ++ms) {
    const auto now = begin_ + milliseconds(ms);
    EXPECT_EQ(Admitted(admission, Precedence::kDesk, 3, now), 2);
    EXPECT_EQ(Admitted(admission, Precedence::kRecords, 1, now), 0);
  }
}

TEST_F(AdmissionTest, WhatMustBeDoneIsDoneWhateverElseIs) {
  Admission admission({.calls_per_second = 100, .calls_per_certificate = 50});
  EXPECT_EQ(Admitted(admission, Precedence::kDesk, 50, begin_, 1), 16);
  // The end of a consent, as often as one certificate may call.
  EXPECT_EQ(Admitted(admission, Precedence::kAlways, 1000, begin_, 1), 50);
  EXPECT_EQ(Admitted(admission, Precedence::kAlways, 1000, begin_, 2), 100);
  EXPECT_EQ(Admitted(admission, Precedence::kUncounted, 1000, begin_, 1), 1000);
}

TEST_F(AdmissionTest, OneCertificateTakesNothingFromTheOthers) {
  Admission admission({.calls_per_certificate = 50});
  EXPECT_EQ(Admitted(admission, Precedence::kDesk, 1000, begin_, 1), 100);
  EXPECT_EQ(Admitted(admission, Precedence::kDesk, 60, begin_, 2), 60);
  EXPECT_EQ(admission.RefusedByCertificate(), 900);
  // Some 20 ms later there is one more, and not before.
  EXPECT_EQ(Admitted(admission, Precedence::kDesk, 5, begin_ + milliseconds(19), 1), 0);
  EXPECT_EQ(Admitted(admission, Precedence::kDesk, 5, begin_ + milliseconds(21), 1), 1);
  // Two seconds of calls are the most that it saves up.
  EXPECT_EQ(Admitted(admission, Precedence::kDesk, 1000, begin_ + std::chrono::hours(1), 1), 100);
}

TEST_F(AdmissionTest, WhatOneCertificateMayNotIsNotTakenFromAll) {
  Admission admission({.calls_per_second = 2000, .calls_per_certificate = 8});  // 16 at once
  EXPECT_EQ(Admitted(admission, Precedence::kDesk, 1000, begin_, 1), 16);
  EXPECT_EQ(Admitted(admission, Precedence::kDesk, 16, begin_, 2), 16);
  EXPECT_EQ(admission.RefusedByAll(Precedence::kDesk), 0);
}

TEST_F(AdmissionTest, TheSilentAreForgottenAndWhoIsOverItIsNot) {
  Admission admission({.calls_per_certificate = 50});
  EXPECT_EQ(Admitted(admission, Precedence::kDesk, 1000, begin_, 0), 100);
  auto now = begin_;
  for (int certificate = 1; certificate < 100'000; ++certificate) {
    now += std::chrono::microseconds(1);
    EXPECT_EQ(Admitted(admission, Precedence::kDesk, 1, now, certificate), 1);
  }
  EXPECT_LE(Admitted(admission, Precedence::kDesk, 1000, now, 0), 5);
  now += std::chrono::hours(1);
  // All are silent for an hour: the next rounds of forgetting leave only who comes now.
  for (int certificate = 100'000; certificate < 400'000; ++certificate) {
    now += milliseconds(1);
    Admitted(admission, Precedence::kDesk, 1, now, certificate);
  }
  EXPECT_LT(admission.Remembered(), 20'000u);
}

TEST_F(AdmissionTest, AnInstantOfTheOtherThreadsPastAddsNothing) {
  Admission admission({.calls_per_certificate = 50});
  EXPECT_EQ(Admitted(admission, Precedence::kDesk, 1000, begin_), 100);
  EXPECT_EQ(Admitted(admission, Precedence::kDesk, 1000, begin_ - milliseconds(500)), 0);
  EXPECT_EQ(Admitted(admission, Precedence::kDesk, 1000, begin_), 0);
}

TEST_F(AdmissionTest, EveryMethodHasItsPrecedence) {
  const auto of = [](std::string_view method) { return PrecedenceOf(*PolicyFor(method)); };
  EXPECT_EQ(of("/kakunin.v1.EligibilityService/ConfirmByCard"), Precedence::kDesk);
  EXPECT_EQ(of("/kakunin.v1.RecordService/GetDrugHistory"), Precedence::kRecords);
  EXPECT_EQ(of("/kakunin.v1.BulkService/Submit"), Precedence::kLists);
  EXPECT_EQ(of("/kakunin.v1.InsurerFeedService/PushRows"), Precedence::kFeeds);
  EXPECT_EQ(of("/kakunin.v1.OperationsService/RevokeTerminal"), Precedence::kUncounted);
  EXPECT_EQ(of("/kakunin.v1.ConsentService/RevokeConsent"), Precedence::kAlways);
  EXPECT_EQ(of("/grpc.health.v1.Health/Check"), Precedence::kUncounted);
}

}  // namespace
}  // namespace kakunin
