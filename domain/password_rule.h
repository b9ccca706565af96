#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "domain/text/password_text.h"

namespace kakunin {

// How long a password is, in code points after NFKC. At least 12: the issue's. At most 128, so that
// nobody makes the server digest megabytes; NIST SP 800-63B asks for at least 64.
inline constexpr size_t kLeastPasswordCharacters = 12;
inline constexpr size_t kMostPasswordCharacters = 128;

// PasswordFault is why a password is not taken.
enum class PasswordFault {
  kTooShort = 1,
  kTooLong,
  kNamesTheUser,     // holds the user's name or the facility's code
  kTooFewDifferent,  // fewer than five different characters
  kRunOrRepetition,  // a run such as 123456789012, or a short piece again and again
  kCommon,           // what everybody tries, with digits and marks around it
};

// PasswordFaults judges a new password of `user_name` at a facility: everything that is wrong with
// it. No rule about kinds of characters (NIST SP 800-63B 5.1.1.2 advises against them).
std::vector<PasswordFault> PasswordFaults(const PasswordText& password, std::string_view user_name,
                                          std::string_view facility_code);

// SentenceOf is what the user is told of a fault, ja-JP.
std::string_view SentenceOf(PasswordFault fault);

}  // namespace kakunin
