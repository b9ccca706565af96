#include "server/observe/crl_partition_gauges.h"

#include <gtest/gtest.h>

#include <string>

#include "auth/issuance.h"

namespace kakunin {
namespace {

class FixedClock final : public Clock {
 public:
  absl::Time Now() const override { return absl::FromUnixSeconds(1'000'000); }
};

std::shared_ptr<auth::CrlPartition> Crl(uint8_t issuer, const std::string& name,
                                        int64_t this_update, const auth::SerialNumber& number) {
  auto crl = std::make_shared<auth::CrlPartition>();
  crl->issuer.fill(issuer);
  crl->name = name;
  crl->this_update = this_update;
  crl->crl_number = number;
  crl->serials = {1, 2, 3};
  return crl;
}

constexpr char kCity[] =
    "partition=\"CN=City-13221 CRLDP,OU=Prefecture-13,OU=CRL Distribution Points,";

class CrlPartitionGaugesTest : public testing::Test {
 protected:
  CrlPartitionGaugesTest() {
    AddCrlPartitionGauges(
        metrics_, [this]() -> std::shared_ptr<const auth::RevocationSnapshot> { return held_; },
        clock_);
  }

  // The value of the series of a family whose labels begin so, as text; "" when there is none.
  std::string Value(const std::string& family, const std::string& labels) const {
    const std::string text = metrics_.Text();
    const size_t at = text.find("\nkakunin_crl_partition_" + family + "{" + labels);
    if (at == std::string::npos) return {};
    const size_t begin = text.find("} ", at) + 2;
    return text.substr(begin, text.find('\n', begin) - begin);
  }

  FixedClock clock_;
  std::shared_ptr<auth::RevocationSnapshot> held_;
  Metrics metrics_;
};

TEST_F(CrlPartitionGaugesTest, TellAgeNumberAndEntriesOfEachAndOfTwoGenerationsOfOneName) {
  held_ = std::make_shared<auth::RevocationSnapshot>();
  const std::string city = auth::MunicipalityPoint("13221");
  held_->Put(Crl(0xab, city, 1'000'000 - 100, auth::SerialNumber(7)));
  held_->Put(Crl(0xcd, city, 1'000'000 - 5, auth::SerialNumber(70'000)));
  held_->Put(Crl(0xcd, "", 1'000'000 + 2, auth::SerialNumber(1)));
  const std::string old_one = std::string("issuer=\"abababab\",") + kCity;
  const std::string new_one = std::string("issuer=\"cdcdcdcd\",") + kCity;
  EXPECT_EQ(Value("age_seconds", old_one), "100") << metrics_.Text();
  EXPECT_EQ(Value("number", old_one), "7");
  EXPECT_EQ(Value("entries", old_one), "3");
  EXPECT_EQ(Value("age_seconds", new_one), "5");
  EXPECT_EQ(Value("number", new_one), "70000");
  const std::string full = "issuer=\"cdcdcdcd\",partition=\"full\"";
  EXPECT_EQ(Value("age_seconds", full), "-2");
  EXPECT_EQ(Value("number", full), "1");
}

TEST_F(CrlPartitionGaugesTest, FollowWhatIsHeld) {
  EXPECT_EQ(metrics_.Text().find("kakunin_crl_partition_entries{"), std::string::npos);
  held_ = std::make_shared<auth::RevocationSnapshot>();
  held_->Put(Crl(1, "x", 0, auth::SerialNumber(1)));
  const std::string unnamed = "issuer=\"01010101\",partition=\"44b026b74216712d\"";
  EXPECT_EQ(Value("number", unnamed), "1");  // no GeneralName: the id of "x"
  held_ = std::make_shared<auth::RevocationSnapshot>();
  held_->Put(Crl(1, std::string("\x86\x09") + "http://a/", 0, auth::SerialNumber(2)));
  EXPECT_EQ(Value("number", unnamed), "");
  EXPECT_EQ(Value("number", "issuer=\"01010101\",partition=\"http://a/\""), "2");
}

}  // namespace
}  // namespace kakunin
