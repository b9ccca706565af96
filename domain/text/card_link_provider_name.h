#pragma once

#include <string_view>

namespace kakunin {

// IsCardLinkProviderName tells whether `name` may name a card link provider: 3 to 16 small letters,
// digits and hyphens, a letter first and no hyphen last. The field knows one provider,
// 地方公共団体情報システム機構, and gives it no number: the name is ours, and never one of digits
// alone, which insurers (eight) and claims reviewers (three) have.
constexpr bool IsCardLinkProviderName(std::string_view name) {
  if (name.size() < 3 || name.size() > 16) return false;
  if (name.front() < 'a' || name.front() > 'z' || name.back() == '-') return false;
  for (const char c : name) {
    const bool letter = c >= 'a' && c <= 'z';
    const bool digit = c >= '0' && c <= '9';
    if (!letter && !digit && c != '-') return false;
  }
  return true;
}

}  // namespace kakunin
