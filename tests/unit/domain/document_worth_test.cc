#include "domain/document_worth.h"

#include <gtest/gtest.h>

#include "domain/civil_day.h"
#include "domain/holder_verification.h"

namespace kakunin {
namespace {

using Day = absl::CivilDay;

DocumentWorth Card(std::optional<Day> printed, Day day, Validity answer) {
  return WorthOf(DocumentShown::kHealthInsuranceCard, printed, day, answer, {});
}

TEST(DocumentWorth, NoInsuranceCardIsValidAfterTheFirstOfDecember2025) {
  EXPECT_EQ(Card({}, Day(2025, 12, 1), Validity::kInvalid), DocumentWorth::kSufficient);
  EXPECT_EQ(Card(Day(2030, 3, 31), Day(2025, 12, 2), Validity::kInvalid), DocumentWorth::kExpired);
  EXPECT_EQ(Card(Day(2025, 7, 31), Day(2025, 7, 31), Validity::kInvalid),
            DocumentWorth::kSufficient);
  EXPECT_EQ(Card(Day(2025, 7, 31), Day(2025, 8, 1), Validity::kInvalid), DocumentWorth::kExpired);
}

TEST(DocumentWorth, AnExpiredCardIsAcceptedBesideAPositiveAnswerUntilTheEndOfMarch2026) {
  EXPECT_EQ(Card({}, Day(2025, 12, 2), Validity::kValid), DocumentWorth::kAcceptedExpired);
  EXPECT_EQ(Card({}, Day(2026, 3, 31), Validity::kValid), DocumentWorth::kAcceptedExpired);
  EXPECT_EQ(Card({}, Day(2026, 4, 1), Validity::kValid), DocumentWorth::kExpired);
  EXPECT_EQ(Card({}, Day(2026, 3, 31), Validity::kNotFound), DocumentWorth::kExpired);
}

TEST(DocumentWorth, CertificatesAndNotices) {
  const Day day(2026, 11, 21);
  const auto worth = [&](DocumentShown document, std::optional<Day> printed) {
    return WorthOf(document, printed, day, Validity::kValid, {});
  };
  EXPECT_EQ(worth(DocumentShown::kEligibilityCertificate, day), DocumentWorth::kSufficient);
  EXPECT_EQ(worth(DocumentShown::kEligibilityCertificate, day - 1), DocumentWorth::kExpired);
  EXPECT_EQ(worth(DocumentShown::kEligibilityCertificate, {}), DocumentWorth::kSufficient);
  EXPECT_EQ(worth(DocumentShown::kEligibilityNoticeWithCard, {}), DocumentWorth::kSufficient);
  EXPECT_EQ(worth(DocumentShown::kEligibilityNoticeWithoutCard, {}), DocumentWorth::kNeedsCard);
  EXPECT_EQ(worth(DocumentShown::kNone, {}), DocumentWorth::kNothingShown);
}

TEST(HolderVerification, AwayFromTheDeskThereIsNoReaderAndOnlineNobodyLooks) {
  const absl::Time start = StartOfDay(Day(2024, 4, 1));
  const auto allowed = [&](HolderVerification way, FormOfCare form, absl::Time at) {
    return IsHolderVerificationAllowed(way, {.form = form, .phone_from = absl::InfinitePast()}, at);
  };
  for (const FormOfCare form : {FormOfCare::kHomeVisit, FormOfCare::kOnlineCare}) {
    EXPECT_FALSE(allowed(HolderVerification::kPin, form, start - absl::Seconds(1)));
    EXPECT_TRUE(allowed(HolderVerification::kPin, form, start));
    EXPECT_FALSE(allowed(HolderVerification::kFace, form, start));
    EXPECT_FALSE(allowed(HolderVerification::kPhone, form, start));
  }
  const absl::Time visual = StartOfDay(Day(2024, 10, 1));
  EXPECT_FALSE(
      allowed(HolderVerification::kVisual, FormOfCare::kHomeVisit, visual - absl::Seconds(1)));
  EXPECT_TRUE(allowed(HolderVerification::kVisual, FormOfCare::kHomeVisit, visual));
  EXPECT_FALSE(allowed(HolderVerification::kVisual, FormOfCare::kOnlineCare, visual));
  EXPECT_FALSE(allowed(HolderVerification::kVisual, FormOfCare::kOnlineCare, start));
  EXPECT_FALSE(allowed(HolderVerification::kPin, FormOfCare::kEmergency, start));
}

TEST(HolderVerification, APhonesCertificateIsACardFromItsDayAndHasNoFace) {
  const absl::Time from = StartOfDay(Day(2025, 9, 19));
  const auto allowed = [&](HolderVerification way, FormOfCare form, absl::Time at) {
    return IsHolderVerificationAllowed(way, {.form = form, .phone_from = from, .phone = true}, at);
  };
  for (const FormOfCare form :
       {FormOfCare::kOutpatient, FormOfCare::kHomeVisit, FormOfCare::kOnlineCare}) {
    EXPECT_FALSE(allowed(HolderVerification::kPin, form, from - absl::Seconds(1)));
    EXPECT_TRUE(allowed(HolderVerification::kPin, form, from));
    EXPECT_TRUE(allowed(HolderVerification::kPin, form, from + absl::Seconds(1)));
    EXPECT_FALSE(allowed(HolderVerification::kFace, form, from));
    EXPECT_FALSE(allowed(HolderVerification::kVisual, form, from));
    EXPECT_EQ(allowed(HolderVerification::kPhone, form, from), form == FormOfCare::kOutpatient);
  }
  EXPECT_EQ(AllowedHolderVerifications({.phone_from = from, .phone = true}, from),
            "暗証番号またはスマートフォンの認証");
}

TEST(HolderVerification, WhoIsAloneAtHomeHasThePin) {
  const absl::Time at = StartOfDay(Day(2026, 4, 1));
  for (const FormOfCare form : {FormOfCare::kHomeVisit, FormOfCare::kOnlineCare}) {
    const HolderVerificationRules rules{
        .form = form, .alone = true, .phone_from = absl::InfinitePast()};
    EXPECT_EQ(AllowedHolderVerifications(rules, at), "暗証番号");
    EXPECT_FALSE(IsHolderVerificationAllowed(HolderVerification::kVisual, rules, at));
  }
}

TEST(HolderVerification, NamesTheWaysOfTheTableAndNoOther) {
  const absl::Time phones = StartOfDay(Day(2025, 9, 19));
  const auto named = [&](FormOfCare form, absl::Time at) {
    return AllowedHolderVerifications({.form = form, .phone_from = phones}, at);
  };
  EXPECT_EQ(named(FormOfCare::kOutpatient, phones - absl::Seconds(1)),
            "顔認証、暗証番号または目視");
  EXPECT_EQ(named(FormOfCare::kOutpatient, phones),
            "顔認証、暗証番号、目視またはスマートフォンの認証");
  EXPECT_EQ(named(FormOfCare::kHomeVisit, phones), "暗証番号または目視");
  EXPECT_EQ(named(FormOfCare::kOnlineCare, phones), "暗証番号");
  EXPECT_EQ(named(FormOfCare::kHomeVisit, StartOfDay(Day(2024, 4, 1)) - absl::Seconds(1)), "");
}

TEST(HolderVerification, PhonesCountFromTheirFirstDay) {
  const absl::Time from = StartOfDay(Day(2025, 9, 19));
  for (const auto way :
       {HolderVerification::kFace, HolderVerification::kPin, HolderVerification::kVisual}) {
    EXPECT_TRUE(IsHolderVerificationAllowed(way, {.phone_from = from}, from - absl::Hours(1)));
  }
  const auto phone = [&](absl::Time at) {
    return IsHolderVerificationAllowed(HolderVerification::kPhone, {.phone_from = from}, at);
  };
  EXPECT_FALSE(phone(from - absl::Seconds(1)));
  EXPECT_TRUE(phone(from));
  EXPECT_TRUE(phone(from + absl::Seconds(1)));
}

}  // namespace
}  // namespace kakunin
