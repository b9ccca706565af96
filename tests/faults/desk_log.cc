#include "tests/faults/desk_log.h"

#include <fstream>
#include <nlohmann/json.hpp>

namespace kakunin::faults {

LongestCall LongestCallOfDesks(const std::filesystem::path& log, absl::Time since) {
  LongestCall longest;
  std::ifstream in(log);
  for (std::string line; std::getline(in, line);) {
    const auto entry = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!entry.is_object() || !entry.contains("method") || !entry.contains("ms")) continue;
    const std::string method = entry["method"];
    bool of_desks = false;
    for (const char* service : {".EligibilityService/", ".RecordService/", ".ConsentService/"}) {
      of_desks = of_desks || method.find(service) != std::string::npos;
    }
    absl::Time ended;
    if (!of_desks ||
        !absl::ParseTime(absl::RFC3339_full, std::string(entry["time"]), &ended, nullptr) ||
        ended < since) {
      continue;
    }
    ++longest.calls;
    if (const double took = entry["ms"]; took > longest.milliseconds) {
      longest.milliseconds = took;
      longest.method = method;
    }
  }
  return longest;
}

}  // namespace kakunin::faults
