#include "domain/facility_terms.h"

#include <gtest/gtest.h>

#include "domain/access_policy.h"
#include "domain/civil_day.h"

namespace kakunin {
namespace {

constexpr absl::CivilDay kLast(2026, 12, 10);

FacilityTerms OnGround(RestrictedGround ground, std::optional<absl::CivilDay> ending) {
  return {.introduction_type = IntroductionType::kRestricted,
          .ground = ground,
          .ground_ending_day = ending};
}

std::optional<Reason> At(const FacilityTerms& terms, TerminalKind kind, absl::Time now,
                         const RestrictedGroundRules& rules = {}) {
  return WhyNotServed(WindowsOf(terms, rules), kind, now);
}

// Each edge is a midnight of Japan: a second before, the midnight itself, a second after.
void ExpectEdge(const FacilityTerms& terms, TerminalKind kind, absl::Time midnight,
                std::optional<Reason> before, std::optional<Reason> from,
                const RestrictedGroundRules& rules = {}) {
  EXPECT_EQ(At(terms, kind, midnight - absl::Seconds(1), rules), before);
  EXPECT_EQ(At(terms, kind, midnight, rules), from);
  EXPECT_EQ(At(terms, kind, midnight + absl::Seconds(1), rules), from);
}

TEST(FacilityTerms, WithoutTermsNothingIsBounded) {
  for (const absl::Time at :
       {absl::UnixEpoch(), StartOfDay(kLast), StartOfDay(absl::CivilDay(9999, 1, 1))}) {
    for (int kind = 1; kind <= 4; ++kind) {
      EXPECT_EQ(At({}, static_cast<TerminalKind>(kind), at), std::nullopt);
    }
    EXPECT_EQ(FormsNotAdded(WindowsOf({}, {}), at), 0);
  }
}

TEST(FacilityTerms, RestrictedTerminalsEndWithTheirGroundAtMidnightOfJapan) {
  // (2): six months after the line; (4) and (6): the reported day is the last.
  for (const auto& terms : {OnGround(RestrictedGround::kNoOpticalLine, absl::CivilDay(2026, 6, 10)),
                            OnGround(RestrictedGround::kRebuilding, kLast),
                            OnGround(RestrictedGround::kHardship, kLast)}) {
    ExpectEdge(terms, TerminalKind::kRestricted, EndOfDay(kLast), std::nullopt,
               Reason::kRestrictedTypeEnded);
    // Midnight of Japan is not that of the machine's zone.
    EXPECT_EQ(At(terms, TerminalKind::kRestricted, absl::FromUnixSeconds(1796914799)),
              std::nullopt);  // 2026-12-10T14:59:59Z
    // Others that it has from before end with it: it has no other right.
    ExpectEdge(terms, TerminalKind::kDesk, EndOfDay(kLast), std::nullopt,
               Reason::kRestrictedTypeEnded);
  }
}

TEST(FacilityTerms, AGroundWhoseEndNobodyReportedDoesNotEnd) {
  const FacilityTerms terms = OnGround(RestrictedGround::kHardship, {});
  EXPECT_EQ(At(terms, TerminalKind::kRestricted, StartOfDay(absl::CivilDay(2099, 1, 1))),
            std::nullopt);
  // It began with the restricted type.
  ExpectEdge(terms, TerminalKind::kRestricted, StartOfDay(kRestrictedTypeFrom),
             Reason::kRestrictedTypeEnded, std::nullopt);
}

TEST(FacilityTerms, TheFirstThirdAndFifthMeasureGiveNoRight) {
  for (const RestrictedGround ground :
       {RestrictedGround::kSystemUnderWay, RestrictedGround::kHomeVisitsOnly,
        RestrictedGround::kClosing}) {
    for (const absl::CivilDay day :
         {absl::CivilDay(2023, 4, 1), absl::CivilDay(2024, 11, 30), absl::CivilDay(2026, 11, 22)}) {
      EXPECT_EQ(At(OnGround(ground, {}), TerminalKind::kRestricted, StartOfDay(day)),
                Reason::kRestrictedTypeEnded);
    }
  }
  // Nor does none at all.
  EXPECT_EQ(At({.introduction_type = IntroductionType::kRestricted}, TerminalKind::kRestricted,
               StartOfDay(kLast)),
            Reason::kRestrictedTypeEnded);
}

TEST(FacilityTerms, GroundsByConfigurationHoldFromAndThroughTheirDays) {
  const FacilityTerms terms = OnGround(RestrictedGround::kMidwife, {});
  EXPECT_EQ(At(terms, TerminalKind::kRestricted, StartOfDay(kLast)), Reason::kRestrictedTypeEnded);
  const RestrictedGroundRules rules{
      .midwives = OpenedGround{.from = absl::CivilDay(2026, 4, 1), .last_day = kLast}};
  ExpectEdge(terms, TerminalKind::kRestricted, StartOfDay(absl::CivilDay(2026, 4, 1)),
             Reason::kRestrictedTypeEnded, std::nullopt, rules);
  ExpectEdge(terms, TerminalKind::kRestricted, EndOfDay(kLast), std::nullopt,
             Reason::kRestrictedTypeEnded, rules);
}

TEST(FacilityTerms, TheFullTypesRestrictedTerminalsRestOnNoGround) {
  EXPECT_EQ(At({.introduction_type = IntroductionType::kFull}, TerminalKind::kRestricted,
               StartOfDay(kLast)),
            std::nullopt);
}

TEST(FacilityTerms, AClosureEndsEveryTerminalAndAPauseLetsItGoOn) {
  const FacilityTerms ends{.closure = {.last_day = kLast}};
  const FacilityTerms pauses{
      .closure = {.last_day = kLast, .resume_day = absl::CivilDay(2027, 2, 1)}};
  for (int number = 1; number <= 4; ++number) {
    const auto kind = static_cast<TerminalKind>(number);
    ExpectEdge(ends, kind, EndOfDay(kLast), std::nullopt, Reason::kFacilityClosed);
    ExpectEdge(pauses, kind, EndOfDay(kLast), std::nullopt, Reason::kFacilityClosed);
    ExpectEdge(pauses, kind, StartOfDay(absl::CivilDay(2027, 2, 1)), Reason::kFacilityClosed,
               std::nullopt);
  }
  EXPECT_EQ(At(ends, TerminalKind::kDesk, StartOfDay(absl::CivilDay(2099, 1, 1))),
            Reason::kFacilityClosed);
}

TEST(FacilityTerms, AnAdditionWorksFromItsStartAndNotBefore) {
  const auto has = [](const FacilityTerms& terms, FormOfCare form, absl::Time at) {
    return HasForm({.forms_not_added = FormsNotAdded(WindowsOf(terms, {}), at)}, form);
  };
  const FacilityTerms terms{.home_visits_from = kLast, .online_care_from = kNotAdded};
  EXPECT_FALSE(has(terms, FormOfCare::kHomeVisit, StartOfDay(kLast) - absl::Seconds(1)));
  EXPECT_TRUE(has(terms, FormOfCare::kHomeVisit, StartOfDay(kLast)));
  EXPECT_TRUE(has(terms, FormOfCare::kHomeVisit, StartOfDay(kLast) + absl::Seconds(1)));
  EXPECT_FALSE(has(terms, FormOfCare::kOnlineCare, StartOfDay(absl::CivilDay(2099, 1, 1))));
  EXPECT_TRUE(has(terms, FormOfCare::kOutpatient, absl::UnixEpoch()));
  EXPECT_TRUE(has(terms, FormOfCare::kEmergency, absl::UnixEpoch()));
}

TEST(FacilityTerms, OnlyRestrictedTerminalsBelongToTheRestrictedType) {
  const FacilityTerms restricted = OnGround(RestrictedGround::kHardship, {});
  for (int number = 1; number <= 4; ++number) {
    const auto kind = static_cast<TerminalKind>(number);
    EXPECT_EQ(MayHaveTerminal(restricted, kind), kind == TerminalKind::kRestricted);
    EXPECT_TRUE(MayHaveTerminal({.introduction_type = IntroductionType::kFull}, kind));
    EXPECT_TRUE(MayHaveTerminal({}, kind));
  }
}

}  // namespace
}  // namespace kakunin
