#pragma once

#include <string>

#include "kakunin/v1/eligibility_service.pb.h"

namespace kakunin {

// AnswerTable shows an answer to a clerk, in Japanese. What is absent in the answer has no line.
std::string AnswerTable(const v1::ConfirmByCardResponse& answer);
std::string AnswerTable(const v1::ConfirmByInsuredNumberResponse& answer);

}  // namespace kakunin
