#include "domain/consent_retention.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "domain/civil_day.h"
#include "domain/consent_state.h"
#include "domain/home_relation.h"

namespace kakunin {
namespace {

using Day = absl::CivilDay;
using Indices = std::vector<size_t>;

const RetentionRules kRules;
constexpr PersonId kPerson{{1}};
constexpr char kClinic[] = "1310000001";
constexpr absl::Duration kSecond = absl::Seconds(1);
// A consent that ended on this day is kept through 2026-11-20, and may go on the 21st.
constexpr Day kEnded(2021, 11, 20);
constexpr Day kFirstDayGone(2026, 11, 21);

absl::Time Noon(Day day) { return StartOfDay(day) + absl::Hours(12); }

class ConsentRetentionTest : public testing::Test {
 protected:
  ConsentAct& Act(absl::Time begin, absl::Time end, std::initializer_list<ConsentKind> agreed,
                  FormOfCare form = FormOfCare::kHomeVisit) {
    ConsentAct& act = acts_.emplace_back();
    act.person = kPerson;
    act.facility_code = kClinic;
    act.form_of_care = form;
    act.begin = begin;
    act.end = end;
    for (const ConsentKind kind : agreed) act.decisions.Set(kind, Decision::kAgreed);
    return act;
  }
  ConsentEnd& End(absl::Time at, int kinds = kAllConsentKinds) {
    ConsentEnd& end = ends_.emplace_back();
    end.person = kPerson;
    end.facility_code = kClinic;
    end.form_of_care = FormOfCare::kHomeVisit;
    end.kinds = kinds;
    end.at = at;
    return end;
  }
  ConsentsToDrop On(Day day) const { return FindConsentsToDrop(acts_, ends_, day, kRules); }

