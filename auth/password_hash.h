#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kakunin::auth {

// PasswordCost is what one digest of a password costs: scrypt (RFC 7914) with N = 2^log_n blocks of
// 128 * r octets, p times one after the other. 2^15, 8, 1 is 32 MiB and some 60 ms of one core: the
// scale that RFC 7914 names for interactive log-ins, doubled. It stands in front of a database that
// was stolen; whoever guesses over the network has five tries (domain/account.h).
struct PasswordCost {
  int log_n = 15;
  int r = 8;
  int p = 1;
  friend bool operator==(const PasswordCost&, const PasswordCost&) = default;
};

// HashPassword digests a password under a fresh salt of 16 octets. The result names its cost, so
// that a higher one leaves older hashes readable: "$scrypt$15$8$1$<salt>$<hash>", both hexadecimal.
// The caller has normalised the password. scrypt is OpenSSL's: no further library, and unlike
// Argon2id it is in the one that Debian 12 has. Ends the process when OpenSSL fails for want of
// memory. Thread-safe; the caller bounds how many run at once.
std::string HashPassword(std::string_view password, const PasswordCost& cost = {});

// IsPassword compares in constant time. False for a hash that is not one of ours, or that asks for
// more than 256 MiB. Thread-safe.
bool IsPassword(std::string_view password, std::string_view hash);

// CostOf is the cost of a hash; empty: it is none of ours.
std::optional<PasswordCost> CostOf(std::string_view hash);

// RandomPassword is a one-time password: four groups of four of 32 letters and digits that nobody
// takes for one another, 80 random bits.
std::string RandomPassword();

}  // namespace kakunin::auth
