#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kakunin {

// Utf8FromCp932 returns a text in CP932 (Windows-31J: JIS X 0208 with the NEC and IBM extensions,
// as Windows writes it) as UTF-8; empty when an octet stands for no character or a pair is cut.
// Characters of the user-defined area (外字, F040 to F9FC) become those for private use, as on
// Windows. Thread-safe.
std::optional<std::string> Utf8FromCp932(std::string_view octets);

// IsWellFormedUtf8 says whether every octet belongs to a character: no surrogate, no longer form
// than needed, nothing beyond U+10FFFF, nothing cut. Thread-safe.
bool IsWellFormedUtf8(std::string_view text);

}  // namespace kakunin
