#pragma once

#include <string>

#include "domain/subsidy.h"

namespace kakunin {

// SubsidyAnswerTable shows an amount with its working in Japanese, SubsidyAnswerJson as one object.
std::string SubsidyAnswerTable(const SubsidyFacts& facts, const SubsidyAnswer& answer);
std::string SubsidyAnswerJson(const SubsidyFacts& facts, const SubsidyAnswer& answer);

// SubsidySchedulesTable shows the dated table of schedules, SubsidySchedulesJson as one object.
std::string SubsidySchedulesTable();
std::string SubsidySchedulesJson();

}  // namespace kakunin
