#include "domain/text/branch_number.h"

#include "domain/text/digits.h"

namespace kakunin {

std::optional<BranchNumber> BranchNumber::Parse(std::string_view text) {
  BranchNumber branch;
  const std::optional<size_t> count = ReadDigits(text, branch.digits_);
  if (!count.has_value() || *count == 0) return std::nullopt;
  if (*count == 1) branch.digits_ = {'0', branch.digits_[0]};
  return branch;
}

}  // namespace kakunin
