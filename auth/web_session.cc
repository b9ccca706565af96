#include "auth/web_session.h"

#include <algorithm>

#include "auth/encoding.h"

namespace kakunin::auth {
namespace {

constexpr size_t kIdOctets = 16;
constexpr size_t kTimeOctets = 8;
constexpr size_t kBodyOctets = 2 * kIdOctets + kTimeOctets;
constexpr size_t kMacOctets = 16;

HmacKey DerivedKey(const HmacKey& parent) {
  const Sha256Digest derived = parent.Mac("kakunin web session v1");
  return HmacKey(std::span<const uint8_t>(derived), parent.key_id());
}

std::string BodyOf(const WebSession& session) {
  std::string body(AsText(session.link_token_hash));
  body += AsText(session.nonce);
  const auto millis = static_cast<uint64_t>(absl::ToUnixMillis(session.end));
  for (size_t i = 0; i < kTimeOctets; ++i) {
    body += static_cast<char>(millis >> (8 * (kTimeOctets - 1 - i)));
  }
  return body;
}

// The label keeps the uses of the key apart.
std::string TagOf(const HmacKey& key, std::string_view label, std::string_view body) {
  const Sha256Digest mac = key.Mac(std::string(label) + '\n' + std::string(body));
  return std::string(AsText(std::span(mac).first(kMacOctets)));
}

std::string SessionLabel(std::string_view app) {
  return app.empty() ? "session" : "session of " + std::string(app);
}

}  // namespace

WebSessionKey::WebSessionKey(const HmacKey& parent) : key_(DerivedKey(parent)) {}

std::string WebSessionKey::Seal(const WebSession& session, std::string_view app) const {
  const std::string body = BodyOf(session);
  return HexEncode(body + TagOf(key_, SessionLabel(app), body));
}

std::optional<WebSession> WebSessionKey::Open(std::string_view sealed, absl::Time now,
                                              std::string_view app) const {
  if (sealed.size() != 2 * (kBodyOctets + kMacOctets)) return std::nullopt;
  const auto octets = HexDecode(sealed);
  if (!octets) return std::nullopt;
  const std::string_view body = std::string_view(*octets).substr(0, kBodyOctets);
  const std::string_view tag = std::string_view(*octets).substr(kBodyOctets);
  if (!ConstantTimeEqual(TagOf(key_, SessionLabel(app), body), tag)) return std::nullopt;
  WebSession session;
  std::copy_n(body.begin(), kIdOctets, session.link_token_hash.begin());
  std::copy_n(body.begin() + kIdOctets, kIdOctets, session.nonce.begin());
  uint64_t millis = 0;
  for (const char octet : body.substr(2 * kIdOctets)) {
    millis = millis << 8 | static_cast<uint8_t>(octet);
  }
  session.end = absl::FromUnixMillis(static_cast<int64_t>(millis));
  if (now >= session.end) return std::nullopt;
  return session;
}

std::string WebSessionKey::CsrfToken(const WebSession& session) const {
  return HexEncode(TagOf(key_, "csrf", BodyOf(session)));
}

bool WebSessionKey::IsCsrfToken(const WebSession& session, std::string_view token) const {
  return ConstantTimeEqual(CsrfToken(session), token);
}

}  // namespace kakunin::auth
