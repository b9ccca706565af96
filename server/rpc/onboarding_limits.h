#pragma once

#include <string>

#include "server/rpc/rate_limit.h"

namespace kakunin {

// OnboardingLimits bounds what callers may do whom no certificate names: so many calls a minute
// from one address, from one block of addresses and from all together, and so many wrong codes an
// hour. When all together are over, addresses that have hardly called yet are let in still: whoever
// calls from many addresses at once shuts nobody out who comes with a few calls. Thread-safe.
class OnboardingLimits {
 public:
  using Instant = RateLimit::Instant;

  // What one call came to. The first of a window that is too much is told apart, so that it is
  // audited and a flood of them is not.
  enum class Verdict { kWithin, kFirstOver, kOver };

  // OUR choice: a person mistypes a code a few times, a guesser does not stop.
  static constexpr int kWrongCodesPerAddress = 20;  // an hour
  static constexpr int kWrongCodesInAll = 1000;     // an hour

  // A block of addresses has what so many of its addresses have. OUR choice.
  static constexpr int kAddressesOfBlock = 4;
  // The first calls of an address, and as many of a block, in a minute are let in beyond the limit
  // of all, until as many again have been. OUR choice: a log-in and what follows it.
  static constexpr int kFirstCalls = 6;

  // Calls a minute.
  OnboardingLimits(int calls_per_address, int calls_in_all);

  // Take counts one call. An address or block that is over its own limit takes nothing from the
  // others'.
  Verdict Take(const std::string& address, Instant now);

  // MayTryCode tells whether a code of this address is looked at, and counts nothing.
  bool MayTryCode(const std::string& address, Instant now);
  // WrongCode counts one code that was refused.
  void WrongCode(const std::string& address, Instant now);

 private:
  RateLimit by_address_;
  RateLimit by_block_;
  RateLimit first_calls_;
  RateLimit in_all_;
  RateLimit reserve_;
  RateLimit told_;
  RateLimit wrong_by_address_;
  RateLimit wrong_in_all_;
};

}  // namespace kakunin
