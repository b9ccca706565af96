#pragma once

#include <cstdint>

#include "domain/access_policy.h"

namespace kakunin {

// Precedence is what goes first when there is too much to do: whoever stands at a desk before
// whoever reads records, these before lists that nobody waits for, and these before the feeds,
// which come again by themselves.
enum class Precedence : uint8_t { kAlways = 1, kDesk, kRecords, kLists, kFeeds };
inline constexpr int kPrecedences = 5;

// PrecedenceOf tells it of a method. Operators and health checks are always served: a certificate
// must be revocable when everything else stands still. So is the end of a consent, and of who has
// logged in.
Precedence PrecedenceOf(const MethodPolicy& method);

}  // namespace kakunin