  std::vector<ConsentAct> acts_;
  std::vector<ConsentEnd> ends_;
};

TEST_F(ConsentRetentionTest, AWindowIsReckonedFromTheDayOnWhichItEndedInJapan) {
  const absl::Time midnight = StartOfDay(kEnded + 1);
  Act(midnight - absl::Hours(20), midnight - kSecond, {ConsentKind::kDrug});
  EXPECT_TRUE(On(kFirstDayGone - 1).acts.empty());
  EXPECT_EQ(On(kFirstDayGone).acts, Indices{0});
  for (const absl::Time end : {midnight, midnight + kSecond}) {
    acts_[0].end = end;
    EXPECT_TRUE(On(kFirstDayGone).acts.empty());
    EXPECT_EQ(On(kFirstDayGone + 1).acts, Indices{0});
  }
}

TEST_F(ConsentRetentionTest, WhatRunsStaysForEverAndWithItWhatEndedAPartOfIt) {
  Act(Noon(kEnded) - absl::Hours(1), absl::InfiniteFuture(),
      {ConsentKind::kDrug, ConsentKind::kTreatment});
  End(Noon(kEnded), ConsentKindBit(ConsentKind::kDrug));
  const ConsentsToDrop drop = On(Day(2090, 1, 1));
  EXPECT_TRUE(drop.acts.empty());
  EXPECT_TRUE(drop.ends.empty());
}

TEST_F(ConsentRetentionTest, AnEndGoesWithWhatItEnded) {
  Act(Noon(kEnded) - absl::Hours(1), absl::InfiniteFuture(), {ConsentKind::kDrug});
  End(Noon(kEnded));
  EXPECT_TRUE(On(kFirstDayGone - 1).ends.empty());
  EXPECT_EQ(On(kFirstDayGone).acts, Indices{0});
  EXPECT_EQ(On(kFirstDayGone).ends, Indices{0});
}

TEST_F(ConsentRetentionTest, ADeclinedActIsReckonedFromItsOwnDay) {
  Act(Noon(kEnded), Noon(kEnded + 1), {}, FormOfCare::kOutpatient)
      .decisions.Set(ConsentKind::kDrug, Decision::kDeclined);
  EXPECT_TRUE(On(kFirstDayGone - 1).acts.empty());
  EXPECT_EQ(On(kFirstDayGone).acts, Indices{0});
}

// Who refuses every record is visited all the same.
TEST_F(ConsentRetentionTest, AnActAtHomeThatDeclinedEverythingStaysWhileItsRelationLasts) {
  Act(Noon(kEnded - 900), absl::InfiniteFuture(), {})
      .decisions.Set(ConsentKind::kDrug, Decision::kDeclined);
  EXPECT_TRUE(On(Day(2090, 1, 1)).acts.empty());
  // It ended: from then on five years, and then it goes with what ended it.
  const absl::Time midnight = StartOfDay(kEnded + 1);
  ConsentEnd& end = End(midnight, 0);
  for (const absl::Time at : {midnight, midnight + kSecond}) {
    end.at = at;
    EXPECT_TRUE(On(kFirstDayGone).acts.empty());
    EXPECT_TRUE(On(kFirstDayGone).ends.empty());
    EXPECT_EQ(On(kFirstDayGone + 1).acts, Indices{0});
    EXPECT_EQ(On(kFirstDayGone + 1).ends, Indices{0});
  }
  end.at = midnight - kSecond;
  EXPECT_TRUE(On(kFirstDayGone - 1).acts.empty());
  EXPECT_EQ(On(kFirstDayGone).acts, Indices{0});
  EXPECT_EQ(On(kFirstDayGone).ends, Indices{0});
}

TEST_F(ConsentRetentionTest, OfSeveralActsAtHomeThatDeclinedTheLatestStays) {
  for (const int days : {900, 800, 700}) {
    Act(Noon(kEnded - days), absl::InfiniteFuture(), {})
        .decisions.Set(ConsentKind::kDrug, Decision::kDeclined);
  }
  acts_[2].method = ConsentMethod::kCardInGrace;  // begins no relation
  EXPECT_EQ(On(Day(2090, 1, 1)).acts, (Indices{0, 2}));
}

TEST_F(ConsentRetentionTest, ABookingThatDeclinedEverythingIsReckonedFromItsDay) {
  ConsentAct& act =
      Act(Noon(kEnded - 20), StartOfDay(kEnded + 1) - kSecond, {}, FormOfCare::kOnlineCare);
  act.appointment_day = kEnded;
  act.decisions.Set(ConsentKind::kDrug, Decision::kDeclined);
  EXPECT_TRUE(On(kFirstDayGone - 1).acts.empty());
  EXPECT_EQ(On(kFirstDayGone).acts, Indices{0});
}

TEST_F(ConsentRetentionTest, AnOralActReplacesNothingButTheLimitCertificate) {
  Act(Noon(kEnded) - absl::Hours(2), absl::InfiniteFuture(), {ConsentKind::kDrug});
  Act(Noon(kEnded), Noon(kEnded) + absl::Hours(1), {ConsentKind::kDrug}).method =
      ConsentMethod::kOral;
  EXPECT_EQ(On(Day(2090, 1, 1)).acts, Indices{1});
}

TEST_F(ConsentRetentionTest, AnotherFacilitysEndEndsNothing) {
  Act(Noon(kEnded) - absl::Hours(1), absl::InfiniteFuture(), {ConsentKind::kDrug});
  End(Noon(kEnded)).facility_code = "1310000002";
  EXPECT_TRUE(On(Day(2090, 1, 1)).acts.empty());
  EXPECT_EQ(On(Day(2090, 1, 1)).ends, Indices{0});
}

// Random lives: whatever is dropped, every consent and every relation runs on as it did, and no
// longer.
TEST_F(ConsentRetentionTest, NothingRunsAgainOrEndsBecauseAnotherRowWent) {
  constexpr FormOfCare kForms[] = {FormOfCare::kOutpatient, FormOfCare::kHomeVisit,
                                   FormOfCare::kOnlineCare};
  std::mt19937 random(20261121);
  const auto draw = [&](int below) { return static_cast<int>(random() % below); };
  const absl::Time first = Noon(kEnded) - absl::Hours(24 * 20);
  int dropped = 0;
  int running = 0;
  int relations = 0;
  for (int life = 0; life < 5'000; ++life) {
    acts_.clear();
    ends_.clear();
    const auto form = kForms[draw(3)];
    const auto booking = [&]() -> std::optional<Day> {
      if (form != FormOfCare::kOnlineCare) return std::nullopt;
      return kEnded + draw(3);
    };
    for (int i = draw(8) + 1; i > 0; --i) {
      const absl::Time at = first + absl::Hours(6 * draw(160));  // ties are wanted
      if (draw(4) == 0) {
        ConsentEnd& end = End(at, draw(64));
        end.form_of_care = form;
        if (draw(2) == 0) end.appointment_day = booking();
        continue;
      }
      ConsentAct& act =
          Act(at, draw(2) == 0 ? absl::InfiniteFuture() : at + absl::Hours(24), {}, form);
      for (int kind = 1; kind <= kConsentKinds; ++kind) {
        act.decisions.Set(static_cast<ConsentKind>(kind), static_cast<Decision>(draw(3) + 1));
      }
      act.appointment_day = booking();
      if (draw(6) == 0) act.method = ConsentMethod::kOral;
    }
    const ConsentsToDrop drop = On(kFirstDayGone);
    std::vector<ConsentAct> acts;
    std::vector<ConsentEnd> ends;
    for (size_t i = 0; i < acts_.size(); ++i) {
      if (!std::ranges::binary_search(drop.acts, i)) acts.push_back(acts_[i]);
    }
    for (size_t i = 0; i < ends_.size(); ++i) {
      if (!std::ranges::binary_search(drop.ends, i)) ends.push_back(ends_[i]);
    }
    dropped += static_cast<int>(drop.acts.size() + drop.ends.size());
    for (int hours = 0; NeedsRelation(form) && hours < 24 * 30; hours += 6) {
      const absl::Time at = StartOfDay(kFirstDayGone) + absl::Hours(hours);
      const auto relating = [&](const ConsentHistory& history) {
        std::vector<absl::Time> given;
        for (const size_t act : RunningRelations(history, {kPerson, kClinic, form, {}}, at)) {
          given.push_back(history.acts[act].begin);
        }
        std::ranges::sort(given);  // of several bookings the order is that of what is stored
        return given;
      };
      const auto before = relating({acts_, ends_});
      ASSERT_EQ(before, relating({acts, ends})) << life;
      relations += static_cast<int>(before.size());
    }
    for (int kind = 1; kind <= kConsentKinds; ++kind) {
      for (int hours = 0; hours < 24 * 30; hours += 6) {
        const absl::Time at = StartOfDay(kEnded + 1) + absl::Hours(hours);
        const auto states = [&](const ConsentHistory& history) {
          std::vector<absl::Time> until;
          for (const ConsentState& state : ConsentStatesAt(history, {kPerson, kClinic, form, {}},
                                                           static_cast<ConsentKind>(kind), at)) {
            if (state.standing == ConsentStanding::kRunning) until.push_back(state.until);
          }
          return until;
        };
        const auto before = states({acts_, ends_});
        ASSERT_EQ(before, states({acts, ends})) << life;
        running += static_cast<int>(before.size());
      }
    }
  }
  EXPECT_GT(dropped, 5'000);
  EXPECT_GT(running, 100'000);
  EXPECT_GT(relations, 50'000);
}

}  // namespace
}  // namespace kakunin
