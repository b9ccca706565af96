#include "auth/digest.h"

#include <gtest/gtest.h>

#include <thread>

#include "auth/encoding.h"

namespace kakunin::auth {
namespace {

TEST(Digest, Sha256KnownAnswers) {
  EXPECT_EQ(HexEncode(Sha256("")),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(HexEncode(Sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Digest, StreamEqualsOneShotAndStartsAgain) {
  Sha256Stream stream;
  for (int round = 0; round < 2; ++round) {
    stream.Update("a");
    stream.Update("bc");
    EXPECT_EQ(stream.Finish(), Sha256("abc"));
  }
  Sha256Stream moved = std::move(stream);
  moved.Update("abc");
  EXPECT_EQ(moved.Finish(), Sha256("abc"));
}

// RFC 4231 cases 1, 2 and 6 (a key longer than the block).
TEST(Digest, HmacKnownAnswers) {
  EXPECT_EQ(HexEncode(HmacKey(std::string(20, '\x0b'), "k").Mac("Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(HexEncode(HmacKey("Jefe", "k").Mac("what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(HexEncode(HmacKey(std::string(131, '\xaa'), "k")
                          .Mac("Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Digest, HmacServesManyThreads) {
  const HmacKey key("Jefe", "k");
  const Sha256Digest expected = key.Mac("what do ya want for nothing?");
  std::vector<int> wrong(4, 0);
  std::vector<std::thread> threads;
  threads.reserve(wrong.size());
  for (int& count : wrong) {
    threads.emplace_back([&key, &count, &expected] {
      for (int i = 0; i < 2000; ++i) count += key.Mac("what do ya want for nothing?") != expected;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, std::vector<int>(4, 0));
}

TEST(Digest, ConstantTimeEqualComparesContentAndLength) {
  EXPECT_TRUE(ConstantTimeEqual("abc", "abc"));
  EXPECT_FALSE(ConstantTimeEqual("abc", "abd"));
  EXPECT_FALSE(ConstantTimeEqual("abc", "ab"));
  EXPECT_TRUE(ConstantTimeEqual("", ""));
}

TEST(Digest, RandomArraysDiffer) { EXPECT_NE(RandomArray<16>(), RandomArray<16>()); }

}  // namespace
}  // namespace kakunin::auth
