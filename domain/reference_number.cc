#include "domain/reference_number.h"

#include <algorithm>
#include <set>

namespace kakunin {

std::optional<std::vector<std::string>> AfterChange(std::span<const std::string> held,
                                                    ReferenceNumberAction action,
                                                    std::span<const std::string> numbers) {
  std::set<std::string> named(numbers.begin(), numbers.end());
  std::vector<std::string> after;
  for (const std::string& number : held) {
    const bool is_named = named.contains(number);
    const bool stays = action == ReferenceNumberAction::kAdd       ? true
                       : action == ReferenceNumberAction::kReplace ? is_named
                                                                   : !is_named && !named.empty();
    if (stays) after.push_back(number);
  }
  if (action == ReferenceNumberAction::kDelete) return after;
  for (const std::string& number : held) named.erase(number);
  after.insert(after.end(), named.begin(), named.end());
  if (after.size() > kMostReferenceNumbers && after.size() > held.size()) return std::nullopt;
  return after;
}

}  // namespace kakunin
