#include "server/rounds.h"

#include <gtest/gtest.h>

#include <future>

namespace kakunin {
namespace {

TEST(Rounds, GoOnUntilTheyAreDestroyed) {
  std::promise<void> third;
  int rounds = 0;
  {
    const Rounds running(std::chrono::milliseconds(1), [&] {
      if (++rounds == 3) third.set_value();
    });
    third.get_future().wait();
  }
  EXPECT_GE(rounds, 3);
}

TEST(Rounds, WhoIsDestroyedBeforeTheFirstRunsNone) {
  int rounds = 0;
  {
    const Rounds running(std::chrono::hours(1), [&] { ++rounds; });
  }
  EXPECT_EQ(rounds, 0);
}

}  // namespace
}  // namespace kakunin
