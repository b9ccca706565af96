#pragma once

#include <string>

#include "server/rpc/rate_limit.h"

namespace kakunin {

// OnboardingLimits bounds what callers may do whom no certificate names: so many calls a minute
// from one address and from all together, and so many wrong codes an hour. Thread-safe.
class OnboardingLimits {
 public:
  using Instant = RateLimit::Instant;

  // What one call came to. The first of a window that is too much is told apart, so that it is
  // audited and a flood of them is not.
  enum class Verdict { kWithin, kFirstOver, kOver };

  // OUR choice: a person mistypes a code a few times, a guesser does not stop.
  static constexpr int kWrongCodesPerAddress = 20;  // an hour
  static constexpr int kWrongCodesInAll = 1000;     // an hour

  // Calls a minute.
  OnboardingLimits(int calls_per_address, int calls_in_all);

  // Take counts one call. One address that is over its own limit takes nothing from the others'.
  Verdict Take(const std::string& address, Instant now);

  // MayTryCode tells whether a code of this address is looked at, and counts nothing.
  bool MayTryCode(const std::string& address, Instant now);
  // WrongCode counts one code that was refused.
  void WrongCode(const std::string& address, Instant now);

 private:
  RateLimit by_address_;
  RateLimit in_all_;
  RateLimit told_;
  RateLimit wrong_by_address_;
  RateLimit wrong_in_all_;
};

}  // namespace kakunin
