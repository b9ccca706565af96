#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace kakunin {

// PasswordText is a password as it is compared: the same whether an input method typed it full
// width or half width. Never written to a log.
struct PasswordText {
  std::string utf8;       // NFKC
  size_t characters = 0;  // code points
  std::string folded;     // lower case, for the list of what everybody tries
};

// ReadPassword normalises a password (NFKC, as NIST SP 800-63B 5.1.1.2 says); white space inside
// counts. Empty: malformed UTF-8, or control characters. Thread-safe.
std::optional<PasswordText> ReadPassword(std::string_view utf8);

}  // namespace kakunin
