#include "server/observe/readiness.h"

#include <fmt/format.h>

namespace kakunin {

Readiness AskReadiness(const std::vector<ReadinessCheck>& checks) {
  Readiness result;
  for (const ReadinessCheck& check : checks) {
    const CheckFinding found = check.look();
    result.ready = result.ready && found.health != Health::kFault;
    const char* word = found.health == Health::kFine      ? "fine"
                       : found.health == Health::kWarning ? "warning"
                                                          : "fault";
    result.text += fmt::format("{} {}: {}\n", word, check.name, found.text);
  }
  return result;
}

}  // namespace kakunin
