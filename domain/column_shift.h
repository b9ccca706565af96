#pragma once

#include "domain/coverage.h"

namespace kakunin {

// LooksShifted tells whether a coverage's texts look like those of other columns: digits in a name,
// kanji or digits in kana, an address without any kanji. One such row is an oddity (a foreigner's
// name, a PO box), many are a file whose columns have moved: the feed's risk counts them.
bool LooksShifted(const Coverage& coverage);

}  // namespace kakunin
