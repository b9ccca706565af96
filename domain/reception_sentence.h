#pragma once

#include <string_view>

#include "domain/error.h"

namespace kakunin {

// ReceptionSentence is what a patient at home reads of a refusal, ja-JP, with the next step: the
// sentences of error.h are for a clerk who has the card's holder before them.
std::string_view ReceptionSentence(Reason reason);

}  // namespace kakunin
