#include "auth/session_token.h"

#include <charconv>
#include <span>

#include "auth/encoding.h"

namespace kakunin::auth {
namespace {

constexpr size_t kSecretOctets = 32;
constexpr size_t kSecretDigits = 2 * kSecretOctets;
constexpr size_t kMostGenerationDigits = 18;

HmacKey DerivedKey(const HmacKey& parent) {
  const Sha256Digest derived = parent.Mac("kakunin session token v1");
  return HmacKey(std::span<const uint8_t>(derived), parent.key_id());
}

}  // namespace

SessionTokenKey::SessionTokenKey(const HmacKey& parent) : key_(DerivedKey(parent)) {}

std::string SessionTokenKey::Secret() { return HexEncode(RandomArray<kSecretOctets>()); }

Sha256Digest SessionTokenKey::HashOf(std::string_view secret) const { return key_.Mac(secret); }

std::string SessionTokenKey::Text(std::string_view secret, int64_t generation) {
  return std::string(secret) + '.' + std::to_string(generation);
}

std::optional<SessionToken> SessionTokenKey::Read(std::string_view text) const {
  if (text.size() < kSecretDigits + 2 || text[kSecretDigits] != '.') return std::nullopt;
  const std::string_view secret = text.substr(0, kSecretDigits);
  const std::string_view digits = text.substr(kSecretDigits + 1);
  if (digits.size() > kMostGenerationDigits || !HexDecode(secret)) return std::nullopt;
  int64_t generation = 0;
  const char* const end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, generation);
  if (read.ec != std::errc() || read.ptr != end || generation < 0) return std::nullopt;
  return SessionToken{HashOf(secret), generation};
}

}  // namespace kakunin::auth
