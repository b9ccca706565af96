#include "domain/text/folded_text.h"

#include <algorithm>
#include <utility>

#include "domain/text/normalise.h"

namespace kakunin {

std::optional<FoldedText> FoldedText::Read(std::string_view text, size_t max_characters) {
  const std::string_view trimmed = TrimWhiteSpace(text);
  const auto characters = static_cast<size_t>(std::count_if(
      trimmed.begin(), trimmed.end(), [](char byte) { return (byte & 0xC0) != 0x80; }));
  // Before folding: a long text must not cost an NFKC pass. Continuation bytes are not counted,
  // so their number is bounded too.
  if (characters > max_characters || trimmed.size() > 4 * max_characters) return std::nullopt;
  std::optional<std::string> folded = FoldForSearch(trimmed);
  if (!folded.has_value()) return std::nullopt;
  return FoldedText{.original = std::string(trimmed), .folded = *std::move(folded)};
}

}  // namespace kakunin
