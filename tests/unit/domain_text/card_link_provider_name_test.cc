#include "domain/text/card_link_provider_name.h"

#include <gtest/gtest.h>

namespace kakunin {
namespace {

TEST(IsCardLinkProviderName, IsAWordThatIsNoNumber) {
  for (const char* good : {"j-lis", "abc", "a12", "abcdefghijklmnop"}) {
    EXPECT_TRUE(IsCardLinkProviderName(good)) << good;
  }
  for (const char* bad : {"", "ab", "113", "06139992", "1ab", "-ab", "ab-", "J-LIS", "j lis",
                          "j_lis", "abcdefghijklmnopq", "じぇい"}) {
    EXPECT_FALSE(IsCardLinkProviderName(bad)) << bad;
  }
}

}  // namespace
}  // namespace kakunin
