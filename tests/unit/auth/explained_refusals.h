#pragma once

#include <span>
#include <string_view>

#include "certificate_mutator.h"
#include "openssl_peer.h"

namespace kakunin::auth {

// ExplainedRefusal is one rule by which our verifier refuses what OpenSSL accepts.
struct ExplainedRefusal {
  CardReason reason;
  std::string_view rule;  // with the source of the rule

  // Holds tells by OpenSSL's own view of the certificate, or by its octets, whether the rule is
  // broken.
  bool (*holds)(const Mutant& mutant, const PeerCertificate& certificate);
};

// ExplainedRefusals is the closed list: a refusal that none of them explains is a fault of ours.
std::span<const ExplainedRefusal> ExplainedRefusals();

// Explain returns the first rule for this reason that the mutant breaks, or nullptr.
const ExplainedRefusal* Explain(CardReason reason, const Mutant& mutant,
                                const PeerCertificate& certificate);

}  // namespace kakunin::auth
