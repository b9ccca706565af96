#include "auth/issuance.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include "auth/der_reader.h"
#include "auth/digest.h"
#include "auth/encoding.h"

namespace kakunin::auth {
namespace {

constexpr const char* kOidSubjectKeyId = "2.5.29.14";
constexpr const char* kOidKeyUsage = "2.5.29.15";
constexpr const char* kOidSubjectAltName = "2.5.29.17";
constexpr const char* kOidBasicConstraints = "2.5.29.19";
constexpr const char* kOidDistributionPoints = "2.5.29.31";
constexpr const char* kOidPolicies = "2.5.29.32";
constexpr const char* kOidAuthorityKeyId = "2.5.29.35";
constexpr const char* kOidExtendedKeyUsage = "2.5.29.37";
constexpr const char* kOidServerAuth = "1.3.6.1.5.5.7.3.1";
constexpr const char* kOidClientAuth = "1.3.6.1.5.5.7.3.2";
constexpr const char* kAgency = "Japan Agency for Local Authority Information Systems";
constexpr size_t kKeyIdBytes = 20;

std::string KeyIdOf(std::string_view public_key) {
  return std::string(AsText(Sha256(public_key)).substr(0, kKeyIdBytes));
}

ExtensionSpec AuthorityKeyId(std::string_view key_id) {
  return {kOidAuthorityKeyId, false, DerSequence({DerTlv(der::ContextPrimitive(0), key_id)})};
}

std::string JpkiName(const char* unit) {
  return MakeName({{kOidCountry, "JP"},
                   {kOidOrganization, "JPKI"},
                   {kOidOrganizationalUnit, unit},
                   {kOidOrganizationalUnit, kAgency}});
}

std::string IssueTls(const Authority& issuer, const PrivateKey& key, std::string_view common_name,
                     const std::string& alt_names, const char* purpose, SerialNumber serial,
                     absl::Time not_before, absl::Time not_after) {
  CertificateSpec spec;
  spec.subject = MakeName({{kOidCommonName, std::string(common_name)}});
  spec.serial = serial;
  spec.not_before = not_before;
  spec.not_after = not_after;
  spec.public_key = key.PublicKeyDer();
  spec.extensions = {KeyUsageExtension(key_usage::kDigitalSignature),
                     {kOidExtendedKeyUsage, false, DerSequence({DerOid(purpose)})},
                     AuthorityKeyId(issuer.subject_key_id)};
  if (!alt_names.empty()) {
    spec.extensions.push_back({kOidSubjectAltName, false, DerTlv(der::kSequence, alt_names)});
  }
  return IssueCertificate(spec, issuer.subject, issuer.key);
}

}  // namespace

std::string SignatureAlgorithmDer(KeyType type, DigestKind digest) {
  const bool sha384 = digest == DigestKind::kSha384;
  if (type == KeyType::kEc) {
    return DerSequence({DerOid(sha384 ? "1.2.840.10045.4.3.3" : "1.2.840.10045.4.3.2")});
  }
  return DerSequence(
      {DerOid(sha384 ? "1.2.840.113549.1.1.12" : "1.2.840.113549.1.1.11"), DerTlv(der::kNull, "")});
}

std::string ExtensionListDer(const std::vector<ExtensionSpec>& extensions) {
  std::string content;
  for (const ExtensionSpec& extension : extensions) {
    content += DerSequence({DerOid(extension.oid),
                            extension.critical ? DerTlv(der::kBoolean, "\xff") : std::string(),
                            DerTlv(der::kOctetString, extension.value)});
  }
  return DerTlv(der::kSequence, content);
}

ExtensionSpec KeyUsageExtension(uint16_t bits, bool critical) {
  std::string content(1, '\0');
  content += static_cast<char>(bits >> 8);
  if ((bits & 0xff) != 0) content += static_cast<char>(bits & 0xff);
  int spare = 0;
  while (spare < 7 && (content.back() >> spare & 1) == 0) ++spare;
  content[0] = static_cast<char>(spare);
  return {kOidKeyUsage, critical, DerTlv(der::kBitString, content)};
}

std::string IssueCertificate(const CertificateSpec& spec, std::string_view issuer_name,
                             const PrivateKey& issuer_key) {
  const std::string algorithm = SignatureAlgorithmDer(issuer_key.type(), spec.digest);
  const std::string version =
      spec.version == 0
          ? std::string()
          : DerTlv(der::ContextConstructed(0), DerInteger(static_cast<uint64_t>(spec.version)));
  const std::string serial = spec.raw_serial.empty() ? DerUnsigned(AsText(spec.serial.bytes()))
                                                     : DerTlv(der::kInteger, spec.raw_serial);
  const std::string validity = spec.raw_validity.empty()
                                   ? DerTime(spec.not_before) + DerTime(spec.not_after)
                                   : spec.raw_validity;
  const std::string extensions =
      spec.extensions.empty()
          ? std::string()
          : DerTlv(der::ContextConstructed(3), ExtensionListDer(spec.extensions));
  const std::string tbs = DerSequence(
      {version, serial, spec.raw_inner_algorithm.empty() ? algorithm : spec.raw_inner_algorithm,
       issuer_name, DerTlv(der::kSequence, validity), spec.subject, spec.public_key, extensions});
  return DerSequence({tbs, algorithm, DerBitString(issuer_key.Sign(tbs, spec.digest))});
}

CertificateSpec MakeRootSpec(std::string_view subject, const PrivateKey& key, absl::Time not_before,
                             absl::Time not_after, SerialNumber serial) {
  CertificateSpec spec;
  spec.subject = std::string(subject);
  spec.serial = serial;
  spec.not_before = not_before;
  spec.not_after = not_after;
  spec.public_key = key.PublicKeyDer();
  spec.extensions = {
      KeyUsageExtension(key_usage::kKeyCertSign | key_usage::kCrlSign),
      {kOidBasicConstraints, true, DerSequence({DerTlv(der::kBoolean, "\xff")})},
      {kOidSubjectKeyId, false, DerTlv(der::kOctetString, KeyIdOf(spec.public_key))}};
  return spec;
}

Authority MakeAuthority(std::string_view subject, const PrivateKey& key, absl::Time not_before,
                        absl::Time not_after, SerialNumber serial) {
  return AuthorityFromCertificate(
             key, IssueCertificate(MakeRootSpec(subject, key, not_before, not_after, serial),
                                   subject, key))
      .value();
}

absl::StatusOr<Authority> AuthorityFromCertificate(const PrivateKey& key, std::string der) {
  const std::optional<CertificateView> view = ParseCertificate(AsBytes(der));
  if (!view || !view->subject_key_id || AsText(view->spki) != key.PublicKeyDer()) {
    return absl::InvalidArgumentError("the CA certificate is malformed or of another key");
  }
  std::string subject(AsText(view->subject));
  std::string subject_key_id(AsText(*view->subject_key_id));
  return Authority{key, std::move(subject), std::move(der), std::move(subject_key_id)};
}

std::string JpkiAuthenticationName() { return JpkiName("JPKI for user authentication"); }

std::string JpkiSigningName() { return JpkiName("JPKI for digital signature"); }

std::string MunicipalityPoint(std::string_view municipality_code) {
  const std::string code(municipality_code);
  return DerTlv(der::ContextConstructed(4),
                MakeName({{kOidCountry, "JP"},
                          {kOidOrganization, "JPKI"},
                          {kOidOrganizationalUnit, kAgency},
                          {kOidOrganizationalUnit, "CRL Distribution Points"},
                          {kOidOrganizationalUnit, "Prefecture-" + code.substr(0, 2)},
                          {kOidCommonName, "City-" + code + " CRLDP"}}));
}

CertificateSpec MakeCardSpec(const CardSpec& card, const Authority& issuer,
                             std::string_view public_key) {
  CertificateSpec spec;
  spec.subject = MakeName({{kOidCountry, "JP"}, {kOidCommonName, card.common_name}});
  spec.serial = card.serial;
  spec.not_before = card.not_before;
  spec.not_after = card.not_after;
  spec.public_key = std::string(public_key);
  spec.extensions = {KeyUsageExtension(key_usage::kDigitalSignature),
                     {kOidPolicies, false, DerSequence({DerSequence({DerOid(card.policy_oid)})})}};
  if (!card.municipality_code.empty()) {
    const std::string full_name =
        DerTlv(der::ContextConstructed(0), MunicipalityPoint(card.municipality_code));
    spec.extensions.push_back(
        {kOidDistributionPoints, false,
         DerSequence({DerSequence({DerTlv(der::ContextConstructed(0), full_name)})})});
  }
  if (card.authority_key_id == AuthorityKeyIdForm::kKeyId) {
    spec.extensions.push_back(AuthorityKeyId(issuer.subject_key_id));
  }
  return spec;
}

std::string IssueCard(const CardSpec& card, const Authority& issuer, std::string_view public_key) {
  return IssueCertificate(MakeCardSpec(card, issuer, public_key), issuer.subject, issuer.key);
}

std::string MakeCardCommonName(std::string_view municipality_code, uint64_t serial) {
  // Shape of the one observed name: 9 characters, A, 2 to 6 more, the municipality, 3 digits, A.
  constexpr std::string_view kDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  const Sha256Digest digest = Sha256(fmt::format("{} {}", municipality_code, serial));
  std::string name;
  for (size_t i = 0; i < 14; ++i) name += kDigits[digest[i] % kDigits.size()];
  return name + fmt::format("{:0>5}{:03}A", municipality_code, digest[14] % 1000);
}

std::string IssueServer(const Authority& issuer, const PrivateKey& key,
                        const std::vector<std::string>& dns_names,
                        const std::vector<std::string>& ip_addresses, SerialNumber serial,
                        absl::Time not_before, absl::Time not_after) {
  std::string names;
  for (const std::string& dns : dns_names) names += DerTlv(der::ContextPrimitive(2), dns);
  for (const std::string& text : ip_addresses) {
    in_addr address{};
    if (inet_pton(AF_INET, text.c_str(), &address) != 1) continue;
    names += DerTlv(der::ContextPrimitive(7),
                    {reinterpret_cast<const char*>(&address), sizeof(address)});
  }
  const std::string common_name = dns_names.empty() ? "server" : dns_names.front();
  return IssueTls(issuer, key, common_name, names, kOidServerAuth, serial, not_before, not_after);
}

std::string IssueClient(const Authority& issuer, const PrivateKey& key,
                        const std::vector<std::string>& uris, std::string_view common_name,
                        SerialNumber serial, absl::Time not_before, absl::Time not_after) {
  std::string names;
  for (const std::string& uri : uris) names += DerTlv(der::ContextPrimitive(6), uri);
  return IssueTls(issuer, key, common_name, names, kOidClientAuth, serial, not_before, not_after);
}

SerialNumber RandomSerial() {
  std::array<uint8_t, 8> octets = RandomArray<8>();
  octets[0] = static_cast<uint8_t>(0x40 | (octets[0] & 0x3f));  // positive, always 8 octets
  return *SerialNumber::FromBigEndian(octets);
}

std::string CertificatePem(std::string_view der) { return PemEncode("CERTIFICATE", der); }

std::string CrlPem(std::string_view der) { return PemEncode("X509 CRL", der); }

}  // namespace kakunin::auth
