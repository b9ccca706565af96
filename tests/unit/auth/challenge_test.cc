#include "auth/challenge.h"

#include <gtest/gtest.h>

#include <set>

#include "auth/digest.h"
#include "auth/encoding.h"

namespace kakunin::auth {
namespace {

const std::string kNonce = "0123456789abcdef";

CardChallenge Plain() {
  return {"1312345678",    "t1",
          "CONFIRM",       "OUTPATIENT",
          AsBytes(kNonce), absl::FromUnixMillis(1'795'230'000'123)};
}

TEST(Challenge, GoldenOctets) {
  EXPECT_EQ(HexEncode(BuildToBeSigned(Plain())),
            "001e"
            "6b616b756e696e2d636172642d61757468656e7469636174696f6e2d7631"
            "000a"
            "31333132333435363738"
            "0002"
            "7431"
            "0007"
            "434f4e4649524d"
            "000a"
            "4f555450415449454e54"
            "0010"
            "30313233343536373839616263646566"
            "0008"
            "000001a1fc0be3fb");
}

TEST(Challenge, EveryFieldChangesTheOctets) {
  std::set<std::string> seen = {BuildToBeSigned(Plain())};
  const auto add = [&](CardChallenge changed) { seen.insert(BuildToBeSigned(changed)); };
  const std::string other_nonce = "0123456789abcdeg";
  CardChallenge c = Plain();
  c.facility_code = "1312345679";
  add(c);
  c = Plain();
  c.terminal_id = "t2";
  add(c);
  c = Plain();
  c.purpose = "CONSENT";
  add(c);
  c = Plain();
  c.form_of_care = "ONLINE";
  add(c);
  c = Plain();
  c.nonce = AsBytes(other_nonce);
  add(c);
  c = Plain();
  c.expire_time += absl::Milliseconds(1);
  add(c);
  // The same letters, split differently.
  c = Plain();
  c.terminal_id = "t1C";
  c.purpose = "ONFIRM";
  add(c);
  EXPECT_EQ(seen.size(), 8u);
}

TEST(Challenge, RefusesShortNonceAndHugeField) {
  CardChallenge c = Plain();
  c.nonce = AsBytes(kNonce).first(15);
  EXPECT_EQ(BuildToBeSigned(c), "");
  c = Plain();
  const std::string huge(65'536, 'x');
  c.terminal_id = huge;
  EXPECT_EQ(BuildToBeSigned(c), "");
  c.terminal_id = std::string_view(huge).substr(1);
  EXPECT_NE(BuildToBeSigned(c), "");
}

}  // namespace
}  // namespace kakunin::auth
