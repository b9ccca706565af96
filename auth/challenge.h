#pragma once

#include <absl/time/time.h>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace kakunin::auth {

// kChallengeLabel separates these signatures from any other use of the card's key: the card signs
// whatever a terminal sends (jpki.md 1.4).
inline constexpr std::string_view kChallengeLabel = "kakunin-card-authentication-v1";

// kMinNonceBytes is 128 bits.
inline constexpr size_t kMinNonceBytes = 16;

// CardChallenge is what a signature is bound to. Views are borrowed.
struct CardChallenge {
  std::string_view facility_code;  // 10 digits
  std::string_view terminal_id;
  std::string_view purpose;        // wire name, such as "CONFIRM"
  std::string_view form_of_care;   // wire name, such as "OUTPATIENT"
  std::span<const uint8_t> nonce;  // at least kMinNonceBytes
  absl::Time expire_time;          // whole milliseconds count
};

// BuildToBeSigned returns the exact octets the card signs. Fields in the order of the struct after
// the label, each preceded by its length as two octets, big endian; the instant is eight octets of
// milliseconds since the epoch, big endian, with its own length. No two different challenges share
// octets. Empty when a field is longer than 65,535 octets or the nonce too short: a caller never
// issues such a challenge.
std::string BuildToBeSigned(const CardChallenge& challenge);

}  // namespace kakunin::auth
