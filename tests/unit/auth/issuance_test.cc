// What the room issues must satisfy a reader that is not ours: OpenSSL.
#include "auth/issuance.h"

#include <gtest/gtest.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <memory>

#include "auth/crl_parser.h"
#include "card_pki.h"

namespace kakunin::auth {
namespace {

using X509Ptr = std::unique_ptr<X509, decltype(&X509_free)>;
using CrlPtr = std::unique_ptr<X509_CRL, decltype(&X509_CRL_free)>;

X509Ptr Decode(const std::string& der) {
  const unsigned char* data = AsBytes(der).data();
  X509* certificate = d2i_X509(nullptr, &data, static_cast<long>(der.size()));
  EXPECT_NE(certificate, nullptr);
  EXPECT_EQ(data, AsBytes(der).data() + der.size());
  return {certificate, X509_free};
}

CrlPtr DecodeCrl(const std::string& der) {
  const unsigned char* data = AsBytes(der).data();
  X509_CRL* crl = d2i_X509_CRL(nullptr, &data, static_cast<long>(der.size()));
  EXPECT_NE(crl, nullptr);
  return {crl, X509_CRL_free};
}

// OpenSSL's own path validation with the flags that jpki.md 2 calls right.
int OpenSslVerdict(const std::string& card, const Authority& issuer, const std::string& crl) {
  X509_STORE* store = X509_STORE_new();
  const X509Ptr root = Decode(issuer.certificate_der);
  const X509Ptr leaf = Decode(card);
  const CrlPtr list = DecodeCrl(crl);
  X509_STORE_add_cert(store, root.get());
  X509_STORE_add_crl(store, list.get());
  X509_STORE_CTX* context = X509_STORE_CTX_new();
  X509_STORE_CTX_init(context, store, leaf.get(), nullptr);
  X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(context);
  X509_VERIFY_PARAM_set_time(parameters, absl::ToTimeT(Now()));
  X509_VERIFY_PARAM_set_flags(
      parameters, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_POLICY_CHECK | X509_V_FLAG_EXPLICIT_POLICY |
                      X509_V_FLAG_EXTENDED_CRL_SUPPORT | X509_V_FLAG_X509_STRICT);
  X509_VERIFY_PARAM_add0_policy(parameters, OBJ_txt2obj("1.2.392.200149.8.5.1.3.30", 1));
  X509_verify_cert(context);
  const int error = X509_STORE_CTX_get_error(context);
  X509_STORE_CTX_free(context);
  X509_STORE_free(store);
  return error;
}

TEST(Issuance, OpenSslAcceptsOurCardAndCrl) {
  const Authority& issuer = CardPki::Get().generations[2];
  const std::string card = Signed(DefaultCertificate());
  EXPECT_EQ(OpenSslVerdict(card, issuer, IssueCrl(DefaultCrl(Now()), issuer)), X509_V_OK);
  CrlSpec revoking = DefaultCrl(Now());
  const uint64_t serials[] = {1, 127, 128, 255, 256, kSerial, UINT64_MAX};
  revoking.serials = serials;
  EXPECT_EQ(OpenSslVerdict(card, issuer, IssueCrl(revoking, issuer)), X509_V_ERR_CERT_REVOKED);
}

TEST(Issuance, OpenSslReadsTheSameSerialsFromOurCrl) {
  const uint64_t serials[] = {1, 127, 128, 255, 256, 65535, 65536, kSerial, UINT64_MAX};
  CrlSpec spec = DefaultCrl(Now());
  spec.serials = serials;
  const CrlPtr crl = DecodeCrl(IssueCrl(spec, CardPki::Get().generations[2]));
  ASSERT_EQ(sk_X509_REVOKED_num(X509_CRL_get_REVOKED(crl.get())), 9);
  for (size_t i = 0; i < std::size(serials); ++i) {
    uint64_t value = 0;
    const X509_REVOKED* entry =
        sk_X509_REVOKED_value(X509_CRL_get_REVOKED(crl.get()), static_cast<int>(i));
    ASSERT_EQ(ASN1_INTEGER_get_uint64(&value, X509_REVOKED_get0_serialNumber(entry)), 1);
    EXPECT_EQ(value, serials[i]);
  }
}

TEST(Issuance, TlsCertificatesCarryTheirNamesAndPurpose) {
  const PrivateKey key = PrivateKey::GenerateP256();
  const Authority authority = MakeAuthority(MakeName({{kOidCommonName, "CA"}}), key,
                                            At("2026-01-01T00:00:00Z"), At("2027-01-01T00:00:00Z"));
  const X509Ptr server =
      Decode(IssueServer(authority, key, {"localhost"}, {"127.0.0.1"}, RandomSerial(),
                         At("2026-01-01T00:00:00Z"), At("2026-12-01T00:00:00Z")));
  EXPECT_EQ(X509_check_host(server.get(), "localhost", 0, 0, nullptr), 1);
  EXPECT_EQ(X509_check_ip_asc(server.get(), "127.0.0.1", 0), 1);
  EXPECT_EQ(X509_check_purpose(server.get(), X509_PURPOSE_SSL_SERVER, 0), 1);
  EXPECT_EQ(X509_check_purpose(server.get(), X509_PURPOSE_SSL_CLIENT, 0), 0);
  const X509Ptr client =
      Decode(IssueClient(authority, key, {"spiffe://d/operator/a"}, "a", RandomSerial(),
                         At("2026-01-01T00:00:00Z"), At("2026-12-01T00:00:00Z")));
  EXPECT_EQ(X509_check_purpose(client.get(), X509_PURPOSE_SSL_CLIENT, 0), 1);
  EXPECT_EQ(X509_verify(client.get(), key.get()), 1);
}

TEST(Issuance, CommonNameHasTheObservedShape) {
  const std::string name = MakeCardCommonName("13221", 42);
  EXPECT_EQ(name.size(), 23u);
  EXPECT_EQ(name.substr(14, 5), "13221");
  EXPECT_EQ(name.back(), 'A');
  EXPECT_EQ(name, MakeCardCommonName("13221", 42));
  EXPECT_NE(name, MakeCardCommonName("13221", 43));
}

TEST(Issuance, MillionEntriesLoadAsTheyWereWritten) {
  std::vector<uint64_t> serials(1'000'000);
  for (size_t i = 0; i < serials.size(); ++i) serials[i] = 0x4000000000000000 + i * 7919;
  CrlSpec spec = DefaultCrl(Now());
  spec.serials = serials;
  const std::string crl = IssueCrl(spec, CardPki::Get().generations[2]);
  const auto parsed = ParseCrl(AsBytes(crl), *CardPki::Get().store);
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ((*parsed)->serials, serials);
  EXPECT_EQ((*parsed)->serials.capacity() * sizeof(uint64_t), 8'000'000u);
}

TEST(Issuance, AuthorityComesBackFromItsFiles) {
  const Authority& authority = CardPki::Get().generations[0];
  const auto again = AuthorityFromCertificate(authority.key, authority.certificate_der);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->subject, authority.subject);
  EXPECT_EQ(again->subject_key_id, authority.subject_key_id);
  EXPECT_FALSE(AuthorityFromCertificate(CardPki::Get().card_key, authority.certificate_der).ok());
}

TEST(PrivateKey, GoesThroughItsFileWithMode0600) {
  const ScratchDirectory scratch;
  const PrivateKey key = PrivateKey::GenerateP256();
  const auto path = scratch.path() / "key.pem";
  ASSERT_TRUE(key.Save(path).ok());
  struct stat status {};
  ASSERT_EQ(stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600u);
  const auto loaded = PrivateKey::Load(path);
  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ(loaded->PublicKeyDer(), key.PublicKeyDer());
  EXPECT_FALSE(PrivateKey::FromPem("no key").ok());
}

TEST(PrivateKey, PoolMakesKeysOnceAndGrows) {
  const ScratchDirectory scratch;
  const auto first = OpenKeyPool(scratch.path() / "pool", 1);
  ASSERT_TRUE(first.ok());
  const auto second = OpenKeyPool(scratch.path() / "pool", 2);
  ASSERT_TRUE(second.ok());
  ASSERT_EQ(second->size(), 2u);
  EXPECT_EQ((*first)[0].PublicKeyDer(), (*second)[0].PublicKeyDer());
  EXPECT_NE((*second)[0].PublicKeyDer(), (*second)[1].PublicKeyDer());
}

}  // namespace
}  // namespace kakunin::auth
