#pragma once

#include <cstdint>
#include <optional>

#include "auth/der_reader.h"
#include "auth/oid.h"
#include "auth/public_key.h"
#include "auth/serial_number.h"

namespace kakunin::auth {

// kMaxCertificateBytes bounds what is looked at (jpki.md 6 row 29).
inline constexpr size_t kMaxCertificateBytes = 8192;
// kMaxExtensions bounds the duplicate check (jpki.md 6 row 31).
inline constexpr int kMaxExtensions = 32;

// KeyUsageBits are the named bits of RFC 5280 4.2.1.3, first bit highest.
namespace key_usage {
inline constexpr uint16_t kDigitalSignature = 0x8000;
inline constexpr uint16_t kNonRepudiation = 0x4000;
inline constexpr uint16_t kKeyEncipherment = 0x2000;
inline constexpr uint16_t kDataEncipherment = 0x1000;
inline constexpr uint16_t kKeyAgreement = 0x0800;
inline constexpr uint16_t kKeyCertSign = 0x0400;
inline constexpr uint16_t kCrlSign = 0x0200;
}  // namespace key_usage

// CertificateView is a strictly parsed X.509 v3 certificate. Every view points into the DER given
// to ParseCertificate, which must outlive it. Parsing allocates nothing and trusts nothing: what
// the fields mean for a verdict is decided by the caller.
struct CertificateView {
  DerBytes tbs;  // encoded TBSCertificate: the signed octets
  SerialNumber serial;
  DerBytes issuer;         // encoded Name
  DerBytes subject;        // encoded Name
  int64_t not_before = 0;  // seconds since the epoch, first second of validity
  int64_t not_after = 0;   // seconds since the epoch, last second of validity
  DerBytes spki;           // encoded SubjectPublicKeyInfo
  PublicKeyView key;
  SignatureAlgorithm signature_algorithm;    // the outer one
  bool signature_algorithms_differ = false;  // inner and outer octets differ
  DerBytes signature;

  // Extensions; absent ones are nullopt.
  std::optional<DerBytes> authority_key_id;  // keyIdentifier octets
  std::optional<DerBytes> subject_key_id;
  std::optional<uint16_t> key_usage;
  bool key_usage_critical = false;
  bool has_basic_constraints = false;
  bool basic_constraints_critical = false;
  bool is_ca = false;
  std::optional<int64_t> path_length;
  std::optional<DerBytes> certificate_policies;  // content: PolicyInformation elements
  std::optional<DerBytes> distribution_points;   // content: DistributionPoint elements
  std::optional<DerBytes> extended_key_usage;    // content: OID elements
  bool extended_key_usage_critical = false;
  std::optional<DerBytes> subject_alt_names;  // content: GeneralName elements
  bool has_unknown_critical = false;          // or a key identifier that is critical
  bool has_path_constraints = false;          // nameConstraints, policyConstraints, policyMappings,
                                              // inhibitAnyPolicy, critical or not
};

// ParseCertificate reads exactly one DER certificate of at most kMaxCertificateBytes. nullopt for
// anything that is not strict DER, not version 3, or breaks RFC 5280's syntax (duplicate
// extension, serial not in 1..2^159, unique identifiers, malformed extension it knows).
std::optional<CertificateView> ParseCertificate(DerBytes der);

// DistributionPointName picks the name that identifies a CRL partition from the content of a
// DistributionPointName's fullName: the first directoryName, else the first URI, as its whole
// encoded GeneralName.
std::optional<DerBytes> DistributionPointName(DerBytes full_name_content);

// PartitionOf returns the partition name of the first distribution point: empty when the
// certificate names none (then a full CRL is meant). nullopt when it asks for something this
// service refuses: reasons, a foreign CRL issuer, or a name relative to the issuer.
std::optional<DerBytes> PartitionOf(const CertificateView& certificate);

}  // namespace kakunin::auth
