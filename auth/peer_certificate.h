#pragma once

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <string>
#include <string_view>
#include <vector>

#include "auth/digest.h"

namespace kakunin::auth {

// PeerKind is which kind of caller a certificate names.
enum class PeerKind { kTerminal, kInsurer, kOperator, kProxy, kClaimsReviewer, kCardLinkProvider };

// PeerName is a parsed URI SAN: who the certificate says the peer is. Authority never follows from
// it alone but from the fingerprint's registry row (jpki.md 4.2).
struct PeerName {
  PeerKind kind;
  std::string trust_domain;
  std::string facility_code;  // terminals: 10 digits; else empty
  std::string id;             // terminal id, 8-digit insurer number, operator, proxy, reviewer

  friend bool operator==(const PeerName&, const PeerName&) = default;
};

// ParsePeerName reads one of
//   spiffe://<trust domain>/facility/<10 digits>/terminal/<id>
//   spiffe://<trust domain>/insurer/<8 digits>
//   spiffe://<trust domain>/operator/<name>, /proxy/<name>, /claims-reviewer/<id>,
//   /card-link-provider/<name>
// A trust domain is a-z 0-9 . - _ (1 to 253), an id A-Z a-z 0-9 . - _ (1 to 64, not "." or "..").
// INVALID_ARGUMENT otherwise.
absl::StatusOr<PeerName> ParsePeerName(std::string_view uri);

// FormatPeerName is the inverse of ParsePeerName.
std::string FormatPeerName(const PeerName& name);

// PeerCertificate is what the service keeps of a peer's leaf.
struct PeerCertificate {
  Sha256Digest fingerprint{};      // SHA-256 of the leaf's DER
  Sha256Digest key_fingerprint{};  // SHA-256 of its SubjectPublicKeyInfo
  std::vector<std::string> uris;
  absl::Time not_before;
  absl::Time not_after;      // the last second of validity
  bool client_auth = false;  // EKU names clientAuth

  // IsValidAt checks [not_before, not_after + 1 s) against the service's own clock.
  bool IsValidAt(absl::Time now) const;

  // Name is the peer's name. INVALID_ARGUMENT unless there is exactly one URI and it is a name.
  absl::StatusOr<PeerName> Name() const;
};

// ReadPeerCertificate reads the first certificate of a PEM text, such as gRPC's x509_pem_cert, with
// the strict reader. INVALID_ARGUMENT when there is none or it is malformed. The chain is not
// judged here: TLS did, or ClientAuthorities does.
absl::StatusOr<PeerCertificate> ReadPeerCertificate(std::string_view pem);

}  // namespace kakunin::auth
