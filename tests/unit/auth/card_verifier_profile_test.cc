#include <gtest/gtest.h>

#include <functional>

#include "auth/card_verifier.h"
#include "auth/der_reader.h"
#include "card_pki.h"

namespace kakunin::auth {
namespace {

constexpr const char* kPolicies = "2.5.29.32";
constexpr const char* kKeyUsageOid = "2.5.29.15";
constexpr const char* kPoints = "2.5.29.31";
constexpr const char* kAuthorityKeyIdOid = "2.5.29.35";

void SetExtension(CertificateSpec& spec, ExtensionSpec replacement) {
  for (ExtensionSpec& extension : spec.extensions) {
    if (extension.oid == replacement.oid) {
      extension = std::move(replacement);
      return;
    }
  }
  spec.extensions.push_back(std::move(replacement));
}

void RemoveExtension(CertificateSpec& spec, const std::string& oid) {
  std::erase_if(spec.extensions, [&](const ExtensionSpec& e) { return e.oid == oid; });
}

ExtensionSpec Policies(const std::vector<std::string>& oids) {
  std::string content;
  for (const std::string& oid : oids) content += DerSequence({DerOid(oid)});
  return {kPolicies, false, DerTlv(der::kSequence, content)};
}

// jpki.md 6 rows 5, 7, 8, 19, 20, 33, 34, 35: what the right CA may or may not have written.
struct ProfileCase {
  const char* name;
  const char* expected;
  std::function<void(CertificateSpec&)> change;
};

class CardProfile : public testing::TestWithParam<ProfileCase> {};

TEST_P(CardProfile, GivesExactVerdict) {
  CertificateSpec spec = DefaultCertificate();
  GetParam().change(spec);
  EXPECT_EQ(Describe(Judge(Signed(spec))), GetParam().expected);
}

std::string RawRsaSpki(std::string_view modulus, uint64_t exponent) {
  return DerSequence({DerSequence({DerOid("1.2.840.113549.1.1.1"), DerTlv(der::kNull, "")}),
                      DerBitString(DerSequence({DerUnsigned(modulus), DerInteger(exponent)}))});
}

std::string OddModulus(size_t octets) {
  std::string modulus(octets, '\x5b');
  modulus[0] = '\xc1';
  return modulus;
}

INSTANTIATE_TEST_SUITE_P(
    Table, CardProfile,
    testing::Values(
        ProfileCase{"PolicyAbsent", "REJECTED POLICY",
                    [](auto& s) { RemoveExtension(s, kPolicies); }},
        ProfileCase{"PolicyOfSigning", "REJECTED POLICY",
                    [](auto& s) { SetExtension(s, Policies({"1.2.392.200149.8.5.1.1.20"})); }},
        ProfileCase{"PolicyOfTestEnvironment", "REJECTED POLICY",
                    [](auto& s) { SetExtension(s, Policies({"1.2.392.200149.8.5.1.0.30"})); }},
        ProfileCase{"AnyPolicy", "REJECTED POLICY",
                    [](auto& s) { SetExtension(s, Policies({"2.5.29.32.0"})); }},
        ProfileCase{"AnyPolicyBesideRightOne", "REJECTED POLICY",
                    [](auto& s) {
                      SetExtension(s, Policies({"1.2.392.200149.8.5.1.3.30", "2.5.29.32.0"}));
                    }},
        ProfileCase{"PolicyLongerByOneArc", "REJECTED POLICY",
                    [](auto& s) { SetExtension(s, Policies({"1.2.392.200149.8.5.1.3.30.1"})); }},
        ProfileCase{"PolicyShorterByOneArc", "REJECTED POLICY",
                    [](auto& s) { SetExtension(s, Policies({"1.2.392.200149.8.5.1.3"})); }},
        ProfileCase{
            "PolicyTwice", "REJECTED MALFORMED",
            [](auto& s) {
              SetExtension(s, Policies({"1.2.392.200149.8.5.1.3.30", "1.2.392.200149.8.5.1.3.30"}));
            }},
        ProfileCase{"UsageAbsent", "REJECTED KEY_USAGE",
                    [](auto& s) { RemoveExtension(s, kKeyUsageOid); }},
        ProfileCase{"UsageNotCritical", "REJECTED KEY_USAGE",
                    [](auto& s) {
                      SetExtension(s, KeyUsageExtension(key_usage::kDigitalSignature, false));
                    }},
        ProfileCase{
            "UsageNonRepudiationOnly", "REJECTED KEY_USAGE",
            [](auto& s) { SetExtension(s, KeyUsageExtension(key_usage::kNonRepudiation)); }},
        ProfileCase{"UsageOfSigning", "REJECTED KEY_USAGE",
                    [](auto& s) {
                      SetExtension(s, KeyUsageExtension(key_usage::kDigitalSignature |
                                                        key_usage::kNonRepudiation));
                    }},
        ProfileCase{"UsageCertSign", "REJECTED KEY_USAGE",
                    [](auto& s) { SetExtension(s, KeyUsageExtension(key_usage::kKeyCertSign)); }},
        ProfileCase{"UsageDecipherOnlyBit", "REJECTED KEY_USAGE",
                    [](auto& s) { SetExtension(s, KeyUsageExtension(0x8080)); }},
        ProfileCase{
            "CaTrue", "REJECTED KEY_USAGE",
            [](auto& s) {
              SetExtension(s, {"2.5.29.19", true, DerSequence({DerTlv(der::kBoolean, "\xff")})});
            }},
        ProfileCase{"CaFalse", "ACCEPTED NONE",
                    [](auto& s) {
                      SetExtension(s, {"2.5.29.19", true, DerSequence({})});
                    }},
        ProfileCase{
            "ServerAuthOnly", "REJECTED KEY_USAGE",
            [](auto& s) {
              SetExtension(s, {"2.5.29.37", false, DerSequence({DerOid("1.3.6.1.5.5.7.3.1")})});
            }},
        ProfileCase{
            "ClientAuth", "ACCEPTED NONE",
            [](auto& s) {
              SetExtension(s, {"2.5.29.37", true, DerSequence({DerOid("1.3.6.1.5.5.7.3.2")})});
            }},
        ProfileCase{"UnknownCritical", "REJECTED EXTENSION",
                    [](auto& s) {
                      SetExtension(s, {"1.2.3.4", true, DerInteger(1)});
                    }},
        ProfileCase{"KeyIdentifierCritical", "REJECTED EXTENSION",
                    [](auto& s) {
                      for (ExtensionSpec& e : s.extensions)
                        e.critical |= e.oid == kAuthorityKeyIdOid;
                    }},
        ProfileCase{"SubjectKeyIdentifierCritical", "REJECTED EXTENSION",
                    [](auto& s) {
                      SetExtension(s, {"2.5.29.14", true, DerTlv(der::kOctetString, "id")});
                    }},
        ProfileCase{"UnknownNotCritical", "ACCEPTED NONE",
                    [](auto& s) {
                      SetExtension(s, {"1.2.3.4", false, "any octets"});
                    }},
        ProfileCase{"NameConstraints", "REJECTED EXTENSION",
                    [](auto& s) {
                      SetExtension(s, {"2.5.29.30", false, DerSequence({})});
                    }},
        ProfileCase{"PolicyConstraints", "REJECTED EXTENSION",
                    [](auto& s) {
                      SetExtension(s, {"2.5.29.36", true, DerSequence({})});
                    }},
        ProfileCase{"NoAuthorityKeyId", "ACCEPTED NONE",
                    [](auto& s) { RemoveExtension(s, kAuthorityKeyIdOid); }},
        ProfileCase{"PointWithReasons", "REJECTED EXTENSION",
                    [](auto& s) {
                      const std::string name = DerTlv(0xa0, DerTlv(0xa0, MunicipalityPoint(kCity)));
                      SetExtension(s,
                                   {kPoints, false,
                                    DerSequence({DerSequence(
                                        {name, DerTlv(0x81, std::string_view("\x01\x40", 2))})})});
                    }},
        ProfileCase{"Rsa1024", "REJECTED KEY",
                    [](auto& s) { s.public_key = RawRsaSpki(OddModulus(128), 65537); }},
        ProfileCase{"Rsa2047", "REJECTED KEY",
                    [](auto& s) {
                      std::string modulus = OddModulus(256);
                      modulus[0] = '\x71';
                      s.public_key = RawRsaSpki(modulus, 65537);
                    }},
        ProfileCase{"Rsa3072", "REJECTED KEY",
                    [](auto& s) { s.public_key = RawRsaSpki(OddModulus(384), 65537); }},
        ProfileCase{"Rsa16384", "REJECTED KEY",
                    [](auto& s) { s.public_key = RawRsaSpki(OddModulus(2048), 65537); }},
        ProfileCase{"Exponent1", "REJECTED KEY",
                    [](auto& s) { s.public_key = RawRsaSpki(OddModulus(256), 1); }},
        ProfileCase{"Exponent3", "REJECTED KEY",
                    [](auto& s) { s.public_key = RawRsaSpki(OddModulus(256), 3); }},
        ProfileCase{"ExponentEven", "REJECTED KEY",
                    [](auto& s) { s.public_key = RawRsaSpki(OddModulus(256), 65536); }},
        ProfileCase{"ModulusEven", "REJECTED KEY",
                    [](auto& s) {
                      std::string modulus = OddModulus(256);
                      modulus.back() = '\x5a';
                      s.public_key = RawRsaSpki(modulus, 65537);
                    }},
        ProfileCase{"ModulusNegative", "REJECTED MALFORMED",
                    [](auto& s) {
                      const std::string numbers =
                          DerSequence({DerTlv(der::kInteger, OddModulus(256)), DerInteger(65537)});
                      s.public_key = DerSequence(
                          {DerSequence({DerOid("1.2.840.113549.1.1.1"), DerTlv(der::kNull, "")}),
                           DerBitString(numbers)});
                    }},
        ProfileCase{"EcNotEnabled", "REJECTED KEY",
                    [](auto& s) { s.public_key = PrivateKey::GenerateP384().PublicKeyDer(); }},
        ProfileCase{"EcExplicitParameters", "REJECTED KEY",
                    [](auto& s) {
                      s.public_key =
                          DerSequence({DerSequence({DerOid("1.2.840.10045.2.1"), DerSequence({})}),
                                       DerBitString(std::string(65, '\x04'))});
                    }},
        ProfileCase{"Ed25519", "REJECTED KEY",
                    [](auto& s) {
                      s.public_key = DerSequence({DerSequence({DerOid("1.3.101.112")}),
                                                  DerBitString(std::string(32, '\x07'))});
                    }}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(CardKey, RefusesPointThatIsNotOnItsCurveEvenUnasked) {
  Circumstances circumstances;
  circumstances.policy.algorithms.push_back({KeyType::kEc, 256, DigestKind::kSha256});
  CertificateSpec spec = DefaultCertificate();
  spec.public_key = PrivateKey::GenerateP256().PublicKeyDer();
  const RevocationSnapshot revocations = FreshSnapshot(Now());
  const auto judge = [&] {
    return Describe(VerifyCardCertificate(AsBytes(Signed(spec)), *CardPki::Get().store,
                                          &revocations, circumstances.policy, Now(),
                                          Medium::kCard));
  };
  EXPECT_EQ(judge(), "ACCEPTED NONE");
  spec.public_key.back() ^= 1;
  EXPECT_EQ(judge(), "REJECTED KEY");
}

}  // namespace
}  // namespace kakunin::auth
