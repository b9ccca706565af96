#pragma once

namespace kakunin {

// JisVariant returns the character of JIS X 0208 that stands for `code_point`, which has none of
// its own, or 0 when nothing is agreed. The table holds forms that differ in drawing only (old and
// new shapes, popular shapes), as found in the lists of the ordinances on common characters and
// on characters for names (常用漢字表 2010, 人名用漢字) and in family registers; a pair whose
// meaning differs is left out on purpose.
char32_t JisVariant(char32_t code_point);

}  // namespace kakunin
