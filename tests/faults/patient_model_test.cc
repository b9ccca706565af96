#include "tests/faults/patient_model.h"

#include <gtest/gtest.h>

namespace kakunin::faults {
namespace {

const absl::Time kAt = absl::FromUnixSeconds(1'800'000'000);
constexpr absl::Duration kTick = absl::Microseconds(1);

TEST(PatientModel, KnowsWhatWasAnswered) {
  PatientModel model;
  EXPECT_EQ(model.Saw(false, kAt, kAt), "");
  EXPECT_NE(model.Saw(true, kAt, kAt), "");
  model.Acted(true);
  EXPECT_EQ(model.Saw(true, kAt, kAt), "");
  EXPECT_NE(model.Saw(false, kAt, kAt), "");
}

TEST(PatientModel, LetsWhatGotNoAnswerBeDoneOrNotUntilItIsSeen) {
  PatientModel model;
  model.MayHaveActed(true, kAt);
  const absl::Time settled = kAt + PatientModel::kSettles;
  EXPECT_FALSE(model.MayAct(settled - kTick, absl::InfinitePast()));
  EXPECT_TRUE(model.MayAct(settled, absl::InfinitePast()));
  EXPECT_TRUE(model.MayAct(settled + kTick, absl::InfinitePast()));
  // Not done yet, then done late.
  EXPECT_EQ(model.Saw(false, settled - kTick, absl::InfinitePast()), "");
  EXPECT_EQ(model.Saw(true, settled, absl::InfinitePast()), "");
  EXPECT_NE(model.Saw(false, settled + kTick, absl::InfinitePast()), "");
}

TEST(PatientModel, HoldsAfterAJumpOfTheClockOnlyWhatNoTimeCanOpen) {
  PatientModel model;
  model.Acted(false);
  model.ClockJumped();
  EXPECT_EQ(model.Saw(true, kAt, kAt), "") << "an earlier agreement may be open again";
  EXPECT_EQ(model.Saw(false, kAt, kAt), "");
  model.Acted(true);
  EXPECT_EQ(model.Saw(false, kAt, kAt), "") << "a decline may be yet to come";
  EXPECT_EQ(model.Saw(true, kAt, kAt), "");
  model.Acted(false);
  EXPECT_NE(model.Saw(true, kAt, kAt), "");
}

TEST(PatientModel, CountsFromWhenPostgresqlWentOn) {
  PatientModel model;
  model.MayHaveActed(true, kAt);
  const absl::Time went_on = kAt + absl::Minutes(1);
  EXPECT_FALSE(model.MayAct(went_on + PatientModel::kSettles - kTick, went_on));
  EXPECT_TRUE(model.MayAct(went_on + PatientModel::kSettles, went_on));
}

}  // namespace
}  // namespace kakunin::faults
