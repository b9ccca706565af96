#pragma once

#include <grpcpp/grpcpp.h>

#include <array>
#include <memory>
#include <mutex>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "auth/peer_certificate.h"

namespace kakunin {

// PeerSource tells where a listener's client certificates come from.
struct PeerSource {
  // False: the TLS peer is the caller. True: the TLS peer must be the proxy whose certificate has
  // `proxy_fingerprint`, and the caller's certificate stands in the header kProxyHeader.
  bool behind_proxy = false;
  std::array<uint8_t, 32> proxy_fingerprint{};
};

// kProxyHeader carries the base64 DER of the certificate that a trusted proxy verified. It is
// refused on every listener that is not marked behind_proxy, whoever sends it.
inline constexpr char kProxyHeader[] = "kakunin-client-certificate";

// PeerCertificateOf is the one function that finds the caller's certificate, from TLS or from the
// proxy's header. Parsed certificates are remembered by their PEM, since a terminal sends many
// calls over one connection. Returns NO_CERTIFICATE or PROXY_HEADER_REFUSED. Thread-safe.
absl::StatusOr<std::shared_ptr<const auth::PeerCertificate>> PeerCertificateOf(
    const grpc::ServerContextBase& context, const PeerSource& source);

}  // namespace kakunin
