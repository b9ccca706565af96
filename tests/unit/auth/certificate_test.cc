#include "auth/certificate.h"

#include <gtest/gtest.h>

#include "auth/encoding.h"
#include "card_pki.h"

namespace kakunin::auth {
namespace {

TEST(Certificate, ReadsEveryFieldOfACard) {
  const CardPki& pki = CardPki::Get();
  const std::string der = Signed(DefaultCertificate());
  const auto view = ParseCertificate(AsBytes(der));
  ASSERT_TRUE(view);
  EXPECT_EQ(view->serial, SerialNumber(kSerial));
  EXPECT_EQ(AsText(view->issuer), JpkiAuthenticationName());
  EXPECT_EQ(absl::FromUnixSeconds(view->not_before), At("2025-10-27T02:30:00Z"));
  EXPECT_EQ(absl::FromUnixSeconds(view->not_after), At("2030-02-17T14:59:59Z"));
  EXPECT_EQ(AsText(view->spki), pki.card_key.PublicKeyDer());
  EXPECT_EQ(view->key.type, KeyType::kRsa);
  EXPECT_EQ(view->key.bits, 2048);
  EXPECT_TRUE(view->key.IsRsaF4());
  EXPECT_EQ(view->key_usage, key_usage::kDigitalSignature);
  EXPECT_TRUE(view->key_usage_critical);
  EXPECT_FALSE(view->is_ca);
  EXPECT_EQ(AsText(*view->authority_key_id), pki.generations[2].subject_key_id);
  EXPECT_EQ(AsText(*PartitionOf(*view)), MunicipalityPoint(kCity));
  EXPECT_FALSE(view->has_unknown_critical);
}

TEST(Certificate, RootHasTheShapeOfTheJpkiRoots) {
  const auto view = ParseCertificate(AsBytes(CardPki::Get().generations[0].certificate_der));
  ASSERT_TRUE(view);
  EXPECT_TRUE(view->is_ca && view->basic_constraints_critical);
  EXPECT_FALSE(view->path_length.has_value());
  EXPECT_EQ(view->key_usage, key_usage::kKeyCertSign | key_usage::kCrlSign);
  EXPECT_FALSE(view->authority_key_id.has_value());
  EXPECT_FALSE(view->certificate_policies.has_value());
  EXPECT_TRUE(view->subject_key_id.has_value());
  EXPECT_TRUE(PartitionOf(*view)->empty());
}

TEST(Certificate, PartitionPrefersTheDirectoryName) {
  const std::string uri = DerTlv(0x86, "http://crl.test/13221.crl");
  const std::string directory = MunicipalityPoint(kCity);
  EXPECT_EQ(AsText(*DistributionPointName(AsBytes(uri + directory))), directory);
  EXPECT_EQ(AsText(*DistributionPointName(AsBytes(uri))), uri);
  EXPECT_FALSE(DistributionPointName(AsBytes(DerTlv(0x82, "dns"))).has_value());
}

TEST(Oid, EncodesDottedForm) {
  EXPECT_EQ(HexEncode(*EncodeOid("1.2.840.113549.1.1.11")), "2a864886f70d01010b");
  EXPECT_EQ(HexEncode(*EncodeOid("1.2.392.200149.8.5.1.3.30")),
            "2a8308"
            "8c9b55"
            "080501031e");
  EXPECT_EQ(HexEncode(*EncodeOid("2.999")), "8837");
  for (const char* bad : {"", "1", "1.", ".1", "3.1", "1.40", "0.40", "1.2.", "1..2", "1.02", "1.a",
                          "1.2.9999999999999999999"}) {
    EXPECT_FALSE(EncodeOid(bad).has_value()) << bad;
  }
}

}  // namespace
}  // namespace kakunin::auth
