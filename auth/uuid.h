#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace kakunin::auth {

// UuidText writes sixteen octets as RFC 9562 does: lower case, with hyphens.
std::string UuidText(const std::array<uint8_t, 16>& octets);

// RandomUuid is a fresh UUID of version 4, as text. Thread-safe.
std::string RandomUuid();

}  // namespace kakunin::auth
