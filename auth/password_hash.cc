#include "auth/password_hash.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <span>
#include <vector>

#include "auth/digest.h"
#include "auth/encoding.h"

namespace kakunin::auth {
namespace {

constexpr size_t kSaltOctets = 16;
constexpr size_t kHashOctets = 32;
constexpr uint64_t kMostMemory = uint64_t{256} << 20;
constexpr int kMostLogN = 20;
constexpr size_t kParts = 6;
constexpr std::string_view kScheme = "scrypt";
// Without i, l, o and u: read aloud and typed once.
constexpr std::string_view kAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";
static_assert(kAlphabet.size() == 32);

struct StoredHash {
  PasswordCost cost;
  std::string salt;
  std::string hash;
};

std::optional<int> NumberIn(std::string_view digits, int most) {
  int number = 0;
  const char* const end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, number);
  if (read.ec != std::errc() || read.ptr != end || number < 1 || number > most) return std::nullopt;
  return number;
}

std::optional<StoredHash> Parse(std::string_view text) {
  std::vector<std::string_view> parts;
  while (parts.size() < kParts && text.starts_with('$')) {
    text.remove_prefix(1);
    const size_t end = std::min(text.find('$'), text.size());
    parts.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  if (parts.size() != kParts || !text.empty() || parts[0] != kScheme) return std::nullopt;
  const auto log_n = NumberIn(parts[1], kMostLogN);
  const auto r = NumberIn(parts[2], 32);
  const auto p = NumberIn(parts[3], 16);
  const auto salt = HexDecode(parts[4]);
  const auto hash = HexDecode(parts[5]);
  if (!log_n || !r || !p || !salt || !hash || hash->size() != kHashOctets) return std::nullopt;
  return StoredHash{{*log_n, *r, *p}, *salt, *hash};
}

// Empty: OpenSSL refuses the cost.
std::optional<std::array<uint8_t, kHashOctets>> Digest(std::string_view password,
                                                       std::string_view salt,
                                                       const PasswordCost& cost) {
  std::array<uint8_t, kHashOctets> out{};
  const int done =
      EVP_PBE_scrypt(password.data(), password.size(), AsBytes(salt).data(), salt.size(),
                     uint64_t{1} << cost.log_n, static_cast<uint64_t>(cost.r),
                     static_cast<uint64_t>(cost.p), kMostMemory, out.data(), out.size());
  if (done != 1) return std::nullopt;
  return out;
}

}  // namespace

std::string HashPassword(std::string_view password, const PasswordCost& cost) {
  const auto salt = RandomArray<kSaltOctets>();
  const auto hash = Digest(password, AsText(salt), cost);
  if (!hash) std::abort();
  return fmt::format("${}${}${}${}${}${}", kScheme, cost.log_n, cost.r, cost.p, HexEncode(salt),
                     HexEncode(*hash));
}

bool IsPassword(std::string_view password, std::string_view hash) {
  const auto stored = Parse(hash);
  if (!stored) return false;
  const auto digest = Digest(password, stored->salt, stored->cost);
  return digest && ConstantTimeEqual(AsText(*digest), stored->hash);
}

std::optional<PasswordCost> CostOf(std::string_view hash) {
  const auto stored = Parse(hash);
  if (!stored) return std::nullopt;
  return stored->cost;
}

std::string RandomPassword() {
  constexpr size_t kGroups = 4;
  constexpr size_t kInGroup = 4;
  const auto octets = RandomArray<kGroups * kInGroup>();
  std::string password;
  for (size_t i = 0; i < octets.size(); ++i) {
    if (i > 0 && i % kInGroup == 0) password += '-';
    password += kAlphabet[octets[i] % kAlphabet.size()];
  }
  return password;
}

}  // namespace kakunin::auth
