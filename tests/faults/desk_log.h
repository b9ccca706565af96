#pragma once

#include <filesystem>
#include <string>

#include "absl/time/time.h"

namespace kakunin::faults {

// LongestCall is the call of a desk that a server was busy with for longest.
struct LongestCall {
  int calls = 0;  // that were looked at
  double milliseconds = 0;
  std::string method;
};

// LongestCallOfDesks reads the calls that ended behind `since` from a server's log: those to
// eligibility, records and consents.
LongestCall LongestCallOfDesks(const std::filesystem::path& log, absl::Time since);

}  // namespace kakunin::faults
