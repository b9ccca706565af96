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
