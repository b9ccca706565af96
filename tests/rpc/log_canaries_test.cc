// Whatever these suites do with the fixtures' patients, nothing of them is logged: the watch
// itself.
#include "tests/support/log_canaries.h"

#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <set>
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

TEST(LogCanaries, AreFoundInTheCallLogOfAPort) {
  CountingObserver observer;
  observer.Ended("/kakunin.v1.RecordService/GetDrugHistory", "1312345678/desk-1",
                 MakeError(Reason::kNoConsent), std::chrono::milliseconds(4));
  EXPECT_TRUE(TakeLoggedCanaries().empty());
  observer.Ended("/kakunin.v1.RecordService/GetDrugHistory", "髙田　花子",
                 MakeError(Reason::kNoConsent), std::chrono::milliseconds(4));
  EXPECT_EQ(TakeLoggedCanaries(), (std::set<std::string_view>{"髙田"}));
}

TEST(LogCanaries, PlantedNumbersAreFoundByThemselvesOnly) {
  PlantCanary("4711081");
  PlantCanary("123456");  // too short to be looked for
  spdlog::warn("14711081 47110811 a4711081 123456 6f9a3c2e-0000-4000-8000-123456789018");
  EXPECT_TRUE(TakeLoggedCanaries().empty());
  spdlog::warn("number=4711081, of 123456789018");
  EXPECT_EQ(TakeLoggedCanaries(), (std::set<std::string_view>{"4711081", "an individual number"}));
}

}  // namespace
}  // namespace kakunin
