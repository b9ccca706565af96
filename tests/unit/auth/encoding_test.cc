#include "auth/encoding.h"

#include <gtest/gtest.h>

namespace kakunin::auth {
namespace {

TEST(Encoding, Base64KnownAnswers) {
  const std::pair<const char*, const char*> cases[] = {{"", ""},
                                                       {"f", "Zg=="},
                                                       {"fo", "Zm8="},
                                                       {"foo", "Zm9v"},
                                                       {"foob", "Zm9vYg=="},
                                                       {"fooba", "Zm9vYmE="},
                                                       {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : cases) {
    EXPECT_EQ(Base64Encode(plain), encoded);
    EXPECT_EQ(Base64Decode(encoded), plain);
  }
}

TEST(Encoding, Base64RefusesOtherSpellings) {
  for (const char* text :
       {"Zg=", "Zg", "Zh==", "Zm9=", "Zg==Zg==", "Z===", "====", "Zm 9", "Zm9v\n", "Zm9-"}) {
    EXPECT_EQ(Base64Decode(text), std::nullopt) << text;
  }
}

TEST(Encoding, HexGoesBothWays) {
  EXPECT_EQ(HexEncode(std::string_view("\x00\xfeZ", 3)), "00fe5a");
  EXPECT_EQ(HexDecode("00FE5a"), std::string("\x00\xfeZ", 3));
  EXPECT_EQ(HexDecode("0"), std::nullopt);
  EXPECT_EQ(HexDecode("0g"), std::nullopt);
}

TEST(Encoding, PemGoesBothWaysAndFindsEachBlock) {
  const std::string first(100, '\x01');
  const std::string text =
      "text before\n" + PemEncode("CERTIFICATE", first) + PemEncode("CERTIFICATE", "two");
  std::string_view rest;
  EXPECT_EQ(PemDecode("CERTIFICATE", text, &rest), first);
  EXPECT_EQ(PemDecode("CERTIFICATE", rest, &rest), "two");
  EXPECT_EQ(PemDecode("CERTIFICATE", rest), std::nullopt);
  EXPECT_EQ(PemDecode("X509 CRL", text), std::nullopt);
  EXPECT_EQ(PemDecode("CERTIFICATE", "-----BEGIN CERTIFICATE-----\nZg=="), std::nullopt);
}

}  // namespace
}  // namespace kakunin::auth
