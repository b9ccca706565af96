#pragma once

#include <cstdint>

#include "domain/access_policy.h"

namespace kakunin {

// Precedence is what goes first when there is too much to do: whoever stands at a desk before
// whoever reads records, these before lists that nobody waits for, and these before the feeds,
// which come again by themselves.
// kUncounted, of operators and health checks, is always served: a certificate must be revocable
// when everything else stands still. kAlways, the ends of consents and of sessions, is bounded by
// its certificate alone.
enum class Precedence : uint8_t { kUncounted = 1, kAlways, kDesk, kRecords, kLists, kFeeds };
inline constexpr int kPrecedences = 6;

// PrecedenceOf tells it of a method.
Precedence PrecedenceOf(const MethodPolicy& method);

}  // namespace kakunin
