#include "auth/patient_handle.h"

#include <gtest/gtest.h>

#include "auth/digest.h"

namespace kakunin::auth {
namespace {

const PatientHandleKey& Key() {
  static const PatientHandleKey key(AsBytes("0123456789abcdef0123456789abcdef"));
  return key;
}

PatientHandleKey::Content ContentUntil(absl::Time end) { return {.person = {1, 2, 3}, .end = end}; }

TEST(PatientHandle, OpensForItsFacilityAlone) {
  const absl::Time end = absl::FromUnixSeconds(1'800'000'000);
  const std::string handle = Key().Seal("1312345678", ContentUntil(end));
  const auto content = Key().Open("1312345678", handle);
  ASSERT_TRUE(content);
  EXPECT_EQ(content->person, ContentUntil(end).person);
  EXPECT_EQ(content->end, end);
  EXPECT_FALSE(Key().Open("1312345679", handle));
  std::string changed = handle;
  changed[10] = changed[10] == 'A' ? 'B' : 'A';
  EXPECT_FALSE(Key().Open("1312345678", changed));
  EXPECT_FALSE(Key().Open("1312345678", handle.substr(1)));
  EXPECT_FALSE(Key().Open("1312345678", ""));
}

TEST(PatientHandle, AViewIsAHandleOfItsOwn) {
  const PatientHandleKey::View view{.person = {1, 2},
                                    .view = {3, 4},
                                    .policy = {5, 6},
                                    .situation = 3,
                                    .end = absl::FromUnixSeconds(1'800'000'000)};
  const std::string handle = Key().SealView("1312345678", view);
  const auto opened = Key().OpenView("1312345678", handle);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->person, view.person);
  EXPECT_EQ(opened->view, view.view);
  EXPECT_EQ(opened->policy, view.policy);
  EXPECT_EQ(opened->situation, view.situation);
  EXPECT_EQ(opened->end, view.end);
  EXPECT_FALSE(Key().OpenView("1312345679", handle));
  // Neither is read as the other.
  EXPECT_FALSE(Key().Open("1312345678", handle));
  EXPECT_FALSE(Key().OpenView("1312345678", Key().Seal("1312345678", ContentUntil(view.end))));
  std::string changed = handle;
  changed[40] = changed[40] == 'A' ? 'B' : 'A';
  EXPECT_FALSE(Key().OpenView("1312345678", changed));
}

TEST(PatientHandle, LastsAsLongAsTheConsentWithinASecond) {
  const absl::Time whole = absl::FromUnixSeconds(1'800'000'000);
  for (const absl::Duration part :
       {absl::Nanoseconds(1), absl::Milliseconds(290), absl::Seconds(1) - absl::Nanoseconds(1)}) {
    const auto content = Key().Open("f", Key().Seal("f", ContentUntil(whole + part)));
    ASSERT_TRUE(content);
    EXPECT_EQ(content->end, whole + absl::Seconds(1));
  }
}

}  // namespace
}  // namespace kakunin::auth
