#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace kakunin {

// FoldForSearch returns the spelling of `utf8` that is compared and hashed, never shown or stored
// as the text itself. Two spellings that a clerk, an insurer or a document would call the same
// give the same bytes:
//  - NFKC (full and half width, composed and decomposed kana, Kangxi radicals, ligatures);
//  - the CJK radicals U+2E80-2EFF, which NFKC leaves alone although they stand in real documents
//    (⺠ for 民, ⻭ for 歯);
//  - ゛ and ゜ joined to the kana before them, which NFKC would part by a space;
//  - variation selectors and other invisible characters dropped (葛 with a selector is 葛);
//  - every white space dropped, inside as well as outside;
//  - every hyphen, dash and minus sign to '-', and ー too: on a Japanese keyboard they are one
//    key, so "ア－12" and "アー12" are the same typed symbol. Katakana words lose nothing: both
//    sides of a comparison are folded, so カード still finds カード;
//  - letters to upper case: "abc" on a card is also typed "ABC".
// 一 (one), 〇 (zero) and characters for private use stay as they are. Folding a folded text
// changes nothing.
// Returns nullopt when `utf8` is not well-formed UTF-8 or holds a control character other than
// white space. Pure ASCII takes a path without ICU and, up to 15 bytes, without allocation.
// Thread-safe. Source: domain.md 3 "Symbol/number/branch".
std::optional<std::string> FoldForSearch(std::string_view utf8);

// TrimWhiteSpace returns the part of `utf8` between its outer white space (ASCII white space and
// the ideographic space U+3000). The view is into `utf8`.
std::string_view TrimWhiteSpace(std::string_view utf8);

// IsHyphenLike says whether `code_point` is one of the characters that FoldForSearch turns into
// '-'. The long-vowel mark ー is not among them, FoldForSearch treats it on its own.
bool IsHyphenLike(char32_t code_point);

// FoldCjkRadical returns the ordinary ideograph for a CJK radical in U+2E80-2EFF, and any other
// code point unchanged. Source: Unicode property Equivalent_Unified_Ideograph.
char32_t FoldCjkRadical(char32_t code_point);

}  // namespace kakunin
