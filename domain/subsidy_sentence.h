#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "domain/subsidy.h"

namespace kakunin {

// YenText is "2,101,000円".
std::string YenText(int64_t yen);

// RateText is "1/2", or "全額" for the whole.
std::string RateText(const SubsidyRate& rate);

// LabelOf names a step for the left of a table, in Japanese.
std::string_view LabelOf(SubsidyStepKind kind);

// SentenceOf tells a step of `answer`, a gap, an assumption in Japanese.
std::string SentenceOf(const SubsidyStep& step, const SubsidyAnswer& answer);
std::string_view SentenceOf(SubsidyGap gap);
std::string_view SentenceOf(SubsidyAssumption assumption);

// NameOf is the stable name of a gap or an assumption for machines, UPPER_SNAKE.
std::string_view NameOf(SubsidyGap gap);
std::string_view NameOf(SubsidyAssumption assumption);
std::string_view NameOf(SubsidyStepKind kind);

// ResultSentence tells in Japanese what comes of it: an amount, a range, or why there is none.
std::string ResultSentence(const SubsidyAnswer& answer);

}  // namespace kakunin
