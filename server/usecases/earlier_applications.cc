#include "server/usecases/earlier_applications.h"

#include <fmt/format.h>

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "domain/application_terms.h"
#include "domain/card_reader_order.h"
#include "domain/civil_day.h"
#include "domain/error.h"

namespace kakunin {
namespace {

constexpr char kUnits[] = "card_reader_order.units";
constexpr char kMeasure[] = "measure";
constexpr char kReadersGone[] =
    "無償提供は合わせて{}台まで、承認済みは{}台です。差し戻してください。";

// WasDropped tells whether nothing came of an application, or nothing will.
bool WasDropped(const Application& application) {
  return application.state == ApplicationState::kRefused ||
         application.state == ApplicationState::kWithdrawn;
}

// IsUndecided tells whether an application may still be refused. Papers that were checked are no
// decision: two that both had theirs checked would keep each other from being approved.
bool IsUndecided(const Application& application) {
  return application.state == ApplicationState::kSubmitted ||
         application.state == ApplicationState::kReturned ||
         application.state == ApplicationState::kDocumentsChecked;
}

int UnitsIn(const std::string& text) {
  int units = 0;
  return absl::SimpleAtoi(text, &units) ? units : 0;
}

}  // namespace

std::string GroupClassLine(SubsidyClass subsidy_class) {
  return fmt::format("補助の区分: {}", NameOf(subsidy_class));
}

absl::StatusOr<std::vector<Application>> EarlierApplications::Counting(Transaction& tx,
                                                                       ApplicationKind kind) const {
  ASSIGN_OR_RETURN(auto earlier, stores_.applications.OfFacility(tx, "", of_.facility_code, kind));
  std::vector<Application> counting;
  for (Application& one : earlier) {
    if (WasDropped(one) || one.id == of_.except) continue;
    if (one.account != of_.account && IsUndecided(one)) {
      // Unless it was returned from its operation test.
      ASSIGN_OR_RETURN(const auto approved, ApprovedVersion(tx, one));
      if (!approved) continue;
    }
    counting.push_back(std::move(one));
  }
  return counting;
}

absl::StatusOr<std::optional<int>> EarlierApplications::ApprovedVersion(
    Transaction& tx, const Application& application) const {
  ASSIGN_OR_RETURN(const auto steps, stores_.applications.Steps(tx, application.id));
  const auto approved =
      std::ranges::find(steps, ApplicationEvent::kApprove, &ApplicationStep::event);
  if (approved == steps.end()) return std::nullopt;
  // Each version is one step.
  return static_cast<int>(std::count_if(steps.begin(), approved, [](const ApplicationStep& one) {
    return one.event == ApplicationEvent::kSubmit;
  }));
}

absl::StatusOr<std::vector<std::string>> EarlierApplications::Values(Transaction& tx,
                                                                     ApplicationKind kind,
                                                                     std::string_view field) const {
  std::vector<std::string> values;
  ASSIGN_OR_RETURN(const auto earlier, Counting(tx, kind));
  for (const Application& one : earlier) {
    ASSIGN_OR_RETURN(const auto version, stores_.applications.FindVersion(tx, one.id, one.version));
    if (!version) continue;
    const auto form = ReadForm(version->content);
    if (form) values.push_back(ValueIn(*form, field));
  }
  return values;
}

absl::StatusOr<int> EarlierApplications::Readers(Transaction& tx) const {
  int readers = 0;
  for (const auto kind : {ApplicationKind::kUse, ApplicationKind::kCardReaders}) {
    ASSIGN_OR_RETURN(const auto earlier, Counting(tx, kind));
    for (const Application& one : earlier) {
      ASSIGN_OR_RETURN(const int units, UnitsOf(tx, one));
      readers += units;
    }
  }
  return readers;
}

absl::StatusOr<int> EarlierApplications::UnitsOf(Transaction& tx,
                                                 const Application& application) const {
  // What was approved has been ordered, whatever a later version says that was handed in after a
  // return from the operation test.
  ASSIGN_OR_RETURN(const auto approved, ApprovedVersion(tx, application));
  int most = 0;
  for (int number = approved.value_or(application.version); number <= application.version;
       ++number) {
    ASSIGN_OR_RETURN(const auto version,
                     stores_.applications.FindVersion(tx, application.id, number));
    const auto form = version ? ReadForm(version->content) : std::nullopt;
    if (form) most = std::max(most, UnitsIn(ValueIn(*form, kUnits)));
  }
  return most;
}

absl::StatusOr<std::vector<OrderedReaders>> EarlierApplications::Orders(Transaction& tx) const {
  std::vector<OrderedReaders> orders;
  for (const auto kind : {ApplicationKind::kUse, ApplicationKind::kCardReaders}) {
    ASSIGN_OR_RETURN(const auto earlier, Counting(tx, kind));
    for (const Application& one : earlier) {
      OrderedReaders order;
      // What was handed in last counts, from the day on which there was an order in it at all.
      for (int number = one.version; number >= 1; --number) {
        ASSIGN_OR_RETURN(const auto version, stores_.applications.FindVersion(tx, one.id, number));
        const auto form = version ? ReadForm(version->content) : std::nullopt;
        const int units = form ? UnitsIn(ValueIn(*form, kUnits)) : 0;
        if (units == 0) break;
        if (number == one.version) order.units = units;
        order.day = CivilDayAt(version->submitted);
      }
      if (order.units > 0) orders.push_back(order);
    }
  }
  return orders;
}

absl::StatusOr<std::optional<SubsidyClass>> EarlierApplications::GroupClass(Transaction& tx) const {
  ASSIGN_OR_RETURN(const auto earlier, Counting(tx, ApplicationKind::kUse));
  std::optional<SubsidyClass> found;
  for (const Application& one : earlier) {
    ASSIGN_OR_RETURN(const auto version, stores_.applications.FindVersion(tx, one.id, one.version));
    if (!version) continue;
    for (int number = 1; number <= kSubsidyClasses; ++number) {
      const auto subsidy_class = static_cast<SubsidyClass>(number);
      if (absl::StrContains(version->working, GroupClassLine(subsidy_class) + "\n")) {
        found = subsidy_class;
      }
    }
  }
  return found;
}

absl::StatusOr<bool> EarlierApplications::HasSubsidy(Transaction& tx,
                                                     const std::string& measure) const {
  ASSIGN_OR_RETURN(const auto measures, Values(tx, ApplicationKind::kSubsidy, kMeasure));
  return std::ranges::find(measures, measure) != measures.end();
}

absl::StatusOr<std::vector<FieldViolation>> CheckShares(Transaction& tx,
                                                        const ApplicationStores& stores,
                                                        const Application& application,
                                                        std::span<const FormField> form) {
  std::vector<FieldViolation> violations;
  const EarlierApplications earlier(
      stores,
      {.facility_code = application.facility_code, .account = "", .except = application.id});
  const int units = UnitsIn(ValueIn(form, kUnits));
  if (units > 0) {
    ASSIGN_OR_RETURN(const int before, earlier.Readers(tx));
    const int most = FreeReaders(application.facility_type);
    if (before + units > most) {
      violations.push_back({kUnits, fmt::format(kReadersGone, most, before)});
    }
  }
  if (application.kind == ApplicationKind::kSubsidy) {
    ASSIGN_OR_RETURN(const bool had, earlier.HasSubsidy(tx, ValueIn(form, kMeasure)));
    if (had) {
      violations.push_back(
          {kMeasure, "この施設のこの補助金はすでに承認されています。差し戻してください。"});
    }
  }
  return violations;
}

}  // namespace kakunin
