#include "domain/text/insured_symbol.h"

namespace kakunin {

std::optional<InsuredSymbol> InsuredSymbol::Parse(std::string_view text) {
  std::optional<FoldedText> read = FoldedText::Read(text, kMaxCharacters);
  if (!read.has_value()) return std::nullopt;
  return InsuredSymbol(*std::move(read));
}

}  // namespace kakunin
