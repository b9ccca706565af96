#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

#include "domain/text/folded_text.h"

namespace kakunin {

// InsuredSymbol is the 記号 of an insured person's card: up to 20 characters, possibly kana or
// kanji. Empty stands for "none": the late-elderly (後期高齢者) have no symbol. Personal data: it
// has no formatter and no stream operator. Source: domain.md 1.5 and 3.
class InsuredSymbol {
 public:
  static constexpr size_t kMaxCharacters = 20;

  // The default symbol is the absent one.
  InsuredSymbol() = default;

  // Parse reads a symbol in any width. Empty or blank text gives the absent symbol. Returns
  // nullopt for malformed UTF-8, control characters or more than 20 characters.
  static std::optional<InsuredSymbol> Parse(std::string_view text);

  // IsAbsent says that there is no symbol.
  bool IsAbsent() const { return text_.folded.empty(); }

  // RevealOriginal returns the symbol as received, trimmed: for storage and answers only.
  std::string_view RevealOriginal() const& { return text_.original; }
  std::string_view RevealOriginal() const&& = delete;

  // RevealFolded returns the compared spelling: for look-up keys only.
  std::string_view RevealFolded() const& { return text_.folded; }
  std::string_view RevealFolded() const&& = delete;

  // Two symbols are equal when their compared spellings are.
  friend bool operator==(const InsuredSymbol& a, const InsuredSymbol& b) {
    return a.text_.folded == b.text_.folded;
  }

 private:
  explicit InsuredSymbol(FoldedText text) : text_(std::move(text)) {}

  FoldedText text_;
};

}  // namespace kakunin
