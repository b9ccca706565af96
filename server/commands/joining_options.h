#pragma once

#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/time/civil_time.h"
#include "domain/restricted_grounds.h"

namespace kakunin {

// TodayOption is the day that a rule is asked about.
struct TodayOption {
  std::string text;  // empty: the day it runs, JST
};

// AddTodayOption adds --today.
void AddTodayOption(CLI::App& command, TodayOption& option);

// DayOf reads it; what is no day is a CLI::ValidationError.
absl::CivilDay DayOf(const TodayOption& option);

// DayOfOption and MonthOfOption read the text of an option of this name (YYYY-MM-DD, YYYY-MM), or
// end by a CLI::ValidationError. Empty in, empty out.
std::optional<absl::CivilDay> DayOfOption(const std::string& flag, const std::string& text);
std::optional<absl::CivilMonth> MonthOfOption(const std::string& flag, const std::string& text);

// AddOpenedOption adds --opened, which opens a ground that is a matter of configuration.
void AddOpenedOption(CLI::App& command, std::vector<std::string>& opened);

// OpenedRules reads KEY=DAY or KEY=DAY/LAST-DAY of each, or ends by a CLI::ValidationError.
RestrictedGroundRules OpenedRules(const std::vector<std::string>& opened);

// GroundOption reads a ground's key, or ends by a CLI::ValidationError that lists them.
RestrictedGround GroundOption(const std::string& flag, const std::string& key);

// DayWithWeekday is "2027-04-01（木）".
std::string DayWithWeekday(absl::CivilDay day);

}  // namespace kakunin
