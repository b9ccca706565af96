#include "server/config/config_warnings.h"

namespace kakunin {

std::vector<std::string> ConfigWarnings(const Config& config) {
  std::vector<std::string> warnings;
  if (config.environment.IsSandbox() || !config.terminal) return warnings;
  if (config.onboarding) {
    warnings.emplace_back(
        "[onboarding] and [terminal] share a process: peers without a certificate can end it, and "
        "the desks with it; give [onboarding] a configuration and a process of its own "
        "(kakunin-onboarding.service)");
  }
  // A proxy keeps terminals from doing it; nobody stands before the other ports.
  if (config.terminal->behind_proxy && (config.insurer || config.operator_)) {
    warnings.emplace_back(
        "[terminal] is behind a proxy, and [insurer] or [operator], which are not, share its "
        "process: whoever has a certificate of those can end it; give them a process of their own");
  }
  return warnings;
}

}  // namespace kakunin
