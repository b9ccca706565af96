#pragma once

#include <optional>
#include <string>

#include "domain/introduction_plan.h"

namespace kakunin {

// PlanOutcome is what `kakunin plan` tells.
struct PlanOutcome {
  IntroductionWish wish;
  absl::CivilDay today;
  IntroductionPlan plan;
  std::optional<absl::CivilMonth> earliest;  // the first month with nothing late
};

// PlanTable shows the dates in Japanese, PlanJson as one object.
std::string PlanTable(const PlanOutcome& outcome);
std::string PlanJson(const PlanOutcome& outcome);

}  // namespace kakunin
