#pragma once

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auth/certificate.h"
#include "auth/der_writer.h"
#include "auth/private_key.h"
#include "auth/serial_number.h"

namespace kakunin::auth {

// Everything here serves dev, the demo, tests and, for terminals' certificates, `kakunin ca` on the
// operator's host: no server has a key of the service's real issuers.

// AuthorityKeyIdForm is how a leaf points to its issuer's key; JPKI's form is not known
// (jpki.md 1.3).
enum class AuthorityKeyIdForm { kAbsent, kKeyId };

// ExtensionSpec is one extension: OID dotted, value is the DER inside the OCTET STRING.
struct ExtensionSpec {
  std::string oid;
  bool critical = false;
  std::string value;
};

// KeyUsageExtension builds keyUsage from the bits of certificate.h.
ExtensionSpec KeyUsageExtension(uint16_t bits, bool critical = true);

// ExtensionListDer encodes `SEQUENCE OF Extension`.
std::string ExtensionListDer(const std::vector<ExtensionSpec>& extensions);

// SignatureAlgorithmDer encodes the AlgorithmIdentifier of a signature by such a key.
std::string SignatureAlgorithmDer(KeyType type, DigestKind digest);

// CertificateSpec is everything in a certificate, plain, so that a test changes one field.
struct CertificateSpec {
  std::string subject;  // encoded Name, see MakeName
  SerialNumber serial{1};
  absl::Time not_before;
  absl::Time not_after;
  std::string public_key;  // encoded SubjectPublicKeyInfo
  std::vector<ExtensionSpec> extensions;
  DigestKind digest = DigestKind::kSha256;
  int version = 2;  // the encoded number: 2 is v3
  // Raw replacements for malformed certificates; empty: the right one.
  std::string raw_serial;           // INTEGER content
  std::string raw_validity;         // content of Validity
  std::string raw_inner_algorithm;  // encoded AlgorithmIdentifier
};

// Authority is a CA: name, key and its own certificate.
struct Authority {
  PrivateKey key;
  std::string subject;  // encoded Name
  std::string certificate_der;
  std::string subject_key_id;  // SHA-1-free: first 20 octets of SHA-256 of the SPKI
};

// IssueCertificate signs a certificate exactly as the spec says and returns its DER. With RSA-2048
// about 0.7 ms.
std::string IssueCertificate(const CertificateSpec& spec, std::string_view issuer_name,
                             const PrivateKey& issuer_key);

// MakeRootSpec is a self-signed root: keyUsage keyCertSign + cRLSign and CA:TRUE critical, SKI, no
// AKI, no policies (jpki.md 1.1).
CertificateSpec MakeRootSpec(std::string_view subject, const PrivateKey& key, absl::Time not_before,
                             absl::Time not_after, SerialNumber serial = SerialNumber(1));

// MakeAuthority issues MakeRootSpec with its own key.
Authority MakeAuthority(std::string_view subject, const PrivateKey& key, absl::Time not_before,
                        absl::Time not_after, SerialNumber serial = SerialNumber(1));

// AuthorityFromCertificate rebuilds an authority from its stored key and certificate.
// INVALID_ARGUMENT when they do not belong together.
absl::StatusOr<Authority> AuthorityFromCertificate(const PrivateKey& key,
                                                   std::string certificate_der);

// JpkiAuthenticationName and JpkiSigningName are the DNs of the two hierarchies (jpki.md 1.1):
// every generation has the same.
std::string JpkiAuthenticationName();
std::string JpkiSigningName();

// MunicipalityPoint is the encoded GeneralName of one municipality's distribution point, by its
// 5-digit code (the form is inferred, jpki.md 1.5).
std::string MunicipalityPoint(std::string_view municipality_code);

// CardSpec is what varies in a user-authentication certificate.
struct CardSpec {
  SerialNumber serial;
  std::string common_name;        // about 23 characters, see MakeCardCommonName
  std::string municipality_code;  // 5 digits; empty: no distribution point
  absl::Time not_before;
  absl::Time not_after;
  std::string policy_oid = "1.2.392.200149.8.5.1.3.30";
  AuthorityKeyIdForm authority_key_id = AuthorityKeyIdForm::kKeyId;
};

// MakeCardSpec is a JPKI-shaped leaf for a key (encoded SubjectPublicKeyInfo).
CertificateSpec MakeCardSpec(const CardSpec& card, const Authority& issuer,
                             std::string_view public_key);

// IssueCard is MakeCardSpec signed by the issuer.
std::string IssueCard(const CardSpec& card, const Authority& issuer, std::string_view public_key);

// MakeCardCommonName is a name of the observed shape: 23 characters, the 5-digit municipality code
// inside, a letter at the end (jpki.md 1.3). Depends on the arguments only.
std::string MakeCardCommonName(std::string_view municipality_code, uint64_t serial);

// IssueServer makes a TLS server certificate (EKU serverAuth) with DNS and IPv4 names, such as
// "localhost" and "127.0.0.1".
std::string IssueServer(const Authority& issuer, const PrivateKey& key,
                        const std::vector<std::string>& dns_names,
                        const std::vector<std::string>& ip_addresses, SerialNumber serial,
                        absl::Time not_before, absl::Time not_after);

// IssueClient makes a TLS client certificate (EKU clientAuth) with these URI SANs: exactly one, a
// peer name, in anything but a test of refusals.
std::string IssueClient(const Authority& issuer, const PrivateKey& key,
                        const std::vector<std::string>& uris, std::string_view common_name,
                        SerialNumber serial, absl::Time not_before, absl::Time not_after);

// RandomSerial is a positive serial of 8 octets.
SerialNumber RandomSerial();

// CertificatePem and CrlPem wrap DER.
std::string CertificatePem(std::string_view der);
std::string CrlPem(std::string_view der);

}  // namespace kakunin::auth
