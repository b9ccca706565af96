#include "server/commands/part_request_id.h"

#include <gtest/gtest.h>

#include <set>

#include "auth/uuid.h"

namespace kakunin {
namespace {

constexpr char kId[] = "0b6d4c1e-7a53-4f0e-9d1b-2c3a4b5c6d7e";

TEST(PartRequestId, EveryPartHasAnIdOfItsOwnWhichARepetitionFindsAgain) {
  EXPECT_EQ(PartRequestId(kId, 0), kId);
  std::set<std::string> ids;
  for (int part = 0; part < 50; ++part) {
    const std::string id = PartRequestId(kId, part);
    EXPECT_TRUE(ids.insert(id).second);
    EXPECT_EQ(PartRequestId(kId, part), id);
    EXPECT_EQ(id.size(), 36u);
    EXPECT_TRUE(part == 0 || id[14] == '8') << id;
  }
  EXPECT_NE(PartRequestId("1b6d4c1e-7a53-4f0e-9d1b-2c3a4b5c6d7e", 1), PartRequestId(kId, 1));
}

}  // namespace
}  // namespace kakunin
