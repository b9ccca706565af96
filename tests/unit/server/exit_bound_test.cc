#include "server/exit_bound.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <future>

namespace kakunin {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

// What hangs for ever, as a handler does whose statement waits for a lock.
void Hang() { std::promise<void>().get_future().wait(); }

TEST(ExitBoundTest, AnEndThatHangsIsOverInTimeAndNoFailure) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        const ExitBound bound(milliseconds(50));
        Hang();
      },
      testing::ExitedWithCode(EXIT_SUCCESS), "");
}

TEST(ExitBoundTest, AnEndInTimeIsNotTouched) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        { const ExitBound bound{hours(1)}; }
        std::_Exit(3);
      },
      testing::ExitedWithCode(3), "");
}

}  // namespace
}  // namespace kakunin
