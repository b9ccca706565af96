#pragma once

namespace kakunin {

// UsualKanji returns the usual shape of a kanji that is written in several in names and places,
// both of them in JIS X 0208 (邉 and 邊 for 辺, 齋 for 斉, 澤 for 沢), and any other code point
// unchanged. Characters of different meaning that registers and insurers take for each other in
// names (斉 and 斎, 島 and 嶋) are one here: the result is for comparing a name that other facts
// confirm, never for showing one. Sources: 常用漢字表 2010 (old shapes), 人名用漢字, and the shapes
// that family registers write for common family names.
char32_t UsualKanji(char32_t code_point);

}  // namespace kakunin
