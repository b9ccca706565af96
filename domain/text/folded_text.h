#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace kakunin {

// FoldedText holds a text in two spellings: as received (trimmed) and as compared. It is the
// inside of InsuredSymbol and InsuredNumber and is not used by itself.
struct FoldedText {
  std::string original;
  std::string folded;

  // Read returns `text` trimmed, beside its FoldForSearch form. Empty text is allowed. Returns
  // nullopt when FoldForSearch refuses it or it has more than `max_characters` code points.
  static std::optional<FoldedText> Read(std::string_view text, size_t max_characters);
};

}  // namespace kakunin
