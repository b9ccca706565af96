// What the general profile allows beyond what OpenSSL checks: which keys, and what in extensions.
#include "auth/chain_verifier.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "auth/encoding.h"
#include "card_pki.h"

namespace kakunin::auth {
namespace {

const Authority& Ca() {
  static const Authority ca =
      MakeAuthority(MakeName({{kOidCommonName, "terminals"}}), PrivateKey::GenerateP256(),
                    Now() - absl::Hours(48), Now() + absl::Hours(48));
  return ca;
}

CertificateSpec Terminal() {
  CertificateSpec spec;
  spec.subject = MakeName({{kOidCommonName, "desk-1"}});
  spec.serial = SerialNumber(7);
  spec.not_before = Now() - absl::Hours(1);
  spec.not_after = Now() + absl::Hours(1);
  spec.public_key = PrivateKey::GenerateP384().PublicKeyDer();
  return spec;
}

std::string VerdictOf(const CertificateSpec& spec, const std::vector<std::string>& crls = {}) {
  ChainQuestion question;
  question.anchors = {Ca().certificate_der};
  question.chain = {IssueCertificate(spec, Ca().subject, Ca().key)};
  question.crls = crls;
  question.check_revocation = !crls.empty();
  question.time = Now();
  return VerifyChain(question).reason;
}

std::string VerdictOfKey(const std::string& spki_hex) {
  CertificateSpec spec = Terminal();
  spec.public_key = HexDecode(spki_hex).value();
  return VerdictOf(spec);
}

std::string VerdictWith(const std::string& oid, const std::string& value) {
  CertificateSpec spec = Terminal();
  spec.extensions.push_back({.oid = oid, .value = value});
  return VerdictOf(spec);
}

// A CRL of the CA's with one more extension of its own, and one of an entry's (none when empty).
std::string CrlWith(const ExtensionSpec& own, const ExtensionSpec& of_entry) {
  CrlSpec spec;
  spec.this_update = Now() - absl::Hours(1);
  spec.next_update = Now() + absl::Hours(1);
  spec.crl_number = SerialNumber(1);
  if (!own.oid.empty()) spec.extra_extensions.push_back(own);
  RevokedEntry entry{.serial = SerialNumber(8), .revoked_at = Now() - absl::Hours(2)};
  if (!of_entry.oid.empty()) entry.extra_extensions.push_back(of_entry);
  spec.entries.push_back(entry);
  return IssueCrl(spec, Ca());
}

using namespace std::string_literals;

constexpr char kBasicConstraints[] = "2.5.29.19";
constexpr char kSubjectAltName[] = "2.5.29.17";
constexpr char kIssuerAltName[] = "2.5.29.18";
constexpr char kReasonCode[] = "2.5.29.21";
constexpr char kIssuingPoint[] = "2.5.29.28";
constexpr char kUnknown[] = "1.2.392.200149.8.5.9.9";

TEST(ChainVerifier, TakesKeysOnTheThreeCurvesOfNistOnly) {
  EXPECT_EQ(
      VerdictOfKey("3059301306072a8648ce3d020106082a8648ce3d0301070342000402d3e63f361937722df7"
                   "e526f6d45b986b237d9b7014077287c8428c29102222c8195a6c249233b9f47686ef9e869e"
                   "40d52eb8ddcbb5d833061931f032dede3c"),
      "NONE");                               // P-256
  EXPECT_EQ(VerdictOf(Terminal()), "NONE");  // P-384
  EXPECT_EQ(
      VerdictOfKey("30819b301006072a8648ce3d020106052b81040023038186000401158fef27528553cf1a16"
                   "6b9b35fe7b1351ebfcca987ad39c1b5f3cf249613ba7bd6331b7218b2d5036f2c9777fc34e"
                   "96a5669dd0f65493d6fad34beb0f5743f50500e3f5108a718eeee8d63d91a2c53a10234875"
                   "363eb88d48b5aa52dc4af9a572545f400fcc2d4d9ce8b281e2769e050c3daca871acb8e0ae"
                   "a4091e9dc26c3ee2f55c"),
      "NONE");  // P-521
  struct Other {
    std::string name;
    std::string key;
    std::string reason = "ALGORITHM";
  };
  const Other others[] = {
      {"P-192",
       "3049301306072a8648ce3d020106082a8648ce3d0301010332000458a6196dea11a83a1aae6ce89e3e9b261f7c5"
       "3"
       "221a3347b374ae1af3b3ce0f5bb015f2d7a90d03cb333e6f155ba0594a"},
      {"P-224",
       "304e301006072a8648ce3d020106052b81040021033a00043b4b02d7f079d9e818fec479e3621989bcaab62f705"
       "e"
       "5d378381b64dcbc025573a7419182f32b42ab442852efa6f38aca595ee2837195c6d"},
      {"secp256k1",
       "3056301006072a8648ce3d020106052b8104000a03420004bab0dad3e3b40110aa6c72ab0b09502cd58ec8b34eb"
       "a"
       "ea278e9620cc388c029e30582c36cec21836538c708bbf1046485bda8c8ae7c0b2848ed36227dd3570ec"},
      {"brainpoolP256r1",
       "305a301406072a8648ce3d020106092b2403030208010107034200046f61eeddfd8332477c0487825a835059e4d"
       "e"
       "01aec44289128f6c09a15bee793563c31fd17a0239d891f05579c19f4ba0e20c447f821aeccf52ab0bf2c9617d4"
       "7"},
      {"P-256 by its parameters",
       "3082014b3082010306072a8648ce3d02013081f7020101302c06072a8648ce3d0101022100ffffffff000000010"
       "0"
       "0000000000000000000000ffffffffffffffffffffffff305b0420ffffffff00000001000000000000000000000"
       "0"
       "00fffffffffffffffffffffffc04205ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d26"
       "0"
       "4b031500c49d360886e704936a6678e1139d26b7819f7e900441046b17d1f2e12c4247f8bce6e563a440f277037"
       "d"
       "812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f50"
       "2"
       "2100ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc63255102010103420004cb12b9ffe"
       "9"
       "924e0d0d715f8194966bc9bc74c7e70cddfaa1179d663753d6a3c1b5c08e0f389819106dc5d32b5fd39e6fdd03e"
       "6"
       "3c93d573d0d7c767d2e2df2fdc",
       "OPENSSL_94"}};  // which OpenSSL refuses by itself
  for (const Other& other : others) EXPECT_EQ(VerdictOfKey(other.key), other.reason) << other.name;
}

// Keys that may sign by RSASSA-PSS alone are of a kind of their own to OpenSSL, and no shorter.
TEST(ChainVerifier, KeysForRsassaPssAreAsLongAsOtherRsaKeys) {
  EXPECT_EQ(
      VerdictOfKey("30820120300b06092a864886f70d01010a0382010f003082010a0282010100d9e8749f67ec"
                   "b3f2ae59016143c387167a6d0563c3093cd5ddb78383232121cfaa75e9416b302e1ac6de0d"
                   "75f30164aee62e02d703b0cf8bf1fc375dca4abce66dfea37d1981a2d077b8189928c75b7e"
                   "232bbbc7b76111d6e7ae14cbd20b84c4aff8095aa9570174809c23b9cd649df10e8616a41f"
                   "c48905c97dd16461046917cfc0ee5ba7b96a5222b14e12547e84b38ebe8cb116ab85d338b4"
                   "af052ee1fc6c05f98cf6b7cb7d4d064a801df8e3b1bbffc3e1eef25b8c49273bab7681355a"
                   "0a173e00ef4a8628eb73cf8baaa22192716f7b8662f520753883200ec3d966b7215dbc1ace"
                   "23ab125cd119b9ab980ee7ad63038f0c73e46986a75efd92e8ca600d0203010001"),
      "NONE");
  EXPECT_EQ(
      VerdictOfKey("30819d300b06092a864886f70d01010a03818d0030818902818100d4abb988aa06644618e4"
                   "64e363295bb1580fa340507c78017f29a55863dbea60e9c3f338050b1b9f93b7a0000e7c89"
                   "bf13ab12650382dfa71e843ed3b92a8456df79a7c1f8b34e5f1deb8cc496400ad812006c32"
                   "f6419ba6c68de798c43fd95c2293eb9dd19513735024f9ac06aa9040f1ec39d179df18c1ce"
                   "ed470b77f78b850203010001"),
      "ALGORITHM");
}

TEST(ChainVerifier, WhatStandsInAKnownExtensionIsStrictDerToo) {
  EXPECT_EQ(VerdictWith(kBasicConstraints, "\x30\x00"s), "NONE");
  EXPECT_EQ(VerdictWith(kBasicConstraints, "\x30\x03\x01\x01\x01"), "MALFORMED");  // TRUE is FF
  EXPECT_EQ(VerdictWith(kBasicConstraints, "\x30\x80\x00\x00"s), "MALFORMED");
  EXPECT_EQ(VerdictWith(kSubjectAltName, "\x30\x03\x82\x01j"), "NONE");
  EXPECT_EQ(VerdictWith(kSubjectAltName, "\x30\x81\x03\x82\x01j"), "MALFORMED");
  EXPECT_EQ(VerdictWith(kSubjectAltName, "\x30\x04\x82\x81\x01j"), "MALFORMED");
  EXPECT_EQ(VerdictWith(kSubjectAltName, "\x30\x03\x82\x01j\x05\x00"s), "MALFORMED");
  // What nobody decodes is octets.
  EXPECT_EQ(VerdictWith(kUnknown, "\x30\x81\x03\x82\x01j"), "NONE");
}

TEST(ChainVerifier, ACrlWithExtensionsThatAreNotStrictDerDoesNotCount) {
  const std::string names = "\x30\x03\x82\x01j";
  const std::string long_names = "\x30\x81\x03\x82\x01j";
  const std::string reason = "\x0a\x01\x01";
  const std::string long_reason = "\x0a\x81\x01\x01";
  const auto verdict = [](const ExtensionSpec& own, const ExtensionSpec& of_entry) {
    return VerdictOf(Terminal(), {CrlWith(own, of_entry)});
  };
  EXPECT_EQ(verdict({}, {}), "NONE");
  EXPECT_EQ(verdict({.oid = kIssuerAltName, .value = names}, {}), "NONE");
  EXPECT_EQ(verdict({.oid = kIssuerAltName, .value = long_names}, {}), "REVOCATION_MISSING");
  EXPECT_EQ(verdict({}, {.oid = kReasonCode, .value = reason}), "NONE");
  EXPECT_EQ(verdict({}, {.oid = kReasonCode, .value = long_reason}), "REVOCATION_MISSING");
  // One list of the users' certificates and one of the CAs'.
  const auto scope = [](const std::string& value) {
    return CrlWith({.oid = kIssuingPoint, .critical = true, .value = value}, {});
  };
  const std::string of_cas = scope("\x30\x03\x82\x01\xff");
  EXPECT_EQ(VerdictOf(Terminal(), {scope("\x30\x03\x81\x01\xff"), of_cas}), "NONE");
  EXPECT_EQ(VerdictOf(Terminal(), {scope("\x30\x03\x81\x01\x01"), of_cas}), "REVOCATION_MISSING");
}

}  // namespace
}  // namespace kakunin::auth
