// Whatever these suites do with the fixtures' patients, nothing of them is logged: the watch
// itself.
#include "tests/support/log_canaries.h"

#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include <string_view>

#include "tests/support/rpc_server.h"

namespace kakunin {
namespace {

TEST(LogCanaries, AreFoundWhenTheyAreLoggedAndOnlyThen) {
  ASSERT_FALSE(TestUuid().empty());  // of the library that begins the watch
  spdlog::warn("the row of R17 was refused");
  EXPECT_TRUE(TakeLoggedCanaries().empty());
  spdlog::warn("the row of {} born on {} was refused", "5678910", "1970-01-01");
  EXPECT_EQ(TakeLoggedCanaries(), (std::set<std::string_view>{"1970-01-01", "5678910"}));
  EXPECT_TRUE(TakeLoggedCanaries().empty());
}

}  // namespace
}  // namespace kakunin
