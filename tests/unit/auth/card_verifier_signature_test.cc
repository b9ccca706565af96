// jpki.md 6 rows 22 to 24: every signature that is not the card's PKCS#1 v1.5 SHA-256.
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "auth/card_verifier.h"
#include "auth/der_reader.h"
#include "card_pki.h"

namespace kakunin::auth {
namespace {

constexpr size_t kBlock = 256;

std::string JudgeSignature(const std::string& signature) {
  Circumstances circumstances;
  circumstances.signature = signature;
  return Describe(Judge(Signed(DefaultCertificate()), circumstances));
}

// The private operation on a whole block, as a hostile card could do it.
std::string RawPrivate(const std::string& block) {
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new(CardPki::Get().card_key.get(), nullptr);
  std::string out(kBlock, '\0');
  size_t size = out.size();
  EXPECT_EQ(EVP_PKEY_sign_init(context), 1);
  EXPECT_EQ(EVP_PKEY_CTX_set_rsa_padding(context, RSA_NO_PADDING), 1);
  EXPECT_EQ(EVP_PKEY_sign(context, reinterpret_cast<unsigned char*>(out.data()), &size,
                          AsBytes(block).data(), block.size()),
            1);
  EVP_PKEY_CTX_free(context);
  return out;
}

std::string DigestInfo(const char* oid = "2.16.840.1.101.3.4.2.1", bool with_null = true) {
  const std::string null = with_null ? DerTlv(der::kNull, "") : std::string();
  return DerSequence(
      {DerSequence({DerOid(oid), null}), DerTlv(der::kOctetString, AsText(Sha256(kMessage)))});
}

// 00 01 FF.. 00 payload, with `trailing` after it.
std::string Padded(const std::string& payload, const std::string& trailing = "") {
  const size_t padding = kBlock - 3 - payload.size() - trailing.size();
  return std::string("\x00\x01", 2) + std::string(padding, '\xff') + std::string(1, '\0') +
         payload + trailing;
}

TEST(CardSignature, AcceptsHandMadeRightBlock) {
  EXPECT_EQ(JudgeSignature(RawPrivate(Padded(DigestInfo()))), "ACCEPTED NONE");
}

TEST(CardSignature, RejectsOneBitOffAnywhere) {
  const std::string good = CardPki::Get().card_key.Sign(kMessage);
  for (size_t i = 0; i < good.size(); i += 15) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0x10);
    EXPECT_EQ(JudgeSignature(bad), "REJECTED CHALLENGE_SIGNATURE") << i;
  }
}

TEST(CardSignature, RejectsWrongLengths) {
  const std::string good = CardPki::Get().card_key.Sign(kMessage);
  EXPECT_EQ(JudgeSignature(""), "REJECTED CHALLENGE_SIGNATURE");
  EXPECT_EQ(JudgeSignature(good.substr(1)), "REJECTED CHALLENGE_SIGNATURE");
  EXPECT_EQ(JudgeSignature(good.substr(0, 255)), "REJECTED CHALLENGE_SIGNATURE");
  EXPECT_EQ(JudgeSignature(std::string(1, '\0') + good), "REJECTED CHALLENGE_SIGNATURE");
  EXPECT_EQ(JudgeSignature(good + std::string(1, '\0')), "REJECTED CHALLENGE_SIGNATURE");
  EXPECT_EQ(JudgeSignature(std::string(1 << 20, 'x')), "REJECTED CHALLENGE_SIGNATURE");
}

TEST(CardSignature, RejectsTrivialNumbers) {
  EXPECT_EQ(JudgeSignature(std::string(kBlock, '\0')), "REJECTED CHALLENGE_SIGNATURE");
  EXPECT_EQ(JudgeSignature(std::string(kBlock - 1, '\0') + '\1'), "REJECTED CHALLENGE_SIGNATURE");
  EXPECT_EQ(JudgeSignature(std::string(kBlock, '\xff')), "REJECTED CHALLENGE_SIGNATURE");
}

TEST(CardSignature, RejectsWrongBlocks) {
  const std::string info = DigestInfo();
  std::string wrong_type = Padded(info);
  wrong_type[1] = '\x02';
  std::string wrong_fill = Padded(info);
  wrong_fill[10] = '\xfe';
  // Eight octets of padding, the rest garbage after the DigestInfo.
  const std::string short_padding = Padded(info, std::string(kBlock - 3 - 8 - info.size(), 'g'));
  const std::string bare = Padded(std::string(AsText(Sha256(kMessage))));
  for (const std::string& block :
       {wrong_type, wrong_fill, short_padding, bare, Padded(info, "g"),
        Padded(DigestInfo("1.3.14.3.2.26")), Padded(DigestInfo("2.16.840.1.101.3.4.2.2")),
        Padded(DigestInfo("2.16.840.1.101.3.4.2.1", false))}) {
    ASSERT_EQ(block.size(), kBlock);
    EXPECT_EQ(JudgeSignature(RawPrivate(block)), "REJECTED CHALLENGE_SIGNATURE");
  }
}

TEST(CardSignature, RejectsPss) {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  EVP_PKEY_CTX* key_context = nullptr;
  ASSERT_EQ(EVP_DigestSignInit(context, &key_context, EVP_sha256(), nullptr,
                               CardPki::Get().card_key.get()),
            1);
  ASSERT_EQ(EVP_PKEY_CTX_set_rsa_padding(key_context, RSA_PKCS1_PSS_PADDING), 1);
  std::string signature(kBlock, '\0');
  size_t size = signature.size();
  ASSERT_EQ(EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size,
                           AsBytes(kMessage).data(), kMessage.size()),
            1);
  EVP_MD_CTX_free(context);
  EXPECT_EQ(JudgeSignature(signature), "REJECTED CHALLENGE_SIGNATURE");
}

TEST(CardSignature, RejectsAnotherCardsKeyAndAnotherMessage) {
  EXPECT_EQ(JudgeSignature(CardPki::Get().other_card_key.Sign(kMessage)),
            "REJECTED CHALLENGE_SIGNATURE");
  EXPECT_EQ(JudgeSignature(CardPki::Get().card_key.Sign("what the client would like signed")),
            "REJECTED CHALLENGE_SIGNATURE");
  EXPECT_EQ(JudgeSignature(CardPki::Get().card_key.Sign(kMessage, DigestKind::kSha384)),
            "REJECTED CHALLENGE_SIGNATURE");
}

}  // namespace
}  // namespace kakunin::auth
