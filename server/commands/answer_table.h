#pragma once

#include <string>
#include <string_view>

#include "kakunin/v1/eligibility_service.pb.h"

namespace kakunin {

// AnswerTable shows an answer to a clerk, in Japanese. What is absent in the answer has no line.
std::string AnswerTable(const v1::ConfirmByCardResponse& answer);
std::string AnswerTable(const v1::ConfirmByInsuredNumberResponse& answer);

// ValidityText is a validity in a clerk's words.
std::string_view ValidityText(v1::Validity validity);

}  // namespace kakunin
