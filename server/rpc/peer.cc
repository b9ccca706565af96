#include "server/rpc/peer.h"

#include "auth/encoding.h"
#include "domain/error.h"

namespace kakunin {
namespace {

constexpr char kPemProperty[] = "x509_pem_cert";
// 50,000 remembered certificates are about 100 MB at most; then start over.
constexpr size_t kMostRemembered = 50'000;

using Certificate = std::shared_ptr<const auth::PeerCertificate>;

// Each thread remembers for itself: a lane has one thread, and a lock here would sit on the hot
// path.
absl::StatusOr<Certificate> Parse(std::string_view pem) {
  thread_local absl::flat_hash_map<std::string, Certificate> remembered;
  if (const auto found = remembered.find(absl::string_view(pem.data(), pem.size()));
      found != remembered.end()) {
    return found->second;
  }
  auto parsed = auth::ReadPeerCertificate(pem);
  if (!parsed.ok()) return MakeError(Reason::kNoCertificate);
  auto certificate = std::make_shared<const auth::PeerCertificate>(*std::move(parsed));
  if (remembered.size() >= kMostRemembered) remembered.clear();
  remembered.emplace(std::string(pem), certificate);
  return certificate;
}

std::string PemOfBase64(std::string_view base64) {
  std::string pem = "-----BEGIN CERTIFICATE-----\n";
  for (size_t at = 0; at < base64.size(); at += 64) {
    pem.append(base64.substr(at, 64));
    pem.push_back('\n');
  }
  pem += "-----END CERTIFICATE-----\n";
  return pem;
}

}  // namespace

absl::StatusOr<Certificate> PeerCertificateOf(const grpc::ServerContextBase& context,
                                              const PeerSource& source) {
  const auto headers = context.client_metadata().equal_range(kProxyHeader);
  if (!source.behind_proxy && headers.first != headers.second)
    return MakeError(Reason::kProxyHeaderRefused);

  const auto auth_context = context.auth_context();
  if (auth_context == nullptr) return MakeError(Reason::kNoCertificate);
  const auto pem = auth_context->FindPropertyValues(kPemProperty);
  if (pem.empty()) return MakeError(Reason::kNoCertificate);
  auto peer = Parse(std::string_view(pem.front().data(), pem.front().size()));
  if (!peer.ok() || !source.behind_proxy) return peer;

  if ((*peer)->fingerprint != source.proxy_fingerprint)
    return MakeError(Reason::kProxyHeaderRefused);
  if (headers.first == headers.second) return MakeError(Reason::kNoCertificate);
  // Two headers would leave it open which one the proxy wrote.
  if (std::next(headers.first) != headers.second) return MakeError(Reason::kProxyHeaderRefused);
  const std::string_view value(headers.first->second.data(), headers.first->second.size());
  // One spelling only: what follows wraps the text into PEM, whose readers look no further than
  // END.
  if (!auth::Base64Decode(value)) return MakeError(Reason::kNoCertificate);
  return Parse(PemOfBase64(value));
}

}  // namespace kakunin
