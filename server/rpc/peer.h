#pragma once

#include <grpcpp/grpcpp.h>

#include <array>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "auth/client_authorities.h"
#include "auth/peer_certificate.h"

namespace kakunin {

// PeerSource tells where a listener's client certificates come from.
struct PeerSource {
  // False: the TLS peer is the caller. True: the TLS peer must be the proxy whose certificate has
  // `proxy_fingerprint`, and the caller's certificate stands in the header kProxyHeader.
  bool behind_proxy = false;
  std::array<uint8_t, 32> proxy_fingerprint{};
  // Behind a proxy: the CAs by which a certificate in the header is judged again. Without them, or
  // when it returns null, no such certificate counts. Thread-safe.
  std::function<std::shared_ptr<const auth::ClientAuthorities>()> authorities;
};

// kProxyHeader carries the base64 DER of the certificate that a trusted proxy verified. It is
// refused on every listener that is not marked behind_proxy, whoever sends it.
inline constexpr char kProxyHeader[] = "kakunin-client-certificate";

// PeerDenial is what the audit is told of a caller who was not identified, beside the reason that
// the caller gets.
struct PeerDenial {
  std::string exact;    // stands in place of that reason, where it says more; else empty
  std::string details;  // which certificate it was, where that is known
};

// IsRegistered tells whether the registry knows a certificate by the SHA-256 of its DER.
using IsRegistered = absl::FunctionRef<bool(const std::array<uint8_t, 32>& fingerprint)>;

// PeerCertificateOf is the one function that finds the caller's certificate, from TLS or from the
// proxy's header. One from the header is judged at `now` by the listener's CAs once more, but only
// when it is registered, since judging is dear; TLS has judged the other. Parsed certificates and
// what they were judged to be are remembered, since a terminal sends many calls over one
// connection. Returns NO_CERTIFICATE or PROXY_HEADER_REFUSED; CERTIFICATE_NOT_REGISTERED of a new
// one from the header; for a certificate whose chain does not hold NO_CERTIFICATE, and outside its
// dates (or its CA's) CERTIFICATE_EXPIRED, both with `denial` saying CERTIFICATE_CHAIN_ and the
// verifier's reason. Thread-safe.
absl::StatusOr<std::shared_ptr<const auth::PeerCertificate>> PeerCertificateOf(
    const grpc::ServerContextBase& context, const PeerSource& source, absl::Time now,
    IsRegistered registered, PeerDenial& denial);

}  // namespace kakunin
