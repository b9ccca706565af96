#include "tests/architecture/access_policy_document.h"

#include <fmt/format.h>

#include <functional>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "domain/access_policy.h"
#include "domain/civil_day.h"

namespace kakunin::architecture {
namespace {

constexpr std::string_view kKindNames[] = {
    "drug",         "treatment",         "surgery",
    "health check", "limit certificate", "disease certificate",
    "eligibility",
};
constexpr std::string_view kRoleNames[] = {"general", "administrator", "doctor",
                                           "dentist", "pharmacist",    "other qualified"};
constexpr std::string_view kFacilityNames[] = {"hospital", "clinic", "dental", "pharmacy",
                                               "home nursing"};
constexpr std::string_view kFormNames[] = {"outpatient", "home visit", "online care", "emergency"};
constexpr std::string_view kSituationNames[] = {
    "", "In a disaster: ", "In a failure of the system: ", "In an emergency: "};
constexpr int kTerminalKinds = 4;

std::string_view NameOf(Operation operation) {
  switch (operation) {
    case Operation::kBeginCardAuthentication:
      return "BeginCardAuthentication";
    case Operation::kConfirmByCard:
      return "ConfirmByCard";
    case Operation::kConfirmByInsuredNumber:
      return "ConfirmByInsuredNumber";
    case Operation::kGetDrugHistory:
      return "GetDrugHistory";
    case Operation::kGetTreatmentHistory:
      return "GetTreatmentHistory";
    case Operation::kGetHealthChecks:
      return "GetHealthChecks";
    case Operation::kGetCertificates:
      return "GetCertificates";
    case Operation::kListConsents:
      return "ListConsents";
    case Operation::kRevokeConsent:
      return "RevokeConsent";
    case Operation::kCheckConsentEnd:
      return "CheckConsentEnd";
    case Operation::kExplainDecision:
      return "ExplainDecision";
    case Operation::kListFacilityAccess:
      return "ListFacilityAccess";
    case Operation::kListPatientAccess:
      return "ListPatientAccess";
    case Operation::kListNotices:
      return "ListNotices";
    case Operation::kAcknowledgeNotices:
      return "AcknowledgeNotices";
    case Operation::kWatchNotices:
      return "WatchNotices";
    case Operation::kSubmitBulkInquiry:
      return "bulk Submit";
    case Operation::kGetBulkInquiry:
      return "bulk Get";
    case Operation::kStreamBulkResults:
      return "bulk StreamResults";
    case Operation::kCancelBulkInquiry:
      return "bulk Cancel";
    case Operation::kDeleteBulkInquiry:
      return "bulk Delete";
    case Operation::kConfirmInBulk:
      return "a row of a bulk inquiry";
    case Operation::kListConsentedPatients:
      return "ListConsentedPatients";
    case Operation::kConfirmConsented:
      return "a patient of ListConsentedPatients";
    case Operation::kListConfirmations:
      return "ListConfirmations";
    case Operation::kCreateReceptionLink:
      return "CreateReceptionLink";
    case Operation::kListReceptionLinks:
      return "ListReceptionLinks";
    case Operation::kRenewReceptionLink:
      return "RenewReceptionLink";
    case Operation::kRevokeReceptionLink:
      return "RevokeReceptionLink";
    case Operation::kChangeReferenceNumbers:
      return "ChangeReferenceNumbers";
    case Operation::kBatchChangeReferenceNumbers:
      return "BatchChangeReferenceNumbers";
    case Operation::kListReferenceNumbers:
      return "ListReferenceNumbers";
    case Operation::kNameReceptionApp:
      return "NameReceptionApp";
    case Operation::kListNamedReceptionApps:
      return "ListNamedReceptionApps";
    case Operation::kLogIn:
      return "LogIn";
    case Operation::kLogOut:
      return "LogOut";
    case Operation::kChangePassword:
      return "ChangePassword";
    case Operation::kCreateAccount:
      return "CreateAccount";
    case Operation::kResetPassword:
      return "ResetPassword";
    case Operation::kLockAccount:
      return "LockAccount";
    case Operation::kUnlockAccount:
      return "UnlockAccount";
    case Operation::kDisableAccount:
      return "DisableAccount";
    case Operation::kListAccounts:
      return "ListAccounts";
    case Operation::kGetFacilitySettings:
      return "GetFacilitySettings";
    case Operation::kUpdateFacilitySettings:
      return "UpdateFacilitySettings";
    case Operation::kListFacilitySettingsChanges:
      return "ListFacilitySettingsChanges";
    case Operation::kRenewCertificate:
      return "RenewCertificate";
    case Operation::kGetRenewedCertificate:
      return "GetRenewedCertificate";
    case Operation::kListAbnormalTimes:
      return "ListAbnormalTimes";
    case Operation::kSearchPatient:
      return "SearchPatient";
    case Operation::kOpenEmergencyView:
      return "OpenEmergencyView";
    case Operation::kConfirmInAbnormalTimes:
      return "what a search in abnormal times answers";
    default:
      return "?";
  }
}

std::string DayText(absl::CivilDay day) {
  return fmt::format("{:04}-{:02}-{:02}", day.year(), day.month(), day.day());
}

// The half-open time between two instants as its first and last day.
std::string PeriodText(absl::Time from, absl::Time to) {
  const bool begins = from != absl::InfinitePast();
  const bool ends = to != absl::InfiniteFuture();
  if (!begins && !ends) return "always";
  if (!begins) return "to " + DayText(CivilDayAt(to) - 1);
  if (!ends) return "from " + DayText(CivilDayAt(from));
  return DayText(CivilDayAt(from)) + " to " + DayText(CivilDayAt(to) - 1);
}

std::string RuleText(const AccessRow& row) {
  if (row.proven_from == absl::InfiniteFuture()) return std::string(row.rule);
  return fmt::format("{} (proven role: {})", row.rule,
                     PeriodText(row.proven_from, absl::InfiniteFuture()));
}

std::string DecisionText(const std::optional<Reason>& denial) {
  return denial ? fmt::format("`{}`", FactsOf(*denial).name) : "**yes**";
}

// Lines of a table below a label that is still to be put before each.
using Lines = std::vector<std::string>;

// Fold puts the names of equal values together: one label for all that have the same lines.
Lines Fold(std::span<const std::string_view> names,
           const std::function<Lines(int number)>& lines_of) {
  std::vector<std::pair<std::string, Lines>> groups;
  std::vector<size_t> sizes;
  for (size_t i = 0; i < names.size(); ++i) {
    Lines lines = lines_of(static_cast<int>(i) + 1);
    size_t g = 0;
    while (g < groups.size() && groups[g].second != lines) ++g;
    if (g == groups.size()) {
      groups.emplace_back(names[i], std::move(lines));
      sizes.push_back(1);
    } else {
      groups[g].first += fmt::format(", {}", names[i]);
      ++sizes[g];
    }
  }
  Lines folded;
  for (size_t g = 0; g < groups.size(); ++g) {
    const std::string label = sizes[g] == names.size() && sizes[g] > 1 ? "every" : groups[g].first;
    for (const std::string& line : groups[g].second) {
      folded.push_back(fmt::format("{} | {}", label, line));
    }
  }
  return folded;
}

// All cells of one operation and kind at one instant.
Lines LinesAt(Operation operation, RecordKind kind, Situation situation, absl::Time at) {
  AccessCell cell{operation,
                  kind,
                  Role::kGeneral,
                  FacilityType::kHospital,
                  TerminalKind::kDesk,
                  FormOfCare::kOutpatient,
                  situation};
  return Fold(kFormNames, [&](int form) {
    cell.form_of_care = static_cast<FormOfCare>(form);
    return Fold(kFacilityNames, [&](int facility) {
      cell.facility_type = static_cast<FacilityType>(facility);
      return Fold(kRoleNames, [&](int role) {
        cell.role = static_cast<Role>(role);
        std::string line;
        for (int terminal = 1; terminal <= kTerminalKinds; ++terminal) {
          cell.terminal_kind = static_cast<TerminalKind>(terminal);
          line += fmt::format("{} |", DecisionText(DecideCell(cell, at)));
          if (terminal < kTerminalKinds) line += ' ';
        }
        return Lines{line};
      });
    });
  });
}

std::string Matrix(Operation operation, RecordKind kind, Situation situation) {
  std::vector<absl::Time> begins = {absl::InfinitePast()};
  for (const absl::Time date : AccessPolicyDates()) begins.push_back(date);
  std::string text = fmt::format(
      "\n### {}{}: {}\n\n"
      "| Days (JST) | Form of care | Facility | Role | Desk | Viewing | Mobile | Restricted |\n"
      "|---|---|---|---|---|---|---|---|\n",
      kSituationNames[static_cast<size_t>(situation)], NameOf(operation),
      kKindNames[static_cast<size_t>(kind) - 1]);
  for (size_t i = 0; i < begins.size();) {
    // The instant before the first date stands for all the time before it.
    const absl::Time at = i == 0 ? begins[1] - absl::Seconds(1) : begins[i];
    const Lines lines = LinesAt(operation, kind, situation, at);
    size_t next = i + 1;
    while (next < begins.size() && LinesAt(operation, kind, situation, begins[next]) == lines)
      ++next;
    const absl::Time to = next < begins.size() ? begins[next] : absl::InfiniteFuture();
    for (const std::string& line : lines) {
      text += fmt::format("| {} | {}\n", PeriodText(begins[i], to), line);
    }
    i = next;
  }
  return text;
}

}  // namespace

std::string AccessPolicyDocument() {
  std::string text =
      "# Access policy\n\n"
      "What a terminal may do, from the one table in `domain/access_policy.cc`: operation x kind "
      "of "
      "data\n"
      "x role x type of facility x kind of terminal x situation, dated. Written by\n"
      "`write_access_policy_document`; a test holds the two equal, and another compares every cell "
      "with\n"
      "sentences written apart from it. A consent is asked for beside this\n"
      "(`domain/record_access.h`). What is agreed to at a restricted terminal is not taken and "
      "opens\n"
      "nothing, at no terminal; what is declined there counts (`DecisionsTakenAt`, "
      "`domain/consent.h`).\n\n"
      "A row may demand a *proven role*: its user has logged in "
      "([accounts.md](accounts.md)), else the\n"
      "answer is `ROLE_NOT_PROVEN`. The matrix below is that of users who have, at a facility "
      "whose\n"
      "settings turn nothing off; a facility may demand proven roles for its records, and use "
      "fewer\n"
      "kinds of them (`RECORD_KIND_NOT_USED`). Home visits and online care are refused before the "
      "facility\n"
      "has added them (`SERVICE_NOT_ADDED`, [joining.md](joining.md)). A restricted terminal's "
      "answers hold\n"
      "what its screen shows: no handle of the patient and no reference numbers.\n\n"
      "Outside normal times, and for the card act of an emergency, a signed policy must be in "
      "force "
      "for\n"
      "the facility and the kind of data beside the row ([abnormal_times.md](abnormal_times.md)), "
      "else the\n"
      "answer is `ABNORMAL_TIMES_NOT_IN_FORCE` or `EMERGENCY_RIGHT_MISSING`. The matrix supposes "
      "one.\n\n"
      "## Rows\n\n"
      "The first row that holds decides; where none does, the answer is `NOT_IN_SERVICE`.\n\n"
      "| Days (JST) | Rule | Decision | Source |\n"
      "|---|---|---|---|\n";
  for (const AccessRow& row : AllAccessRows()) {
    text += fmt::format("| {} | {} | {} | {} |\n", PeriodText(row.from, row.to), RuleText(row),
                        DecisionText(row.denial), row.source);
  }
  text +=
      "\n## Start of service\n\n"
      "| Kind of data | Name | Planned | In service from | Data from | Source |\n"
      "|---|---|---|---|---|---|\n";
  for (const RecordKindFacts& facts : kRecordKindTable) {
    text += fmt::format("| {} | {} | {} | {} | {} | {} |\n",
                        kKindNames[static_cast<size_t>(facts.kind) - 1], facts.name,
                        facts.planned_for ? DayText(*facts.planned_for) : "",
                        DayText(facts.in_service_from),
                        facts.data_from ? DayText(*facts.data_from) : "", facts.source);
  }
  text +=
      "\n## Matrix\n\n"
      "Every cell; values with equal cells share a line. An operation with a kind of data that has "
      "no\n"
      "table below is refused everywhere and at all times.\n";
  std::set<std::tuple<Situation, Operation, RecordKind>> open;
  const std::vector<absl::Time> dates = AccessPolicyDates();
  const std::vector<AccessCell> cells = AllAccessCells();
  for (const AccessCell& cell : cells) {
    for (const absl::Time date : dates) {
      if (!DecideCell(cell, date)) open.emplace(cell.situation, cell.operation, cell.kind);
    }
  }
  for (const auto& [situation, operation, kind] : open) text += Matrix(operation, kind, situation);
  return text;
}

}  // namespace kakunin::architecture
