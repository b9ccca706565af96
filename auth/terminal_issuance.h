#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "auth/issuance.h"
#include "auth/peer_certificate.h"

namespace kakunin::auth {

// TerminalCertificateSpec is what a terminal's certificate says. Not before and after are its first
// and its last second.
struct TerminalCertificateSpec {
  PeerName name;           // its one URI
  std::string public_key;  // encoded SubjectPublicKeyInfo
  absl::Time not_before;
  absl::Time not_after;
};

// IssueTerminalCertificate signs it (DER): one URI, digitalSignature, clientAuth, no CA, a random
// serial. By `kakunin ca` on the operator's host; no server has the key.
std::string IssueTerminalCertificate(const Authority& issuer, const TerminalCertificateSpec& spec);

// IssuedFault is what is wrong with a certificate that was signed for a terminal.
enum class IssuedFault {
  kMalformed = 1,  // no PEM of exactly one strict DER certificate
  kIssuer,         // signed by none of the CAs, or one that does not count or ends before it
  kKey,            // another key than was asked for
  kName,           // anything but the one URI
  kUse,  // anything but digitalSignature and clientAuth, or critical things we do not know
};

// CheckedCertificate is good when there is no `fault`.
struct CheckedCertificate {
  std::optional<IssuedFault> fault;
  PeerCertificate peer;
  std::string der;
  std::string issuer_der;
};

// CheckTerminalCertificate holds a certificate (PEM) against what it must be: of one of the CAs of
// `ca_pem` as of `now`, of the key with this fingerprint, of `name`. Its dates are the caller's to
// judge. Thread-safe.
CheckedCertificate CheckTerminalCertificate(std::string_view pem, std::string_view ca_pem,
                                            const Sha256Digest& key_fingerprint,
                                            const PeerName& name, absl::Time now);

}  // namespace kakunin::auth
