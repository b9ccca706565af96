// Answers to a terminal whose own certificate ends soon.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/usecases/confirm_eligibility_fixture.h"

namespace kakunin {
namespace {

TEST_F(ConfirmEligibilityTest, ATerminalWhoseCertificateEndsSoonIsToldSo) {
  Insure(1, 7);
  Terminal terminal = terminal_;
  const auto days = [&](absl::Duration left) -> std::optional<int> {
    terminal.certificate_ends = kNow + left;
    Inquiry inquiry = ByNumber(1);
    inquiry.terminal = &terminal;
    const Confirmed answer = Confirm({inquiry}).front();
    if (std::ranges::count(answer.warnings, Warning::kTerminalCertificateExpiresSoon) == 0) {
      return std::nullopt;
    }
    return answer.certificate_days_left;
  };
  const absl::Duration ninety = absl::Hours(24 * 90);
  EXPECT_EQ(days(ninety + absl::Seconds(1)), std::nullopt);
  EXPECT_EQ(days(ninety), 90);
  EXPECT_EQ(days(ninety - absl::Seconds(1)), 89);
  EXPECT_EQ(days(absl::Seconds(1)), 0);
}

}  // namespace
}  // namespace kakunin
