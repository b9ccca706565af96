#pragma once

#include <absl/time/time.h>

#include <string>
#include <vector>

#include "auth/card_verifier.h"

namespace kakunin::auth {

// ChainQuestion is a certificate to be judged with everything that the judgement rests on.
struct ChainQuestion {
  std::vector<std::string> anchors;  // DER; trusted as they stand
  std::vector<std::string> chain;    // DER; root side first, the certificate in question last
  std::vector<std::string> crls;     // DER; one that cannot be used counts as not given
  bool check_revocation = true;
  absl::Time time;
  // The initial policy set, as dotted OIDs. Empty: any policy will do, and for a card those of its
  // CardPolicy, unless `any_policy`.
  std::vector<std::string> policies;
  bool any_policy = false;
  bool require_explicit_policy = false;  // RFC 5280 6.1.1 (f), (e), (g); rfc5280 only
  bool inhibit_mapping = false;
  bool inhibit_any = false;
  // rfc5280 only: extended key usages, where there are any, must allow a client of TLS, as a TLS
  // server asks of whoever connects.
  bool tls_client = false;
};

// ChainVerdict: `reason` is stable UPPER_SNAKE, "NONE" when accepted.
struct ChainVerdict {
  VerdictKind kind = VerdictKind::kRejected;
  std::string reason;
};

// VerifyChain judges by RFC 5280 section 6, whatever the hierarchy: what a terminal's certificate
// needs when a proxy has ended TLS and the service judges again (client_authorities.h does, without
// revocation, which the registry knows). OpenSSL's path validation with policies, name constraints,
// indirect and delta CRLs, behind our strict DER gate. Where revocation is asked for, every
// certificate of the path needs a CRL that counts, or the verdict is kUnavailable; a definite
// rejection wins over that. Never kEligibilityOnly. Pure; thread-safe.
ChainVerdict VerifyChain(const ChainQuestion& question);

// VerifyCardChain judges the last certificate by the patient card's verifier (card_verifier.h), a
// physical card's, without a challenge: anchors that no card CA may be are left out, certificates
// between are ignored, and policies, when given, stand in place of those of `policy`.
ChainVerdict VerifyCardChain(const ChainQuestion& question, CardPolicy policy);

}  // namespace kakunin::auth
