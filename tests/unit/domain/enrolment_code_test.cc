#include "domain/enrolment_code.h"

#include <gtest/gtest.h>

#include <array>
#include <set>

namespace kakunin {
namespace {

constexpr std::array<uint8_t, kEnrolmentCodeOctets> kZero{};

const absl::Time kIssued = absl::FromUnixSeconds(1790000000);

EnrolmentCode Fresh() {
  return {.code_id = "ABCDEFGH", .issued = kIssued, .expires = kIssued + kEnrolmentCodeLife};
}

TEST(EnrolmentCode, IsSixGroupsOfFourAndReadsBack) {
  std::array<uint8_t, kEnrolmentCodeOctets> octets{};
  for (size_t i = 0; i < octets.size(); ++i) octets[i] = static_cast<uint8_t>(37 * i + 11);
  const EnrolmentCodeText code = MakeEnrolmentCode(octets);
  EXPECT_EQ(code.code_id.size(), 8u);
  EXPECT_EQ(code.secret.size(), 16u);
  const std::string text = WriteEnrolmentCode(code);
  EXPECT_EQ(text.size(), 29u);
  const auto read = ReadEnrolmentCode(text);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->code_id, code.code_id);
  EXPECT_EQ(read->secret, code.secret);
  EXPECT_EQ(WriteEnrolmentCode(MakeEnrolmentCode(kZero)), "0000-0000-0000-0000-0000-0000");
}

TEST(EnrolmentCode, EveryBitCounts) {
  std::set<std::string> seen = {WriteEnrolmentCode(MakeEnrolmentCode(kZero))};
  for (size_t bit = 0; bit < kEnrolmentCodeOctets * 8; ++bit) {
    auto octets = kZero;
    octets[bit / 8] = static_cast<uint8_t>(1 << (bit % 8));
    seen.insert(WriteEnrolmentCode(MakeEnrolmentCode(octets)));
  }
  EXPECT_EQ(seen.size(), kEnrolmentCodeOctets * 8 + 1);
}

TEST(EnrolmentCode, IsReadAsPeopleTypeIt) {
  const auto right = ReadEnrolmentCode("10AB-CDEF-GHJK-MNPQ-RSTV-WXYZ");
  ASSERT_TRUE(right.has_value());
  for (const char* typed : {"10abcdefghjkmnpqrstvwxyz", "lOAB CDEF GHJK MNPQ RSTV WXYZ",
                            "io-ab-cdef-ghjk-mnpq-rstv-wxyz"}) {
    const auto read = ReadEnrolmentCode(typed);
    ASSERT_TRUE(read.has_value()) << typed;
    EXPECT_EQ(WriteEnrolmentCode(*read), WriteEnrolmentCode(*right)) << typed;
  }
  for (const char* typed :
       {"", "10AB", "10AB-CDEF-GHJK-MNPQ-RSTV-WXY", "u0AB-CDEF-GHJK-MNPQ-RSTV-WXYZ",
        "10AB-CDEF-GHJK-MNPQ-RSTV-WXYZ0", "10AB-CDEF-GHJK-MNPQ-RSTV-WXY\n"}) {
    EXPECT_FALSE(ReadEnrolmentCode(typed).has_value()) << typed;
  }
}

TEST(EnrolmentCode, EndsAtTheSecondItSays) {
  const EnrolmentCode code = Fresh();
  EXPECT_EQ(code.expires - code.issued, absl::Hours(24 * 30));
  const auto at = [&](absl::Duration from_end) {
    return JudgeEnrolmentCode(code, true, code.expires + from_end);
  };
  EXPECT_EQ(at(-absl::Seconds(1)), CodeVerdict::kGood);
  EXPECT_EQ(at(absl::ZeroDuration()), CodeVerdict::kExpired);
  EXPECT_EQ(at(absl::Seconds(1)), CodeVerdict::kExpired);
}

TEST(EnrolmentCode, WorksUntilItWasMistypedFiveTimesAndThenForNobody) {
  EnrolmentCode code = Fresh();
  code.wrong_tries = kEnrolmentCodeTries - 1;
  EXPECT_EQ(JudgeEnrolmentCode(code, true, kIssued), CodeVerdict::kGood);
  EXPECT_EQ(JudgeEnrolmentCode(code, false, kIssued), CodeVerdict::kWrong);
  code.wrong_tries = kEnrolmentCodeTries;
  EXPECT_EQ(JudgeEnrolmentCode(code, true, kIssued), CodeVerdict::kExhausted);
  EXPECT_EQ(JudgeEnrolmentCode(code, false, kIssued), CodeVerdict::kExhausted);
}

TEST(EnrolmentCode, TellsWhatItIsWorthOnlyToWhomKnowsIt) {
  EnrolmentCode code = Fresh();
  code.used = kIssued;
  const absl::Time late = code.expires + absl::Hours(1);
  EXPECT_EQ(JudgeEnrolmentCode(code, true, late), CodeVerdict::kUsed);
  EXPECT_EQ(JudgeEnrolmentCode(code, false, late), CodeVerdict::kWrong);
  code.used.reset();
  EXPECT_EQ(JudgeEnrolmentCode(code, true, late), CodeVerdict::kExpired);
  EXPECT_EQ(JudgeEnrolmentCode(code, false, late), CodeVerdict::kWrong);
}

}  // namespace
}  // namespace kakunin
