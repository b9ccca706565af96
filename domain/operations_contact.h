#pragma once

#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "domain/next_step.h"

namespace kakunin {

// AsksToCallOperations tells whether an error's sentence (ja-JP) asks its reader to tell or ask who
// runs the service (運用担当) something.
bool AsksToCallOperations(std::string_view sentence);

// OperationsContactSentence is what such a sentence is followed by at `at`: within the hours of
// `contact` its number, hours and what to have ready; outside them no number, but when somebody
// will be there. Empty without a number.
std::string OperationsContactSentence(const Contact& contact, absl::Time at);

}  // namespace kakunin
