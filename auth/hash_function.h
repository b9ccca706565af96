#pragma once

#include <string_view>

#include "auth/digest.h"

namespace kakunin::auth {

// kSha256 is SHA-256 as a value, for rules that are handed their hash function
// (domain/audit_chain.h). Thread-safe.
inline constexpr Sha256Digest (*kSha256)(std::string_view) = &Sha256;

}  // namespace kakunin::auth
