#include "domain/text/reviewer_number.h"

#include <gtest/gtest.h>

namespace kakunin {
namespace {

TEST(IsReviewerNumber, IsTheBodyAndAPrefecture) {
  for (const char* good : {"101", "113", "147", "201", "213", "247"}) {
    EXPECT_TRUE(IsReviewerNumber(good)) << good;
  }
  for (const char* bad : {"", "1", "11", "100", "148", "013", "313", "1130", "11a", "１１３"}) {
    EXPECT_FALSE(IsReviewerNumber(bad)) << bad;
  }
}

}  // namespace
}  // namespace kakunin
