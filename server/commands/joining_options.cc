#include "server/commands/joining_options.h"

#include <fmt/format.h>

#include "domain/civil_day.h"
#include "domain/japanese_calendar.h"
#include "server/application_input/application_fields.h"
#include "server/clock.h"

namespace kakunin {
namespace {

OpenedGround ReadOpened(const std::string& days) {
  const size_t slash = days.find('/');
  const auto from = WrittenDay(std::string_view(days).substr(0, slash));
  OpenedGround opened;
  bool good = from.has_value();
  if (good) opened.from = *from;
  if (slash != std::string::npos) {
    opened.last_day = WrittenDay(std::string_view(days).substr(slash + 1));
    good = good && opened.last_day && *opened.last_day >= opened.from;
  }
  if (!good) throw CLI::ValidationError("--opened", "KEY=YYYY-MM-DD or KEY=YYYY-MM-DD/YYYY-MM-DD");
  return opened;
}

}  // namespace

void AddTodayOption(CLI::App& command, TodayOption& option) {
  command.add_option("--today", option.text, "The day to reckon from (YYYY-MM-DD)")
      ->default_str("the day it runs, JST");
}

absl::CivilDay DayOf(const TodayOption& option) {
  const auto day = DayOfOption("--today", option.text);
  return day ? *day : CivilDayAt(SystemClock().Now());
}

std::optional<absl::CivilDay> DayOfOption(const std::string& flag, const std::string& text) {
  if (text.empty()) return std::nullopt;
  const auto day = WrittenDay(text);
  if (!day) throw CLI::ValidationError(flag, "not a day: YYYY-MM-DD");
  return day;
}

std::optional<absl::CivilMonth> MonthOfOption(const std::string& flag, const std::string& text) {
  if (text.empty()) return std::nullopt;
  const auto month = WrittenMonth(text);
  if (!month) throw CLI::ValidationError(flag, "not a month: YYYY-MM");
  return month;
}

void AddOpenedOption(CLI::App& command, std::vector<std::string>& opened) {
  command
      .add_option("--opened", opened,
                  "A ground that opens by configuration, from a day on and perhaps to a last one: "
                  "KEY=DAY or KEY=DAY/LAST-DAY; may be repeated")
      ->allow_extra_args(false);
}

RestrictedGroundRules OpenedRules(const std::vector<std::string>& opened) {
  RestrictedGroundRules rules;
  for (const std::string& one : opened) {
    const size_t equals = one.find('=');
    const std::string key = one.substr(0, equals);
    const auto ground = RestrictedGroundNamed(key);
    if (equals == std::string::npos || !ground || !RowOf(*ground).by_configuration) {
      throw CLI::ValidationError(
          "--opened", "KEY is one of treatment-house, paper-claims, check-up-body, midwife");
    }
    const OpenedGround days = ReadOpened(one.substr(equals + 1));
    switch (*ground) {
      case RestrictedGround::kTreatmentHouse:
        rules.treatment_houses = days;
        break;
      case RestrictedGround::kPaperClaims:
        rules.paper_claims = days;
        break;
      case RestrictedGround::kCheckUpBody:
        rules.check_up_bodies = days;
        break;
      default:
        rules.midwives = days;
        break;
    }
  }
  return rules;
}

RestrictedGround GroundOption(const std::string& flag, const std::string& key) {
  const auto ground = RestrictedGroundNamed(key);
  if (ground) return *ground;
  std::string keys;
  for (const GroundRow& row : RestrictedGroundTable()) {
    keys += (keys.empty() ? "" : ", ") + std::string(row.key);
  }
  throw CLI::ValidationError(flag, "one of " + keys);
}

std::string DayWithWeekday(absl::CivilDay day) {
  return fmt::format("{}（{}）", absl::FormatCivilTime(day), WeekdayName(day));
}

}  // namespace kakunin
