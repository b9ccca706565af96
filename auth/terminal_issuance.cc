#include "auth/terminal_issuance.h"

#include "auth/certificate.h"
#include "auth/der_reader.h"
#include "auth/der_writer.h"
#include "auth/encoding.h"
#include "auth/public_key.h"

namespace kakunin::auth {
namespace {

constexpr const char* kOidSubjectAltName = "2.5.29.17";
constexpr const char* kOidBasicConstraints = "2.5.29.19";
constexpr const char* kOidAuthorityKeyId = "2.5.29.35";
constexpr const char* kOidExtendedKeyUsage = "2.5.29.37";
constexpr const char* kOidClientAuth = "1.3.6.1.5.5.7.3.2";
constexpr char kLabel[] = "CERTIFICATE";

std::string UriName(const PeerName& name) {
  return DerTlv(der::ContextPrimitive(6), FormatPeerName(name));
}

// Whether `issuer` signed `leaf`, and may: a CA that counts now and at the leaf's last second.
bool IsIssuedBy(const CertificateView& leaf, const CertificateView& issuer, int64_t now) {
  if (!issuer.is_ca || issuer.has_path_constraints || issuer.has_unknown_critical ||
      (issuer.key_usage.value_or(key_usage::kKeyCertSign) & key_usage::kKeyCertSign) == 0) {
    return false;
  }
  if (now < issuer.not_before || now > issuer.not_after || leaf.not_after > issuer.not_after) {
    return false;
  }
  if (AsText(leaf.issuer) != AsText(issuer.subject) || leaf.signature_algorithms_differ ||
      leaf.signature_algorithm.key_type != issuer.key.type ||
      leaf.signature_algorithm.digest == DigestKind::kUnknown) {
    return false;
  }
  const auto key = VerificationKey::Create(issuer.key);
  return key && key->Verify(leaf.signature_algorithm.digest, leaf.tbs, leaf.signature);
}

std::optional<std::string> IssuerOf(const CertificateView& leaf, std::string_view ca_pem,
                                    int64_t now) {
  std::string_view rest = ca_pem;
  while (auto der = PemDecode(kLabel, rest, &rest)) {
    const auto issuer = ParseCertificate(AsBytes(*der));
    if (issuer && IsIssuedBy(leaf, *issuer, now)) return der;
  }
  return std::nullopt;
}

bool HasRightUse(const CertificateView& leaf) {
  return !leaf.is_ca && leaf.key_usage == key_usage::kDigitalSignature &&
         !leaf.has_unknown_critical && !leaf.has_path_constraints && leaf.extended_key_usage &&
         AsText(*leaf.extended_key_usage) == DerOid(kOidClientAuth);
}

}  // namespace

std::string IssueTerminalCertificate(const Authority& issuer, const TerminalCertificateSpec& spec) {
  CertificateSpec certificate;
  certificate.subject = MakeName({{kOidCommonName, spec.name.facility_code + "/" + spec.name.id}});
  certificate.serial = RandomSerial();
  certificate.not_before = spec.not_before;
  certificate.not_after = spec.not_after;
  certificate.public_key = spec.public_key;
  certificate.extensions = {
      KeyUsageExtension(key_usage::kDigitalSignature),
      {kOidBasicConstraints, true, DerSequence({})},
      {kOidExtendedKeyUsage, false, DerSequence({DerOid(kOidClientAuth)})},
      {kOidAuthorityKeyId, false,
       DerSequence({DerTlv(der::ContextPrimitive(0), issuer.subject_key_id)})},
      {kOidSubjectAltName, false, DerTlv(der::kSequence, UriName(spec.name))}};
  return IssueCertificate(certificate, issuer.subject, issuer.key);
}

CheckedCertificate CheckTerminalCertificate(std::string_view pem, std::string_view ca_pem,
                                            const Sha256Digest& key_fingerprint,
                                            const PeerName& name, absl::Time now) {
  CheckedCertificate checked;
  std::string_view rest;
  const auto der = PemDecode(kLabel, pem, &rest);
  const auto view = der ? ParseCertificate(AsBytes(*der)) : std::nullopt;
  auto peer = ReadPeerCertificate(pem);
  // A second one would be taken for part of what is registered.
  if (!view || !peer.ok() || PemDecode(kLabel, rest)) {
    checked.fault = IssuedFault::kMalformed;
    return checked;
  }
  const auto issuer = IssuerOf(*view, ca_pem, absl::ToUnixSeconds(now));
  if (!issuer) {
    checked.fault = IssuedFault::kIssuer;
  } else if (Sha256(view->spki) != key_fingerprint) {
    checked.fault = IssuedFault::kKey;
  } else if (!view->subject_alt_names || AsText(*view->subject_alt_names) != UriName(name)) {
    checked.fault = IssuedFault::kName;
  } else if (!HasRightUse(*view)) {
    checked.fault = IssuedFault::kUse;
  }
  if (checked.fault) return checked;
  checked.peer = *std::move(peer);
  checked.der = *der;
  checked.issuer_der = *issuer;
  return checked;
}

}  // namespace kakunin::auth
