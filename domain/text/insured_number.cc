#include "domain/text/insured_number.h"

namespace kakunin {

std::optional<InsuredNumber> InsuredNumber::Parse(std::string_view text) {
  std::optional<FoldedText> read = FoldedText::Read(text, kMaxCharacters);
  if (!read.has_value() || read->folded.empty()) return std::nullopt;
  return InsuredNumber(*std::move(read));
}

}  // namespace kakunin
