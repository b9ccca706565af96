#include "tests/architecture/joining_document.h"

#include <fmt/format.h>

#include <span>

#include "domain/account_registration_state.h"
#include "domain/card_reader_order.h"
#include "domain/introduction_plan.h"
#include "domain/japanese_calendar.h"
#include "domain/operation_test.h"
#include "domain/required_documents.h"
#include "domain/restricted_grounds.h"
#include "domain/subsidy_application_state.h"
#include "domain/subsidy_schedule.h"
#include "domain/subsidy_sentence.h"
#include "domain/use_application_state.h"

namespace kakunin::architecture {
namespace {

std::string From(absl::CivilDay day) {
  return day == absl::CivilDay::min() ? "" : absl::FormatCivilTime(day);
}

// Through is the last day of a half-open window.
std::string Through(absl::CivilDay to) {
  return to == absl::CivilDay::max() ? "" : absl::FormatCivilTime(to - 1);
}

std::string_view GoverningText(GoverningDay day) {
  switch (day) {
    case GoverningDay::kReaderApplication:
      return "card reader applied for";
    case GoverningDay::kSubsidyApplication:
      return "subsidy applied for";
    case GoverningDay::kNotStated:
      return "not stated";
  }
  return "";
}

std::string Schedules() {
  std::string text =
      "| Schedule | What | Class | Readers | Ceiling | Rate | Stated cap | Governing day | From | "
      "Through | Tax | Source |\n|---|---|---|---|---|---|---|---|---|---|---|---|\n";
  const auto yen = [](const std::optional<int64_t>& amount) {
    return amount ? YenText(*amount) : std::string("not stated");
  };
  for (const SubsidyRow& row : SubsidyTable()) {
    const bool whole = row.rate == SubsidyRate{1, 1};
    text += fmt::format(
        "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |\n", NameOf(row.schedule),
        NameOf(row.measure), row.subsidy_class ? NameOf(*row.subsidy_class) : "any",
        row.readers ? fmt::format("{}", *row.readers) : "", yen(row.ceiling_yen),
        row.rate ? RateText(*row.rate) : "not stated",
        whole ? "the ceiling" : yen(row.stated_cap_yen), GoverningText(row.governed_by),
        From(row.from), Through(row.to),
        row.includes_tax ? (*row.includes_tax ? "included" : "not included") : "not stated",
        row.source);
  }
  return text;
}

std::string Grounds() {
  std::string text =
      "| Word | Ground | From | Through | Right | Ends | Source |\n|---|---|---|---|---|---|---|\n";
  for (const GroundRow& row : RestrictedGroundTable()) {
    text += fmt::format("| `{}` | {} | {} | {} | {} | {} | {} |\n", row.key, row.name,
                        row.by_configuration ? "by configuration" : From(row.from), Through(row.to),
                        row.gives_right ? "yes" : "none", row.ends_when, row.source);
  }
  return text;
}

std::string Readers() {
  std::string text = "| Facility | Free units |\n|---|---|\n";
  for (const FacilityType type :
       {FacilityType::kHospital, FacilityType::kClinic, FacilityType::kDental,
        FacilityType::kPharmacy, FacilityType::kHomeNursing}) {
    text += fmt::format("| {} | {} |\n", KeyOf(type), FreeReaders(type));
  }
  text += "\n| Maker | Word |\n|---|---|\n";
  for (int number = 1; number <= kCardReaderMakers; ++number) {
    const auto maker = static_cast<CardReaderMaker>(number);
    text += fmt::format("| {} | `{}` |\n", NameOf(maker), KeyOf(maker));
  }
  return text;
}

std::string Documents() {
  std::string text = "| Paper | What | Attached | Source |\n|---|---|---|---|\n";
  for (int number = 1; number <= kJoiningPapers; ++number) {
    const auto paper = static_cast<JoiningPaper>(number);
    if (!IsChecklistStated(paper)) {
      text += fmt::format("| {} | not stated | | |\n", NameOf(paper));
    }
    for (const RequiredDocument& one : RequiredDocuments(paper)) {
      text += fmt::format("| {} | {} | {} | {} |\n", NameOf(paper), one.name,
                          one.attached ? "yes" : "at hand", one.source);
    }
  }
  return text;
}

std::string Steps() {
  std::string text = "| Step | Word | When | Source |\n|---|---|---|---|\n";
  for (int number = 1; number <= kIntroductionSteps; ++number) {
    const IntroductionStepFacts& facts = FactsOf(static_cast<IntroductionStep>(number));
    text +=
        fmt::format("| {} | `{}` | {} | {} |\n", facts.name, facts.key, facts.rule, facts.source);
  }
  return text;
}

std::string Holidays() {
  int substitutes = 0;
  int citizens = 0;
  for (const Holiday& holiday : NationalHolidays()) {
    substitutes += holiday.kind == HolidayKind::kSubstitute ? 1 : 0;
    citizens += holiday.kind == HolidayKind::kCitizens ? 1 : 0;
  }
  return fmt::format(
      "{} holidays from {} through {}, {} of them substitute holidays (振替休日) and {} a "
      "citizens' "
      "holiday (国民の休日). Source: {}.\n",
      NationalHolidays().size(), absl::FormatCivilTime(kHolidaysFrom),
      absl::FormatCivilTime(kHolidaysThrough), substitutes, citizens, kHolidaysSource);
}

std::string Items() {
  std::string text = "| Item | Word | Full type | Restricted type |\n|---|---|---|---|\n";
  for (int number = 1; number <= kOperationTestItems; ++number) {
    const auto item = static_cast<OperationTestItem>(number);
    text += fmt::format("| {} | `{}` | {} | {} |\n", NameOf(item), KeyOf(item),
                        NeedsItem(IntroductionType::kFull, item) ? "needed" : "",
                        NeedsItem(IntroductionType::kRestricted, item) ? "needed" : "");
  }
  return text;
}

// Machine is the table of one machine: a row for each state, a column for each event.
template <class State, class Event>
std::string Machine(std::span<const JoiningStep<State, Event>> steps, int states, int events) {
  std::string text = "| State | 状態 |";
  std::string rule = "|---|---|";
  for (int event = 1; event <= events; ++event) {
    text += fmt::format(" {} |", NameOf(static_cast<Event>(event)));
    rule += "---|";
  }
  text += "\n" + rule + "\n";
  for (int state = 1; state <= states; ++state) {
    const auto from = static_cast<State>(state);
    text += fmt::format("| {} | {} |", NameOf(from), JapaneseNameOf(from));
    for (int event = 1; event <= events; ++event) {
      const auto outcome = FollowStep(steps, from, static_cast<Event>(event));
      text += fmt::format(" {} |", outcome.to ? NameOf(*outcome.to) : "");
    }
    text += "\n";
  }
  return text;
}

}  // namespace

std::vector<JoiningSection> JoiningSections() {
  return {
      {"schedules", Schedules()},
      {"grounds", Grounds()},
      {"readers", Readers()},
      {"documents", Documents()},
      {"steps", Steps()},
      {"holidays", Holidays()},
      {"test items", Items()},
      {"account machine", Machine(AllAccountRegistrationSteps(), kAccountRegistrationStates,
                                  kAccountRegistrationEvents)},
      {"use machine",
       Machine(AllUseApplicationSteps(), kUseApplicationStates, kUseApplicationEvents)},
      {"subsidy machine",
       Machine(AllSubsidyApplicationSteps(), kSubsidyApplicationStates, kSubsidyApplicationEvents)},
  };
}

std::string WithJoiningSections(const std::string& document) {
  std::string text = document;
  for (const JoiningSection& section : JoiningSections()) {
    const std::string begin = fmt::format("<!-- {}: written from the code -->\n", section.name);
    const std::string end = fmt::format("<!-- {} ends -->", section.name);
    const size_t from = text.find(begin);
    const size_t to = text.find(end);
    if (from == std::string::npos || to == std::string::npos || to < from) return "";
    const size_t inside = from + begin.size();
    text.replace(inside, to - inside, "\n" + section.text + "\n");
  }
  return text;
}

}  // namespace kakunin::architecture
