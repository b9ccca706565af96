#include "auth/siv_key.h"

#include <gtest/gtest.h>

#include "auth/digest.h"

namespace kakunin::auth {
namespace {

const SivKey& Key() {
  static const SivKey key(AsBytes("0123456789abcdef0123456789abcdef"), "test");
  return key;
}

TEST(SivKey, OpensWhatItSealed) {
  for (const size_t size : {1, 15, 16, 17, 4000}) {
    const std::string plain(size, 'x');
    const std::string sealed = Key().Seal("row-1", plain);
    EXPECT_EQ(sealed.size(), size + 16);
    EXPECT_EQ(sealed.find(plain), std::string::npos);
    EXPECT_EQ(Key().Open("row-1", sealed), plain);
    EXPECT_EQ(Key().Seal("row-1", plain), sealed);
  }
}

TEST(SivKey, OpensNothingElse) {
  const std::string sealed = Key().Seal("row-1", "予約　花子");
  EXPECT_EQ(Key().Open("row-2", sealed), std::nullopt);
  EXPECT_EQ(Key().Open("", sealed), std::nullopt);
  EXPECT_EQ(SivKey(AsBytes("0123456789abcdef0123456789abcdef"), "tes").Open("row-1", sealed),
            std::nullopt);
  EXPECT_EQ(SivKey(AsBytes("0123456789abcdef0123456789abcdeF"), "test").Open("row-1", sealed),
            std::nullopt);
  for (size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_EQ(Key().Open("row-1", changed), std::nullopt) << i;
    EXPECT_EQ(Key().Open("row-1", sealed.substr(0, i)), std::nullopt) << i;
  }
}

}  // namespace
}  // namespace kakunin::auth
