#include "server/rpc/convert_eligibility.h"

#include <gtest/gtest.h>

namespace kakunin {
namespace {

v1::ConfirmByInsuredNumberResponse Answered(const Confirmed& confirmed) {
  std::string octets;
  WriteByNumber(confirmed, Contact(), octets);
  v1::ConfirmByInsuredNumberResponse response;
  EXPECT_TRUE(response.ParseFromString(octets));
  return response;
}

TEST(WriteByNumber, TellsHowLongTheInsurerHasBeenSilent) {
  Confirmed confirmed;
  confirmed.warnings = {Warning::kInsurerBehind};
  confirmed.delay = DeliveryDelay{.last_delivery = absl::CivilDay(2026, 11, 10), .days = 11};
  const auto response = Answered(confirmed);
  ASSERT_EQ(response.warnings_size(), 1);
  EXPECT_EQ(response.warnings(0).reason(), "INSURER_BEHIND");
  EXPECT_EQ(response.warnings(0).message(), DelaySentence(*confirmed.delay));
}

TEST(WriteByNumber, OtherWarningsHaveTheTablesSentence) {
  Confirmed confirmed;
  confirmed.warnings = {Warning::kPastDayAsked};
  const auto response = Answered(confirmed);
  ASSERT_EQ(response.warnings_size(), 1);
  EXPECT_EQ(response.warnings(0).message(), FactsOf(Warning::kPastDayAsked).sentence);
}

}  // namespace
}  // namespace kakunin
