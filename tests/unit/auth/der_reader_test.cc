#include "auth/der_reader.h"

#include <gtest/gtest.h>

#include "auth/der_writer.h"
#include "auth/digest.h"

namespace kakunin::auth {
namespace {

bool Strict(std::string_view bytes) { return IsStrictDer(AsBytes(bytes)); }

std::optional<int64_t> Time(uint8_t tag, std::string_view text) {
  return ParseDerTime({tag, AsBytes(text), {}});
}

TEST(DerReader, ReadsEachLengthForm) {
  for (const size_t size : {0u, 1u, 127u, 128u, 255u, 256u, 65535u, 65536u}) {
    const std::string content(size, 'c');
    const std::string encoded = DerTlv(der::kOctetString, content);
    DerReader reader(AsBytes(encoded));
    const auto element = reader.Read(der::kOctetString);
    ASSERT_TRUE(element) << size;
    EXPECT_EQ(AsText(element->content), content);
    EXPECT_EQ(AsText(element->encoded), encoded);
    EXPECT_TRUE(reader.empty());
  }
}

TEST(DerReader, RefusesBadHeadersAndStaysInPlace) {
  using std::string_literals::operator""s;
  for (const std::string& bytes :
       {"\x04"s, "\x04\x01"s, "\x04\x80"s, "\x04\x81\x7f"s, "\x04\x81\x00"s, "\x04\x82\x00\x80"s,
        "\x04\x85\x00\x00\x00\x00\x01"s, "\x04\x84\xff\xff\xff\xff"s, "\x1f\x01\x00"s,
        "\x04\x81"s}) {
    DerReader reader(AsBytes(bytes));
    EXPECT_FALSE(reader.ReadAny());
    EXPECT_EQ(reader.rest().size(), bytes.size());
  }
}

TEST(DerReader, ReadsOnlyTheWantedTag) {
  const std::string bytes = DerInteger(5);
  DerReader reader(AsBytes(bytes));
  EXPECT_FALSE(reader.Read(der::kOctetString));
  EXPECT_TRUE(reader.Read(der::kInteger));
}

TEST(DerReader, ReadWholeRefusesWhatFollows) {
  const std::string bytes = DerInteger(5);
  EXPECT_TRUE(ReadWhole(AsBytes(bytes), der::kInteger));
  EXPECT_FALSE(ReadWhole(AsBytes(bytes + bytes), der::kInteger));
}

TEST(StrictDer, KnowsTheUniversalTypes) {
  EXPECT_TRUE(Strict(DerInteger(0)));
  EXPECT_FALSE(Strict(std::string_view("\x02\x00", 2)));
  EXPECT_FALSE(Strict(std::string_view("\x02\x02\x00\x7f", 4)));
  EXPECT_FALSE(Strict("\x02\x02\xff\x80"));
  EXPECT_TRUE(Strict("\x02\x02\xff\x7f"));
  EXPECT_TRUE(Strict("\x01\x01\xff"));
  EXPECT_FALSE(Strict("\x01\x01\x01"));
  EXPECT_FALSE(Strict(std::string_view("\x05\x01\x00", 3)));
  EXPECT_TRUE(Strict("\x06\x01\x2a"));
  EXPECT_FALSE(Strict(std::string_view("\x06\x00", 2)));
  EXPECT_FALSE(Strict("\x06\x02\x2a\x80"));
  EXPECT_FALSE(Strict("\x06\x03\x2a\x80\x01"));
  EXPECT_FALSE(Strict("\x03\x02\x08\x00"));
  EXPECT_FALSE(Strict("\x03\x02\x01\x01"));
  EXPECT_FALSE(Strict("\x22\x03\x02\x01\x01"));           // constructed INTEGER
  EXPECT_FALSE(Strict(std::string_view("\x10\x00", 2)));  // primitive SEQUENCE
  EXPECT_FALSE(Strict(std::string_view("\x00\x00", 2)));  // end of contents
  EXPECT_FALSE(Strict(std::string_view("\x60\x00", 2)));  // application class
}

TEST(StrictDer, BoundsTheDepth) {
  std::string nested;
  for (int depth = 0; depth < kMaxDerDepth; ++depth) nested = DerTlv(der::kSequence, nested);
  EXPECT_TRUE(Strict(nested));
  EXPECT_FALSE(Strict(DerTlv(der::kSequence, nested)));
}

TEST(DerTimes, ReadsBothFormsAtTheirBorders) {
  EXPECT_EQ(Time(der::kUtcTime, "700101000000Z"), 0);
  EXPECT_EQ(Time(der::kUtcTime, "500101000000Z"), -631152000);
  EXPECT_EQ(Time(der::kUtcTime, "491231235959Z"), 2524607999);
  EXPECT_EQ(Time(der::kGeneralizedTime, "20500101000000Z"), 2524608000);
  EXPECT_EQ(Time(der::kGeneralizedTime, "99991231235959Z"), 253402300799);
  EXPECT_EQ(Time(der::kUtcTime, "240229000000Z"), 1709164800);
  EXPECT_EQ(Time(der::kUtcTime, "230229000000Z"), std::nullopt);
  EXPECT_EQ(Time(der::kGeneralizedTime, "21000229000000Z"), std::nullopt);
  EXPECT_EQ(Time(der::kGeneralizedTime, "20491231235959Z"), std::nullopt);
}

}  // namespace
}  // namespace kakunin::auth
