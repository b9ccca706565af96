#include "auth/certificate_request.h"

#include <gtest/gtest.h>

#include <string>

#include "auth/der_writer.h"
#include "auth/encoding.h"
#include "auth/issuance.h"

namespace kakunin::auth {
namespace {

using Fault = std::optional<RequestFault>;

Fault FaultOf(std::string_view der) { return CheckCertificateRequest(der).fault; }

// Info is a CertificationRequestInfo, Signed the whole of it by `key`.
std::string Info(const std::string& public_key, uint64_t version = 0) {
  return DerSequence({DerInteger(version), MakeName({{kOidCommonName, "somebody else"}}),
                      public_key, DerTlv(der::ContextConstructed(0), "")});
}
std::string Signed(const std::string& info, const PrivateKey& key,
                   DigestKind digest = DigestKind::kSha256) {
  return DerSequence(
      {info, SignatureAlgorithmDer(key.type(), digest), DerBitString(key.Sign(info, digest))});
}

TEST(CertificateRequest, OfAGoodKeyIsTaken) {
  for (const PrivateKey& key : {PrivateKey::GenerateP256(), PrivateKey::GenerateRsa(2048),
                                PrivateKey::GenerateRsa(3072), PrivateKey::GenerateRsa(4096)}) {
    const std::string der = MakeCertificateRequest(key, "terminal");
    const CheckedRequest checked = CheckCertificateRequest(der);
    EXPECT_EQ(checked.fault, Fault()) << key.bits();
    EXPECT_EQ(checked.der, der);
    EXPECT_EQ(checked.public_key, key.PublicKeyDer());
    EXPECT_EQ(checked.key_fingerprint, Sha256(key.PublicKeyDer()));
    EXPECT_EQ(CheckCertificateRequestPem(CertificateRequestPem(der)).fault, Fault());
  }
  const PrivateKey key = PrivateKey::GenerateP256();
  EXPECT_EQ(FaultOf(Signed(Info(key.PublicKeyDer()), key, DigestKind::kSha384)), Fault());
}

TEST(CertificateRequest, OfAWeakKeyIsRefused) {
  for (const PrivateKey& key : {PrivateKey::GenerateRsa(1024), PrivateKey::GenerateRsa(2047),
                                PrivateKey::GenerateRsa(2048, 3), PrivateKey::GenerateRsa(4104),
                                PrivateKey::GenerateP384()}) {
    EXPECT_EQ(FaultOf(MakeCertificateRequest(key, "terminal")), RequestFault::kWeakKey)
        << key.bits();
  }
}

TEST(CertificateRequest, MustProveThatWhoAsksHasTheKey) {
  const PrivateKey owner = PrivateKey::GenerateP256();
  const PrivateKey thief = PrivateKey::GenerateP256();
  EXPECT_EQ(FaultOf(Signed(Info(owner.PublicKeyDer()), thief)), RequestFault::kProofFailed);
  const PrivateKey rsa = PrivateKey::GenerateRsa(2048);
  const PrivateKey other = PrivateKey::GenerateRsa(2048);
  EXPECT_EQ(FaultOf(Signed(Info(rsa.PublicKeyDer()), other)), RequestFault::kProofFailed);
  // A signature over another request of the same key.
  const std::string info = Info(owner.PublicKeyDer());
  const std::string elsewhere =
      DerSequence({DerInteger(0), MakeName({{kOidCommonName, "me"}}), owner.PublicKeyDer(),
                   DerTlv(der::ContextConstructed(0), "")});
  EXPECT_EQ(FaultOf(DerSequence({info, SignatureAlgorithmDer(KeyType::kEc, DigestKind::kSha256),
                                 DerBitString(owner.Sign(elsewhere))})),
            RequestFault::kProofFailed);
}

TEST(CertificateRequest, IsOfTheAlgorithmOfItsKey) {
  const PrivateKey key = PrivateKey::GenerateP256();
  const std::string info = Info(key.PublicKeyDer());
  EXPECT_EQ(FaultOf(DerSequence({info, SignatureAlgorithmDer(KeyType::kRsa, DigestKind::kSha256),
                                 DerBitString(key.Sign(info))})),
            RequestFault::kAlgorithm);
  const std::string ecdsa_with_sha1 = DerSequence({DerOid("1.2.840.10045.4.1")});
  EXPECT_EQ(FaultOf(DerSequence({info, ecdsa_with_sha1, DerBitString(key.Sign(info))})),
            RequestFault::kAlgorithm);
}

TEST(CertificateRequest, IsExactlyOneStrictEncoding) {
  const PrivateKey key = PrivateKey::GenerateP256();
  const std::string good = MakeCertificateRequest(key, "terminal");
  const std::string big(kMaxCertificateRequestBytes, 'x');
  for (const std::string& bad :
       {std::string(), std::string("x"), good + '\0', good.substr(0, good.size() - 1), good + good,
        Signed(Info(key.PublicKeyDer(), 1), key), MakeCertificateRequest(key, big),
        Signed(DerSequence({DerInteger(0), MakeName({}), key.PublicKeyDer()}), key)}) {
    EXPECT_EQ(FaultOf(bad), RequestFault::kMalformed) << bad.size();
  }
  EXPECT_EQ(CheckCertificateRequestPem("no PEM").fault, RequestFault::kMalformed);
  EXPECT_EQ(CheckCertificateRequestPem(PemEncode("CERTIFICATE", good)).fault,
            RequestFault::kMalformed);
}

TEST(CertificateRequest, NoChangedOctetIsTaken) {
  const PrivateKey key = PrivateKey::GenerateP256();
  const std::string good = MakeCertificateRequest(key, "terminal");
  for (size_t i = 0; i < good.size(); ++i) {
    for (const int bit : {0, 3, 7}) {
      std::string bad = good;
      bad[i] = static_cast<char>(bad[i] ^ (1 << bit));
      EXPECT_TRUE(FaultOf(bad).has_value()) << i << " bit " << bit;
    }
  }
}

}  // namespace
}  // namespace kakunin::auth
