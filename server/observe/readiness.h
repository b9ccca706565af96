#pragma once

#include <functional>
#include <string>
#include <vector>

namespace kakunin {

enum class Health { kFine, kWarning, kFault };

// CheckFinding is what one check found and, unless all is fine, what to do about it.
struct CheckFinding {
  Health health = Health::kFine;
  std::string text;
};

// ReadinessCheck is one question about this server. `look` must be quick and thread-safe: it reads
// what others keep fresh.
struct ReadinessCheck {
  std::string name;
  std::function<CheckFinding()> look;
};

// Readiness is whether calls should be sent here. A warning is told and changes nothing.
struct Readiness {
  bool ready = true;
  std::string text;  // one line a check: "fault registry: ..."
};

// AskReadiness runs every check.
Readiness AskReadiness(const std::vector<ReadinessCheck>& checks);

}  // namespace kakunin
