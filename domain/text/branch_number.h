#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace kakunin {

// BranchNumber is the 枝番: two digits that tell apart the persons under one symbol and number.
// The late-elderly and holders of a self-defence card have none (use std::optional). Personal
// data: it has no formatter and no stream operator. Source: domain.md 3.
class BranchNumber {
 public:
  // Parse reads one or two digits in any width; "1" is "01". Returns nullopt for anything else,
  // empty text included.
  static std::optional<BranchNumber> Parse(std::string_view text);

  // Reveal returns the two ASCII digits.
  std::string_view Reveal() const& { return {digits_.data(), digits_.size()}; }
  std::string_view Reveal() const&& = delete;

  friend bool operator==(const BranchNumber&, const BranchNumber&) = default;

 private:
  BranchNumber() = default;

  std::array<char, 2> digits_;
};

}  // namespace kakunin
