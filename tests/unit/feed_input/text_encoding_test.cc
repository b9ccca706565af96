#include "server/feed_input/text_encoding.h"

#include <gtest/gtest.h>

namespace kakunin {
namespace {

std::optional<TextEncoding> Detect(std::string_view octets, size_t part = 1 << 16) {
  EncodingDetector detector;
  for (size_t at = 0; at < octets.size(); at += part) detector.Add(octets.substr(at, part));
  return detector.Finish();
}

constexpr char kTokyoUtf8[] = "東京都千代田区";
constexpr char kTokyoCp932[] = "\x93\x8C\x8B\x9E\x93\x73\x90\xE7\x91\xE3\x93\x63\x8B\xE6";

TEST(Encoding, IsToldByTheOctetsHoweverTheyCome) {
  for (size_t part = 1; part <= 8; ++part) {
    EXPECT_EQ(Detect(kTokyoUtf8, part), TextEncoding::kUtf8);
    EXPECT_EQ(Detect(kTokyoCp932, part), TextEncoding::kCp932);
  }
  EXPECT_EQ(Detect("plain"), TextEncoding::kUtf8);
  EXPECT_EQ(Detect(""), TextEncoding::kUtf8);
  EXPECT_EQ(Detect("\xB6\xB8\xC6\xDD\x20\xC0\xDB\xB3"), TextEncoding::kCp932);  // ｶｸﾆﾝ ﾀﾛｳ
}

TEST(Encoding, DamagedUtf8IsNotTakenForCp932) {
  std::string damaged = kTokyoUtf8;
  damaged.insert(3, "\xFF");
  EXPECT_EQ(Detect(damaged), std::nullopt);
  EXPECT_EQ(Detect(std::string(kTokyoUtf8).substr(0, 20)), std::nullopt);  // cut at its end
}

TEST(Encoding, DecodesWhatIsThereAndNothingElse) {
  EXPECT_EQ(Decoded(TextEncoding::kCp932, kTokyoCp932), kTokyoUtf8);
  EXPECT_EQ(Decoded(TextEncoding::kUtf8, kTokyoUtf8), kTokyoUtf8);
  EXPECT_EQ(Decoded(TextEncoding::kUtf8, kTokyoCp932), std::nullopt);
  EXPECT_EQ(Decoded(TextEncoding::kUtf8, "\xED\xA0\x80"), std::nullopt);      // a surrogate
  EXPECT_EQ(Decoded(TextEncoding::kUtf8, "\xC0\xAF"), std::nullopt);          // a longer form
  EXPECT_EQ(Decoded(TextEncoding::kUtf8, "\xF4\x90\x80\x80"), std::nullopt);  // past U+10FFFF
}

}  // namespace
}  // namespace kakunin
