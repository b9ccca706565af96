#pragma once

#include <string>

#include "absl/time/time.h"
#include "domain/error.h"
#include "domain/next_step.h"

namespace kakunin {

// AsksToCallOperations tells whether the sentence of `reason` asks its reader to tell or ask who
// runs the service (運用担当) something; a test compares it with the sentences.
bool AsksToCallOperations(Reason reason);

// HaveReadySentence asks to have ready what `contact` names before a call; empty without any.
std::string HaveReadySentence(const Contact& contact);

// OperationsContactSentence is what such a sentence is followed by at `at`: within the hours of
// `contact` its number, hours and what to have ready; outside them no number, but when somebody
// will be there. Empty without a number.
std::string OperationsContactSentence(const Contact& contact, absl::Time at);

}  // namespace kakunin
