#pragma once

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace kakunin::auth {

// ForwardedVerdict is what a certificate that a proxy handed on came to.
struct ForwardedVerdict {
  std::string reason;        // as ChainVerdict; "NONE": it counts
  uint64_t authorities = 0;  // ClientAuthorities::id of those who judged; 0: nobody did yet
  // Nothing in the chain begins or ends within [from, until): there the verdict stays the same.
  absl::Time from;
  absl::Time until;

  bool accepted() const { return reason == "NONE"; }
};

// ClientAuthorities are the CAs of one listener's callers, by which it judges a certificate again
// that a proxy has verified and handed on: who takes over the proxy, or its configuration, must not
// be able to name anybody whom these CAs never issued a certificate to. Immutable; thread-safe.
class ClientAuthorities {
 public:
  // Read takes PEM as in `client_ca`. A CA whose issuer stands in the same text is one between, so
  // that the issuer's constraints hold; any other is trusted as it stands. INVALID_ARGUMENT when
  // there is none, one of them is malformed, or each names another one as its issuer.
  static absl::StatusOr<std::shared_ptr<const ClientAuthorities>> Read(std::string_view pem);

  // Judge judges `der` at `now` by VerifyChain, for the use of a TLS client and without revocation:
  // who may still call is told by the registry, on every call. Valid is [notBefore, notAfter + 1
  // s). Some tenths of a ms with P-256: keep the verdict.
  ForwardedVerdict Judge(std::string_view der, absl::Time now) const;

  // Holds tells whether a verdict that was kept is what Judge would say of the same octets.
  bool Holds(const ForwardedVerdict& verdict, absl::Time now) const {
    return verdict.authorities == id_ && verdict.from <= now && now < verdict.until;
  }

 private:
  ClientAuthorities() = default;

  uint64_t id_ = 0;  // of this object alone, in this process
  std::vector<std::string> anchors_;
  std::vector<std::string> between_;
  std::vector<absl::Time> edges_;  // when one of them begins or ends
};

}  // namespace kakunin::auth
