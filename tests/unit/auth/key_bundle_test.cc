#include "auth/key_bundle.h"

#include <gtest/gtest.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include "auth/der_writer.h"
#include "auth/issuance.h"

namespace kakunin::auth {
namespace {

constexpr char kPassword[] = "a word of passage";

class KeyBundleTest : public testing::TestWithParam<BundleForm> {
 protected:
  const absl::Time from_ = absl::FromUnixSeconds(1790000000);
  const absl::Time to_ = from_ + absl::Hours(24);
  const Authority ca_ =
      MakeAuthority(MakeName({{kOidCommonName, "CA"}}), PrivateKey::GenerateP256(), from_, to_);
  const PrivateKey key_ = PrivateKey::GenerateP256();
  const std::string certificate_ =
      IssueClient(ca_, key_, {"spiffe://a/operator/x"}, "x", RandomSerial(), from_, to_);
};

TEST_P(KeyBundleTest, OpensWithItsPasswordAlone) {
  const auto bundle =
      MakeKeyBundle(key_, certificate_, ca_.certificate_der, "x", kPassword, GetParam());
  ASSERT_TRUE(bundle.ok()) << bundle.status();
  const auto* at = reinterpret_cast<const unsigned char*>(bundle->data());
  PKCS12* const parsed = d2i_PKCS12(nullptr, &at, static_cast<long>(bundle->size()));
  ASSERT_NE(parsed, nullptr);
  EXPECT_EQ(PKCS12_verify_mac(parsed, "another", -1), 0);
  EVP_PKEY* key = nullptr;
  X509* certificate = nullptr;
  STACK_OF(X509)* others = nullptr;
  ASSERT_EQ(PKCS12_parse(parsed, kPassword, &key, &certificate, &others), 1);
  EXPECT_EQ(EVP_PKEY_eq(key, key_.get()), 1);
  EXPECT_EQ(X509_check_private_key(certificate, key_.get()), 1);
  EXPECT_EQ(sk_X509_num(others), 1);
  EVP_PKEY_free(key);
  X509_free(certificate);
  sk_X509_pop_free(others, X509_free);
  PKCS12_free(parsed);
  // The key does not stand in it in clear.
  EXPECT_EQ(bundle->find(key_.PublicKeyDer().substr(27)), std::string::npos);
}

TEST_P(KeyBundleTest, IsRefusedForAnotherKey) {
  EXPECT_FALSE(MakeKeyBundle(PrivateKey::GenerateP256(), certificate_, ca_.certificate_der, "x",
                             kPassword, GetParam())
                   .ok());
  EXPECT_FALSE(MakeKeyBundle(key_, "", ca_.certificate_der, "x", kPassword, GetParam()).ok());
}

INSTANTIATE_TEST_SUITE_P(Forms, KeyBundleTest,
                         testing::Values(BundleForm::kModern, BundleForm::kLegacy));

}  // namespace
}  // namespace kakunin::auth
