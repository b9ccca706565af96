#include "auth/challenge.h"

#include <cstdint>
#include <initializer_list>

#include "auth/digest.h"

namespace kakunin::auth {
namespace {

constexpr size_t kMaxFieldBytes = 0xffff;

}  // namespace

std::string BuildToBeSigned(const CardChallenge& challenge) {
  if (challenge.nonce.size() < kMinNonceBytes) return {};
  const uint64_t instant = static_cast<uint64_t>(absl::ToUnixMillis(challenge.expire_time));
  std::string expiry;
  for (int shift = 56; shift >= 0; shift -= 8) expiry += static_cast<char>(instant >> shift & 0xff);
  std::string out;
  for (const std::string_view field :
       {kChallengeLabel, challenge.facility_code, challenge.terminal_id, challenge.purpose,
        challenge.form_of_care, AsText(challenge.nonce), std::string_view(expiry)}) {
    if (field.size() > kMaxFieldBytes) return {};
    out += static_cast<char>(field.size() >> 8);
    out += static_cast<char>(field.size() & 0xff);
    out += field;
  }
  return out;
}

}  // namespace kakunin::auth
