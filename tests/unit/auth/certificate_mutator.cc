#include "certificate_mutator.h"

#include <algorithm>

#include "auth/oid.h"
#include "card_pki.h"

namespace kakunin::auth {
namespace {

constexpr const char* kSubjectKeyId = "2.5.29.14";
constexpr const char* kKeyUsage = "2.5.29.15";
constexpr const char* kSubjectAltName = "2.5.29.17";
constexpr const char* kBasicConstraints = "2.5.29.19";
constexpr const char* kPoints = "2.5.29.31";
constexpr const char* kPolicies = "2.5.29.32";
constexpr const char* kAuthorityKeyId = "2.5.29.35";
constexpr const char* kExtendedKeyUsage = "2.5.29.37";
constexpr const char* kCardPolicy = "1.2.392.200149.8.5.1.3.30";

void Put(CertificateSpec& spec, ExtensionSpec replacement) {
  for (ExtensionSpec& extension : spec.extensions) {
    if (extension.oid == replacement.oid) {
      extension = std::move(replacement);
      return;
    }
  }
  spec.extensions.push_back(std::move(replacement));
}

void Remove(CertificateSpec& spec, std::string_view oid) {
  std::erase_if(spec.extensions, [&](const ExtensionSpec& e) { return e.oid == oid; });
}

ExtensionSpec Policies(const std::vector<const char*>& oids, bool critical = false) {
  std::string content;
  for (const char* oid : oids) content += DerSequence({DerOid(oid)});
  return {kPolicies, critical, DerTlv(der::kSequence, content)};
}

std::string Point(std::string_view general_names) {
  return DerSequence(
      {DerTlv(der::ContextConstructed(0), DerTlv(der::ContextConstructed(0), general_names))});
}

ExtensionSpec Points(const std::string& points) {
  return {kPoints, false, DerTlv(der::kSequence, points)};
}

// A key nobody holds: only its form is looked at.
std::string RsaKey(size_t octets, uint8_t first, uint8_t last, uint64_t exponent) {
  std::string modulus(octets, '\x5b');
  modulus.front() = static_cast<char>(first);
  modulus.back() = static_cast<char>(last);
  return DerSequence({DerSequence({DerOid("1.2.840.113549.1.1.1"), DerTlv(der::kNull, "")}),
                      DerBitString(DerSequence({DerUnsigned(modulus), DerInteger(exponent)}))});
}

const std::string& EcKey(int bits) {
  static const std::string p256 = PrivateKey::GenerateP256().PublicKeyDer();
  static const std::string p384 = PrivateKey::GenerateP384().PublicKeyDer();
  return bits == 256 ? p256 : p384;
}

DigestKind DigestOf(const PrivateKey& key) {
  return key.bits() == 384 ? DigestKind::kSha384 : DigestKind::kSha256;
}

void PointAtIssuer(CertificateSpec& spec, size_t issuer) {
  const std::string& key_id = DifferentialWorld::Get().issuers[issuer].subject_key_id;
  Put(spec, {kAuthorityKeyId, false, DerSequence({DerTlv(der::ContextPrimitive(0), key_id)})});
}

constexpr std::string_view kFlippedNote = "flip octets";

}  // namespace

// Good cards of each kind that the policy knows.
const std::vector<CertificateMutator::NamedChange>& CertificateMutator::Seeds() {
  static const std::vector<NamedChange> seeds = {
      {"default", [](Draft&, Dice&) {}},
      {"other generation",
       [](Draft& d, Dice& dice) {
         d.issuer = dice.Below(2);
         PointAtIssuer(d.spec, d.issuer);
       }},
      {"no key id", [](Draft& d, Dice&) { Remove(d.spec, kAuthorityKeyId); }},
      {"P-256 key", [](Draft& d, Dice&) { d.spec.public_key = EcKey(256); }},
      {"all of P-384",
       [](Draft& d, Dice&) {
         d.issuer = DifferentialWorld::kFullCrl;
         d.spec.public_key = EcKey(384);
         Remove(d.spec, kPoints);
         PointAtIssuer(d.spec, d.issuer);
       }},
      {"every extension we know",
       [](Draft& d, Dice&) {
         Put(d.spec, {kBasicConstraints, true, DerSequence({})});
         Put(d.spec, {kSubjectKeyId, false, DerTlv(der::kOctetString, "a key's id")});
         Put(d.spec, {kExtendedKeyUsage, false, DerSequence({DerOid("1.3.6.1.5.5.7.3.2")})});
         Put(d.spec, {kSubjectAltName, false,
                      DerSequence({MunicipalityPoint(kCity),
                                   DerTlv(der::ContextPrimitive(6), "https://example.jp/")})});
       }},
      {"long serial and years past 2050",
       [](Draft& d, Dice&) {
         d.spec.serial = SerialNumber::FromBigEndian(AsBytes("twelve bytes")).value();
         d.spec.not_after = At("2051-02-17T14:59:59Z");
       }},
  };
  return seeds;
}

const std::vector<CertificateMutator::NamedChange>& CertificateMutator::Changes() {
  static const std::vector<NamedChange> changes = {
      // What changes nothing that counts.
      {"serial",
       [](Draft& d, Dice& dice) {
         std::string octets(1 + dice.Below(SerialNumber::kMaxBytes - 1), '\x31');
         octets.front() = static_cast<char>(1 + dice.Below(127));
         d.spec.serial = SerialNumber::FromBigEndian(AsBytes(octets)).value();
       }},
      {"subject",
       [](Draft& d, Dice& dice) {
         d.spec.subject = MakeName(
             {{kOidCountry, "JP"}, {kOidCommonName, std::string(1 + dice.Below(80), 'N')}});
       }},
      {"unknown extension",
       [](Draft& d, Dice& dice) {
         Put(d.spec, {"1.2.3.4." + std::to_string(dice.Below(9)), false, "any octets"});
       }},
      {"order of extensions",
       [](Draft& d, Dice& dice) {
         for (ExtensionSpec& e : d.spec.extensions) std::swap(e, dice.Of(d.spec.extensions));
       }},
      {"validity",
       [](Draft& d, Dice& dice) {
         d.spec.not_before = Now() - absl::Hours(1 + dice.Below(20'000));
         d.spec.not_after = Now() + absl::Hours(1 + dice.Below(200'000));
       }},
      {"policy critical", [](Draft& d, Dice&) { Put(d.spec, Policies({kCardPolicy}, true)); }},
      {"CA false",
       [](Draft& d, Dice&) {
         Put(d.spec, {kBasicConstraints, true, DerSequence({})});
       }},
      // What is refused.
      {"critical extension",
       [](Draft& d, Dice&) {
         Put(d.spec, {"1.2.3.4", true, DerInteger(1)});
       }},
      {"path constraint",
       [](Draft& d, Dice& dice) {
         constexpr const char* kOids[] = {"2.5.29.30", "2.5.29.33", "2.5.29.36", "2.5.29.54"};
         const char* oid = dice.Of(kOids);
         const bool number = std::string_view(oid).ends_with("54");
         Put(d.spec,
             {oid, dice.Percent(50),
              number ? DerInteger(0)
                     : DerSequence({DerTlv(der::ContextPrimitive(0), std::string_view("\0", 1))})});
       }},
      {"drop extension",
       [](Draft& d, Dice& dice) {
         const std::string oid = dice.Of(d.spec.extensions).oid;
         Remove(d.spec, oid);
       }},
      {"repeat extension",
       [](Draft& d, Dice& dice) { d.spec.extensions.push_back(dice.Of(d.spec.extensions)); }},
      {"criticality",
       [](Draft& d, Dice& dice) {
         ExtensionSpec& extension = dice.Of(d.spec.extensions);
         extension.critical = !extension.critical;
       }},
      {"another policy",
       [](Draft& d, Dice& dice) {
         const std::vector<const char*> kSets[] = {{"1.2.392.200149.8.5.1.1.20"},
                                                   {"1.2.392.200149.8.5.1.0.30"},
                                                   {"2.5.29.32.0"},
                                                   {kCardPolicy, "2.5.29.32.0"},
                                                   {"1.2.392.200149.8.5.1.3.30.1"},
                                                   {"1.2.392.200149.8.5.1.3"},
                                                   {kCardPolicy, "1.2.3.4"},
                                                   {kCardPolicy, kCardPolicy}};
         Put(d.spec, Policies(dice.Of(kSets)));
       }},
      {"key usage",
       [](Draft& d, Dice& dice) {
         Put(d.spec, KeyUsageExtension(static_cast<uint16_t>((1 + dice.Below(511)) << 7),
                                       dice.Percent(90)));
       }},
      {"CA true",
       [](Draft& d, Dice&) {
         Put(d.spec, {kBasicConstraints, true, DerSequence({DerTlv(der::kBoolean, "\xff")})});
       }},
      {"extended key usage",
       [](Draft& d, Dice& dice) {
         const std::string purpose = "1.3.6.1.5.5.7.3." + std::to_string(1 + dice.Below(4));
         Put(d.spec, {kExtendedKeyUsage, dice.Percent(50), DerSequence({DerOid(purpose)})});
       }},
      {"key",
       [](Draft& d, Dice& dice) {
         const std::string kKeys[] = {RsaKey(128, 0xc1, 0x5b, 65537),
                                      RsaKey(256, 0x71, 0x5b, 65537),
                                      RsaKey(384, 0xc1, 0x5b, 65537),
                                      RsaKey(512, 0xc1, 0x5b, 65537),
                                      RsaKey(256, 0xc1, 0x5b, 1),
                                      RsaKey(256, 0xc1, 0x5b, 3),
                                      RsaKey(256, 0xc1, 0x5b, 65536),
                                      RsaKey(256, 0xc1, 0x5a, 65537),
                                      RsaKey(256, 0xc1, 0x5b, 65537),
                                      EcKey(256),
                                      EcKey(384),
                                      RsaKey(2048, 0xc1, 0x5b, 65537)};
         d.spec.public_key = dice.Of(kKeys);
       }},
      {"key of no kind",
       [](Draft& d, Dice& dice) {
         const std::string parameters = dice.Percent(50) ? DerOid("1.3.132.0.10") : DerSequence({});
         d.spec.public_key =
             dice.Percent(50) ? DerSequence({DerSequence({DerOid("1.2.840.10045.2.1"), parameters}),
                                             DerBitString(std::string(65, '\x04'))})
                              : DerSequence({DerSequence({DerOid("1.3.101.112")}),
                                             DerBitString(std::string(32, '\x07'))});
       }},
      {"raw serial",
       [](Draft& d, Dice& dice) {
         const std::string kSerials[] = {std::string(1, '\0'), "\xff", std::string("\0\x01", 2),
                                         std::string(21, '\x11'),
                                         std::string(1, '\0') + std::string(20, '\xee')};
         d.spec.raw_serial = dice.Of(kSerials);
       }},
      {"revoked serial",
       [](Draft& d, Dice& dice) {
         d.spec.serial = dice.Percent(70) ? SerialNumber(kRevokedSerial) : RevokedLongSerial();
       }},
      {"not yet valid",
       [](Draft& d, Dice& dice) { d.spec.not_before = Now() + absl::Hours(100 + dice.Below(90)); }},
      {"expired",
       [](Draft& d, Dice& dice) { d.spec.not_after = Now() - absl::Hours(25 + dice.Below(6000)); }},
      {"raw times",
       [](Draft& d, Dice& dice) {
         constexpr const char* kTimes[] = {
             "2510270230Z",       "251027023000+0900", "251327023000Z",
             "250230023000Z",     "251027023060Z",     "20251027023000Z",
             "20251027023000.5Z", "20510217145959Z",   "501027023000Z"};
         const std::string text = dice.Of(kTimes);
         const uint8_t tag = text.starts_with("20") ? der::kGeneralizedTime : der::kUtcTime;
         d.spec.raw_validity = dice.Percent(50) ? DerTlv(tag, text) + DerTime(d.spec.not_after)
                                                : DerTime(d.spec.not_before) + DerTlv(tag, text);
       }},
      {"version", [](Draft& d, Dice& dice) { d.spec.version = static_cast<int>(dice.Below(4)); }},
      {"another point",
       [](Draft& d, Dice& dice) {
         const std::string right = MunicipalityPoint(kCity);
         const std::string other = MunicipalityPoint("01100");
         const std::string uri = DerTlv(der::ContextPrimitive(6), "http://crl.example.jp/a.crl");
         const std::string name =
             DerTlv(der::ContextConstructed(0), DerTlv(der::ContextConstructed(0), right));
         const std::string kPointSets[] = {
             Point(other),
             Point(uri),
             Point(uri + right),
             Point(right + other),
             Point(right) + Point(other),
             Point(other) + Point(right),
             DerSequence({name, DerTlv(0x81, std::string_view("\x01\x40", 2))}),
             DerSequence({name, DerTlv(0xa2, DerTlv(0xa4, JpkiAuthenticationName()))})};
         Put(d.spec, Points(dice.Of(kPointSets)));
       }},
      {"key id of another generation",
       [](Draft& d, Dice& dice) {
         PointAtIssuer(d.spec, dice.Below(DifferentialWorld::kIssuers));
       }},
      {"unpinned issuer",
       [](Draft& d, Dice& dice) {
         d.issuer = dice.Percent(50) ? DifferentialWorld::kImpostor : DifferentialWorld::kSigning;
       }},
      {"ended issuer",
       [](Draft& d, Dice&) {
         d.issuer = DifferentialWorld::kEnded;
         PointAtIssuer(d.spec, d.issuer);
       }},
      {"another digest",
       [](Draft& d, Dice&) {
         d.spec.digest =
             d.issuer == DifferentialWorld::kFullCrl ? DigestKind::kSha256 : DigestKind::kSha384;
       }},
      {"another algorithm",
       [](Draft& d, Dice& dice) {
         constexpr const char* kOids[] = {"1.2.840.113549.1.1.5", "1.2.840.113549.1.1.4",
                                          "1.2.840.113549.1.1.10", "1.2.840.113549.1.1.12",
                                          "1.2.840.10045.4.3.2"};
         const std::string algorithm =
             DerSequence({DerOid(dice.Of(kOids)), DerTlv(der::kNull, "")});
         const size_t where = dice.Below(3);
         if (where != 0) d.spec.raw_inner_algorithm = algorithm;
         if (where != 1) d.outer_algorithm = algorithm;
       }},
  };
  return changes;
}

CertificateMutator::CertificateMutator(uint64_t seed)
    : world_(DifferentialWorld::Get()), dice_(seed), throwaway_key_(PrivateKey::GenerateP256()) {}

std::string CertificateMutator::Encode(const Draft& draft, std::string& recipe) {
  const Authority& issuer = world_.issuers[draft.issuer];
  const std::string algorithm = SignatureAlgorithmDer(issuer.key.type(), draft.spec.digest);
  CertificateSpec spec = draft.spec;
  if (spec.raw_inner_algorithm.empty()) spec.raw_inner_algorithm = algorithm;
  // Taken apart at once: the throwaway key's signature is dropped.
  DerNode tree = DerNode::Parse(IssueCertificate(spec, issuer.subject, throwaway_key_));
  DerNode& tbs = tree.children[0];
  for (size_t changes = dice_.Percent(50) ? 0 : 1 + dice_.Below(2); changes > 0; --changes) {
    recipe += ", " + MutateSomewhere(tbs, dice_);
  }
  const std::string signed_octets = tbs.Encode();
  return DerSequence({signed_octets,
                      draft.outer_algorithm.empty() ? algorithm : draft.outer_algorithm,
                      DerBitString(issuer.key.Sign(signed_octets, draft.spec.digest))});
}

Mutant CertificateMutator::Next() {
  const NamedChange& seed = dice_.Of(Seeds());
  Draft draft;
  draft.spec = DefaultCertificate();
  PointAtIssuer(draft.spec, draft.issuer);
  seed.apply(draft, dice_);
  draft.spec.digest = DigestOf(world_.issuers[draft.issuer].key);
  Mutant mutant;
  mutant.recipe = seed.name;
  for (size_t changes = dice_.Below(3); changes > 0; --changes) {
    const NamedChange& change = dice_.Of(Changes());
    const size_t issuer = draft.issuer;
    change.apply(draft, dice_);
    if (draft.issuer != issuer) draft.spec.digest = DigestOf(world_.issuers[draft.issuer].key);
    mutant.recipe += std::string(", ") + change.name;
  }
  mutant.der = Encode(draft, mutant.recipe);
  if (dice_.Percent(8)) {
    mutant.recipe += std::string(", ") + std::string(kFlippedNote);
    for (size_t flips = 1 + dice_.Below(3); flips > 0; --flips) {
      mutant.der[dice_.Below(mutant.der.size())] ^= static_cast<char>(1u << dice_.Below(8));
    }
  } else if (dice_.Percent(3)) {
    mutant.recipe += ", other size";
    mutant.der.resize(dice_.Below(mutant.der.size() + 20));
  }
  mutant.medium = dice_.Percent(50) ? Medium::kCard : Medium::kPhone;
  constexpr int kHours[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 20, 30, 60, -24};  // CRLs: -2 to 48
  mutant.now = Now() + absl::Hours(dice_.Of(kHours));
  return mutant;
}

}  // namespace kakunin::auth
