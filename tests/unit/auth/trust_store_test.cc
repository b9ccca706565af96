#include "auth/trust_store.h"

#include <gtest/gtest.h>

#include "auth/der_reader.h"
#include "card_pki.h"

namespace kakunin::auth {
namespace {

absl::StatusOr<std::shared_ptr<const TrustStore>> StoreOf(const std::string& der) {
  const std::vector<std::string> ders = {der};
  return TrustStore::Create(Hierarchy::kUserAuthentication, ders);
}

CertificateSpec RootSpec(const PrivateKey& key) {
  return MakeRootSpec(JpkiAuthenticationName(), key, At("2023-07-16T00:00:00Z"),
                      At("2033-07-15T14:59:59Z"));
}

std::string SelfSigned(const CertificateSpec& spec, const PrivateKey& key) {
  return IssueCertificate(spec, JpkiAuthenticationName(), key);
}

TEST(TrustStore, LoadsPemAndDerOfADirectoryAndKeepsEachKeyOnce) {
  const CardPki& pki = CardPki::Get();
  const ScratchDirectory scratch;
  scratch.Write("a.der", pki.generations[0].certificate_der);
  scratch.Write("b.pem", CertificatePem(pki.generations[1].certificate_der) +
                             CertificatePem(pki.generations[2].certificate_der));
  scratch.Write("c.crt", CertificatePem(pki.generations[0].certificate_der));
  scratch.Write("readme.txt", "not a certificate");
  const auto store = TrustStore::Load(Hierarchy::kUserAuthentication, scratch.path());
  ASSERT_TRUE(store.ok()) << store.status();
  ASSERT_EQ((*store)->roots().size(), 3u);
  for (const Authority& generation : pki.generations) {
    const auto* root = (*store)->FindByKeyId(Sha256(generation.key.PublicKeyDer()));
    ASSERT_NE(root, nullptr);
    EXPECT_EQ(root->der, generation.certificate_der);
  }
}

TEST(TrustStore, RefusesEmptyMissingAndBrokenDirectories) {
  const ScratchDirectory scratch;
  EXPECT_FALSE(TrustStore::Load(Hierarchy::kUserAuthentication, scratch.path()).ok());
  EXPECT_EQ(
      TrustStore::Load(Hierarchy::kUserAuthentication, scratch.path() / "none").status().code(),
      absl::StatusCode::kNotFound);
  scratch.Write("a.pem", "no certificate here");
  EXPECT_FALSE(TrustStore::Load(Hierarchy::kUserAuthentication, scratch.path()).ok());
}

TEST(TrustStore, RefusesWhatIsNoProperRoot) {
  const PrivateKey& key = CardPki::Get().card_key;
  EXPECT_TRUE(StoreOf(SelfSigned(RootSpec(key), key)).ok());
  CertificateSpec no_ca = RootSpec(key);
  std::erase_if(no_ca.extensions, [](const auto& e) { return e.oid == "2.5.29.19"; });
  CertificateSpec no_cert_sign = RootSpec(key);
  no_cert_sign.extensions[0] = KeyUsageExtension(key_usage::kCrlSign);
  CertificateSpec constrained = RootSpec(key);
  constrained.extensions.push_back({"2.5.29.30", true, DerSequence({})});
  CertificateSpec odd = RootSpec(key);
  odd.extensions.push_back({"1.2.3.4", true, DerSequence({})});
  for (const CertificateSpec& spec : {no_ca, no_cert_sign, constrained, odd}) {
    EXPECT_FALSE(StoreOf(SelfSigned(spec, key)).ok());
  }
  EXPECT_FALSE(StoreOf(Signed(DefaultCertificate())).ok());
  // Issuer and subject alike, signed by another key.
  EXPECT_FALSE(StoreOf(SelfSigned(RootSpec(key), CardPki::Get().other_card_key)).ok());
  EXPECT_FALSE(StoreOf(SelfSigned(RootSpec(key), key) + "x").ok());
}

TEST(TrustStore, RefusesWeakRootKeys) {
  const PrivateKey small = PrivateKey::GenerateRsa(1024);
  EXPECT_FALSE(StoreOf(SelfSigned(RootSpec(small), small)).ok());
  const PrivateKey exponent3 = PrivateKey::GenerateRsa(2048, 3);
  EXPECT_FALSE(StoreOf(SelfSigned(RootSpec(exponent3), exponent3)).ok());
}

TEST(TrustStore, RootWithoutCrlSignMayNotSignCrls) {
  const PrivateKey& key = CardPki::Get().card_key;
  CertificateSpec spec = RootSpec(key);
  spec.extensions[0] = KeyUsageExtension(key_usage::kKeyCertSign);
  const auto store = StoreOf(SelfSigned(spec, key));
  ASSERT_TRUE(store.ok());
  EXPECT_FALSE((*store)->roots()[0]->MaySignCrls());
}

}  // namespace
}  // namespace kakunin::auth
