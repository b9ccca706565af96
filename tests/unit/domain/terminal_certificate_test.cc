#include "domain/terminal_certificate.h"

#include <gtest/gtest.h>

#include <optional>

#include "domain/civil_day.h"

namespace kakunin {
namespace {

constexpr absl::Duration kSecond = absl::Seconds(1);
constexpr absl::Duration kDay = absl::Hours(24);
const absl::Time kNow = absl::FromUnixSeconds(1790000000);

absl::Time Japan(int year, int month, int day, int hour = 0, int minute = 0, int second = 0) {
  return absl::FromCivil(absl::CivilSecond(year, month, day, hour, minute, second), JapanTime());
}

CertificateRequest Submitted() {
  CertificateRequest request{.code_issued_by = "operator-1"};
  request.key_fingerprint[0] = 7;
  return request;
}

TEST(CertificateRequest, IsApprovedByAnotherPersonWhoKnowsTheKey) {
  CertificateRequest request = Submitted();
  Digest32 other{};
  EXPECT_EQ(WhyNotApproved(request, "operator-2", request.key_fingerprint), std::nullopt);
  EXPECT_EQ(WhyNotApproved(request, "operator-1", request.key_fingerprint),
            Reason::kCertificateRequestSameOperator);
  EXPECT_EQ(WhyNotApproved(request, "operator-2", other), Reason::kCertificateRequestOtherKey);
  for (const auto state : {CertificateRequestState::kApproved, CertificateRequestState::kRefused,
                           CertificateRequestState::kDelivered}) {
    request.state = state;
    EXPECT_EQ(WhyNotApproved(request, "operator-2", request.key_fingerprint),
              Reason::kCertificateRequestDecided);
  }
}

TEST(CertificateRequest, IsRefusedUntilItsCertificateIsThereAndDeliveredOnlyOnceApproved) {
  CertificateRequest request = Submitted();
  EXPECT_EQ(WhyNotRefused(request), std::nullopt);
  EXPECT_EQ(WhyNotDelivered(request), Reason::kCertificateRequestNotApproved);
  request.state = CertificateRequestState::kApproved;
  EXPECT_EQ(WhyNotRefused(request), std::nullopt);
  EXPECT_EQ(WhyNotDelivered(request), std::nullopt);
  for (const auto state :
       {CertificateRequestState::kRefused, CertificateRequestState::kDelivered}) {
    request.state = state;
    EXPECT_EQ(WhyNotRefused(request), Reason::kCertificateRequestDecided);
    EXPECT_EQ(WhyNotDelivered(request), Reason::kCertificateRequestDecided);
  }
}

TEST(CertificateRequest, IsToldAsDeliveredOnceEveryServerKnows) {
  CertificateRequest request = Submitted();
  request.state = CertificateRequestState::kDelivered;
  request.delivered = kNow;
  request.certificate_der = "certificate";
  const auto told = [&](absl::Duration after) { return AsTold(request, kNow + after); };
  for (const absl::Duration early : {absl::ZeroDuration(), kSecond - absl::Microseconds(1)}) {
    EXPECT_EQ(told(early).state, CertificateRequestState::kApproved);
    EXPECT_TRUE(told(early).certificate_der.empty());
  }
  EXPECT_EQ(told(kSecond).state, CertificateRequestState::kDelivered);
  EXPECT_EQ(told(kSecond).certificate_der, "certificate");
}

TEST(CertificateDates, EndThreeYearsAndThreeMonthsLaterByTheCalendar) {
  EXPECT_EQ(EndAfter(Japan(2026, 11, 22, 9, 8, 7), kLongestCertificateMonths),
            Japan(2030, 2, 22, 9, 8, 7));
  // The 30th of February is the first of March.
  EXPECT_EQ(EndAfter(Japan(2026, 11, 30, 12), kLongestCertificateMonths), Japan(2030, 3, 1, 12));
  EXPECT_EQ(EndAfter(Japan(2024, 1, 31), 1), Japan(2024, 3, 1));
}

TEST(CertificateDates, AreHeldToTheSecond) {
  const absl::Time end = EndAfter(kNow, kLongestCertificateMonths);
  EXPECT_TRUE(HasRightDates(kNow, end - kSecond, kNow));
  EXPECT_TRUE(HasRightDates(kNow, end, kNow));
  EXPECT_FALSE(HasRightDates(kNow, end + kSecond, kNow));
  EXPECT_TRUE(HasRightDates(kNow - kEarliestBeginning, kNow + kDay, kNow));
  EXPECT_FALSE(HasRightDates(kNow - kEarliestBeginning - kSecond, kNow + kDay, kNow));
  EXPECT_TRUE(HasRightDates(kNow + kLatestBeginning, kNow + kDay, kNow));
  EXPECT_FALSE(HasRightDates(kNow + kLatestBeginning + kSecond, kNow + kDay, kNow));
  EXPECT_TRUE(HasRightDates(kNow - kSecond, kNow + kSecond, kNow));
  EXPECT_FALSE(HasRightDates(kNow - kSecond, kNow, kNow));
}

TEST(Renewal, OpensNinetyDaysBeforeTheEndAndWarnsFromThenOn) {
  const absl::Time ends = kNow + 90 * kDay;
  EXPECT_FALSE(IsRenewable(ends, kNow - kSecond));
  EXPECT_TRUE(IsRenewable(ends, kNow));
  EXPECT_TRUE(IsRenewable(ends, kNow + kSecond));
  EXPECT_EQ(DaysLeft(ends, kNow - kSecond), std::nullopt);
  EXPECT_EQ(DaysLeft(ends, kNow), 90);
  EXPECT_EQ(DaysLeft(ends, kNow + kSecond), 89);
  EXPECT_EQ(DaysLeft(ends, ends - kSecond), 0);
  EXPECT_EQ(DaysLeft(absl::InfiniteFuture(), kNow), std::nullopt);
}

TEST(Renewal, WarnsMoreUrgentlyFromStepToStep) {
  const auto holds = [](int days, const char* word) {
    return CertificateEndSentence(days).find(word) != std::string::npos;
  };
  for (const int days : {90, 60, 30}) EXPECT_TRUE(holds(days, "更新できます")) << days;
  for (const int days : {29, 15, 7}) EXPECT_TRUE(holds(days, "早めに")) << days;
  for (const int days : {6, 1, 0}) EXPECT_TRUE(holds(days, "至急")) << days;
  EXPECT_TRUE(holds(42, "あと42日"));
}

TEST(Renewal, LetsTheOldCertificateCountForThirtyDaysAndNeverPastItsEnd) {
  EXPECT_EQ(OverlapEnd(kNow + 90 * kDay, kNow), kNow + 30 * kDay);
  EXPECT_EQ(OverlapEnd(kNow + 30 * kDay + kSecond, kNow), kNow + 30 * kDay);
  EXPECT_EQ(OverlapEnd(kNow + 30 * kDay, kNow), kNow + 30 * kDay);
  EXPECT_EQ(OverlapEnd(kNow + 30 * kDay - kSecond, kNow), kNow + 30 * kDay - kSecond);
}

}  // namespace
}  // namespace kakunin
