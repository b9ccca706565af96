#pragma once

#include <string>

#include "kakunin/v1/consent_service.pb.h"

namespace kakunin {

// ConsentsTable shows consents and decisions to a clerk, in Japanese.
std::string ConsentsTable(const v1::ListConsentsResponse& answer);
std::string ConsentsTable(const v1::RevokeConsentResponse& answer);
std::string ConsentsTable(const v1::ExplainDecisionResponse& answer);

}  // namespace kakunin
