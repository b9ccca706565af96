#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

#include "domain/text/folded_text.h"

namespace kakunin {

// InsuredNumber is the 番号 of an insured person's card: 1 to 20 characters, leading zeros
// significant ("0012" is not "12"). Personal data: it has no formatter and no stream operator.
// Source: domain.md 1.5 and 3.
class InsuredNumber {
 public:
  static constexpr size_t kMaxCharacters = 20;

  // Parse reads a number in any width. Returns nullopt for empty or blank text, malformed UTF-8,
  // control characters or more than 20 characters.
  static std::optional<InsuredNumber> Parse(std::string_view text);

  // RevealOriginal returns the number as received, trimmed: for storage and answers only.
  std::string_view RevealOriginal() const& { return text_.original; }
  std::string_view RevealOriginal() const&& = delete;

  // RevealFolded returns the compared spelling: for look-up keys only.
  std::string_view RevealFolded() const& { return text_.folded; }
  std::string_view RevealFolded() const&& = delete;

  // Two numbers are equal when their compared spellings are.
  friend bool operator==(const InsuredNumber& a, const InsuredNumber& b) {
    return a.text_.folded == b.text_.folded;
  }

 private:
  explicit InsuredNumber(FoldedText text) : text_(std::move(text)) {}

  FoldedText text_;
};

}  // namespace kakunin
