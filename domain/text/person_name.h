#pragma once

#include <string>
#include <string_view>

namespace kakunin {

// JisSafeName is a name spelled with characters that every medical-office system can show. The
// original code points are kept elsewhere; this is never the only copy of a name.
struct JisSafeName {
  // UTF-8, only ASCII 20-7E and JIS X 0208.
  std::string text;
  // True when `text` differs from the original in any character.
  bool replaced = false;
};

// ToJisX0208 spells `utf8` with ASCII and JIS X 0208 (levels 1 and 2). A character outside of them
// becomes, in this order: nothing (variation selectors and other invisible characters), its
// composed or compatibility form (NFC, NFKC: 神 U+FA19 -> 神, half-width kana -> full-width), the
// ordinary ideograph of a CJK radical, the agreed variant of our table (髙 -> 高, 﨑 -> 崎,
// 𠮷 -> 吉, 濵 -> 濱), a Latin letter without its accent, else 〓. 濱, 邉 and 邊 are in JIS X 0208
// (level 2) and stay. The characters that CP932 and JIS map to different code points of one JIS
// cell (～ and 〜, － and −, ― and — ...) are kept either way. Malformed UTF-8 becomes 〓.
// Thread-safe.
JisSafeName ToJisX0208(std::string_view utf8);

// ToHalfWidthKana spells hiragana and full-width katakana of `utf8` as half-width katakana (JIS X
// 0201), full-width letters and the ideographic space as ASCII: the form of NameKana in answers
// (domain.md 1.6). Kana that have no half-width form take their sound's: ヰ ｲ, ヱ ｴ, ヮ ﾜ, ヵ ｶ,
// ヶ ｹ. Other characters pass unchanged; malformed UTF-8 becomes U+FFFD. Thread-safe.
std::string ToHalfWidthKana(std::string_view utf8);

}  // namespace kakunin
