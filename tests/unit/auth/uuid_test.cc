#include "auth/uuid.h"

#include <gtest/gtest.h>

namespace kakunin::auth {
namespace {

TEST(Uuid, IsWrittenWithHyphensInLowerCase) {
  EXPECT_EQ(UuidText({0x0f, 0x8f, 0xad, 0x5b, 0xd9, 0xcb, 0x46, 0x9f, 0xa1, 0x65, 0x70, 0x86, 0x77,
                      0x28, 0x95, 0x0e}),
            "0f8fad5b-d9cb-469f-a165-70867728950e");
}

TEST(Uuid, RandomOnesAreOfVersionFourAndDiffer) {
  const std::string id = RandomUuid();
  ASSERT_EQ(id.size(), 36u);
  for (const size_t hyphen : {8, 13, 18, 23}) EXPECT_EQ(id[hyphen], '-');
  EXPECT_EQ(id[14], '4');
  EXPECT_NE(std::string("89ab").find(id[19]), std::string::npos);
  EXPECT_NE(RandomUuid(), id);
}

}  // namespace
}  // namespace kakunin::auth
