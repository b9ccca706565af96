#include "domain/access_policy.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "domain/abnormal_times.h"
#include "domain/civil_day.h"

namespace kakunin {
namespace {

using Day = absl::CivilDay;

// What the papers say, sentence by sentence, and not read off the table.

bool IsConfirmation(Operation operation) {
  return operation == Operation::kBeginCardAuthentication ||
         operation == Operation::kConfirmByCard || operation == Operation::kConfirmByInsuredNumber;
}

bool IsQualified(Role role) { return role != Role::kGeneral && role != Role::kAdministrator; }

// Which data each call can show.
bool Shows(Operation operation, RecordKind kind) {
  switch (kind) {
    case RecordKind::kDrug:
      return operation == Operation::kGetDrugHistory;
    case RecordKind::kTreatment:
    case RecordKind::kSurgery:
      return operation == Operation::kGetTreatmentHistory;
    case RecordKind::kHealthCheck:
      return operation == Operation::kGetHealthChecks;
    case RecordKind::kLimitCertificate:
    case RecordKind::kSpecificDiseaseCertificate:
      return operation == Operation::kGetCertificates;
    case RecordKind::kEligibility:
      return operation != Operation::kGetDrugHistory &&
             operation != Operation::kGetTreatmentHistory &&
             operation != Operation::kGetHealthChecks && operation != Operation::kGetCertificates;
  }
  return false;
}

bool IsMedical(Operation operation) {
  return operation == Operation::kGetDrugHistory || operation == Operation::kGetTreatmentHistory ||
         operation == Operation::kGetHealthChecks;
}

bool IsRenewal(Operation operation) {
  return operation == Operation::kRenewCertificate ||
         operation == Operation::kGetRenewedCertificate;
}

bool IsForTheAdministrator(Operation operation) {
  return operation == Operation::kListFacilityAccess ||
         operation == Operation::kCreateReceptionLink ||
         operation == Operation::kListReceptionLinks ||
         operation == Operation::kRenewReceptionLink ||
         operation == Operation::kRevokeReceptionLink ||
         operation == Operation::kNameReceptionApp ||
         operation == Operation::kListNamedReceptionApps ||
         operation == Operation::kCreateAccount || operation == Operation::kResetPassword ||
         operation == Operation::kLockAccount || operation == Operation::kUnlockAccount ||
         operation == Operation::kDisableAccount || operation == Operation::kListAccounts ||
         operation == Operation::kUpdateFacilitySettings ||
         operation == Operation::kListFacilitySettingsChanges;
}

Day StartOf(RecordKind kind) {
  if (kind == RecordKind::kTreatment) return Day(2022, 9, 11);
  if (kind == RecordKind::kSurgery) return Day(2023, 5, 11);
  return Day(2021, 10, 20);
}

std::optional<Reason> BarredByThePlanOf2020(const AccessCell& cell, Day day) {
  if (cell.kind != RecordKind::kHealthCheck || day >= Day(2020, 11, 12)) return std::nullopt;
  const bool hospital_or_clinic = cell.facility_type == FacilityType::kHospital ||
                                  cell.facility_type == FacilityType::kClinic ||
                                  cell.facility_type == FacilityType::kDental;
  if (!hospital_or_clinic) return Reason::kFacilityTypeNotAllowed;
  if (cell.role == Role::kPharmacist) return Reason::kRoleNotAllowed;
  return std::nullopt;
}

bool IsSearch(Operation operation) {
  return operation == Operation::kSearchPatient || operation == Operation::kConfirmInAbnormalTimes;
}

// What is told of a call outside normal times that nothing else has barred.
std::optional<Reason> ExpectedInAbnormalTimes(const AccessCell& cell) {
  const bool medical = IsMedical(cell.operation) && Shows(cell.operation, cell.kind);
  const bool eligibility = cell.kind == RecordKind::kEligibility;
  const bool outpatient = cell.form_of_care == FormOfCare::kOutpatient;
  bool open = false;
  switch (cell.situation) {
    case Situation::kDisaster:
      if (IsSearch(cell.operation) && cell.role == Role::kGeneral) return Reason::kRoleNotAllowed;
      open = outpatient && (medical || (IsSearch(cell.operation) && eligibility));
      break;
    case Situation::kSystemFailure:
      open = outpatient && IsSearch(cell.operation) && eligibility;
      break;
    case Situation::kEmergency:
      if (!IsQualified(cell.role) || cell.role == Role::kPharmacist) return Reason::kRoleNotAllowed;
      open = cell.form_of_care == FormOfCare::kEmergency &&
             (medical || (cell.operation == Operation::kOpenEmergencyView && eligibility));
      break;
    case Situation::kNormal:
      break;
  }
  return open ? std::nullopt : std::optional(Reason::kNotInService);
}

std::optional<Reason> BarredInAnEmergency(const AccessCell& cell, Day day) {
  if (cell.form_of_care != FormOfCare::kEmergency) return std::nullopt;
  if (day < Day(2024, 12, 9)) return Reason::kFormOfCareNotInService;
  const bool card = cell.operation == Operation::kBeginCardAuthentication ||
                    cell.operation == Operation::kConfirmByCard;
  if (cell.situation == Situation::kNormal && !card) return Reason::kFormOfCareNotInService;
  if (cell.facility_type != FacilityType::kHospital) return Reason::kFacilityTypeNotAllowed;
  return std::nullopt;
}

std::optional<Reason> Expected(const AccessCell& cell, Day day) {
  if (const auto barred = BarredByThePlanOf2020(cell, day)) return barred;
  if (const auto barred = BarredInAnEmergency(cell, day)) return barred;
  const bool away = cell.form_of_care != FormOfCare::kOutpatient;
  if (day < StartOf(cell.kind) || (away && day < Day(2024, 4, 1))) return Reason::kNotInService;
  if (cell.terminal_kind == TerminalKind::kRestricted && !IsConfirmation(cell.operation) &&
      !IsRenewal(cell.operation) && !IsSearch(cell.operation) &&
      cell.operation != Operation::kListAbnormalTimes) {
    return Reason::kTerminalRestricted;
  }
  const bool card_act = cell.operation == Operation::kBeginCardAuthentication ||
                        cell.operation == Operation::kConfirmByCard ||
                        cell.operation == Operation::kListPatientAccess;
  if (cell.terminal_kind == TerminalKind::kViewing && card_act) {
    return Reason::kTerminalKindNotAllowed;
  }
  if (IsMedical(cell.operation) && !IsQualified(cell.role)) return Reason::kRoleNotAllowed;
  if (IsForTheAdministrator(cell.operation) && cell.role != Role::kAdministrator) {
    return Reason::kRoleNotAllowed;
  }
  if (cell.situation != Situation::kNormal) return ExpectedInAbnormalTimes(cell);
  if (IsSearch(cell.operation) || cell.operation == Operation::kOpenEmergencyView) {
    return Reason::kAbnormalTimesNotInForce;
  }
  if (!Shows(cell.operation, cell.kind)) return Reason::kNotInService;
  return std::nullopt;
}

std::string Describe(const AccessCell& cell, absl::Time at) {
  return fmt::format("operation {} kind {} role {} facility {} terminal {} form {} at {}",
                     static_cast<int>(cell.operation), static_cast<int>(cell.kind),
                     static_cast<int>(cell.role), static_cast<int>(cell.facility_type),
                     static_cast<int>(cell.terminal_kind), static_cast<int>(cell.form_of_care),
                     absl::FormatTime(at, JapanTime()));
}

// A second on each side of every day that matters, and far away.
std::vector<absl::Time> Instants() {
  std::vector<absl::Time> instants = {StartOfDay(Day(2019, 1, 1)), StartOfDay(Day(2026, 11, 21))};
  for (const Day day : {Day(2020, 11, 12), Day(2021, 3, 1), Day(2021, 10, 1), Day(2021, 10, 20),
                        Day(2022, 9, 11), Day(2023, 5, 11), Day(2024, 4, 1), Day(2024, 12, 9)}) {
    for (const int second : {-1, 0, 1}) {
      instants.push_back(StartOfDay(day) + absl::Seconds(second));
    }
  }
  return instants;
}

TEST(AccessPolicy, EveryCellAtEveryEdgeIsAsThePapersSay) {
  const std::vector<AccessCell> cells = AllAccessCells();
  ASSERT_EQ(cells.size(), 52u * 7 * 6 * 5 * 4 * 4 * 4);
  int wrong = 0;
  for (const absl::Time at : Instants()) {
    for (const AccessCell& cell : cells) {
      const auto decided = DecideCell(cell, at);
      const auto expected = Expected(cell, CivilDayAt(at));
      if (decided == expected) continue;
      ADD_FAILURE() << Describe(cell, at) << ": " << (decided ? FactsOf(*decided).name : "allowed")
                    << " instead of " << (expected ? FactsOf(*expected).name : "allowed");
      if (++wrong == 10) return;
    }
  }
}

// What nobody may do by being said to be somebody.
bool NeedsLogIn(Operation operation) {
  return operation == Operation::kLogOut || operation == Operation::kChangePassword ||
         (static_cast<int>(operation) >= static_cast<int>(Operation::kCreateAccount) &&
          static_cast<int>(operation) <= static_cast<int>(Operation::kListAccounts)) ||
         operation == Operation::kUpdateFacilitySettings ||
         operation == Operation::kListFacilitySettingsChanges;
}

// Policies of every situation, in force at all times for the facility of these tests.
std::shared_ptr<const AbnormalTimes> EverySituation() {
  static const std::shared_ptr<const AbnormalTimes> every = [] {
    auto times = std::make_shared<AbnormalTimes>();
    for (const Situation situation :
         {Situation::kDisaster, Situation::kSystemFailure, Situation::kEmergency}) {
      AbnormalTimesPolicy policy;
      policy.situation = situation;
      policy.facilities = {""};
      policy.from = absl::InfinitePast();
      policy.to = absl::InfiniteFuture();
      policy.kinds = ~0u;
      policy.approved_at = absl::InfinitePast();
      times->policies.push_back(policy);
    }
    return times;
  }();
  return every;
}

Terminal TerminalOf(const AccessCell& cell) {
  Terminal terminal;
  terminal.facility_type = cell.facility_type;
  terminal.kind = cell.terminal_kind;
  terminal.role = cell.role;
  terminal.abnormal_times = EverySituation();
  return terminal;
}

TEST(AccessPolicy, AnAssertedRoleIsAsGoodAsAProvenOneButForAccountsAndSettings) {
  const absl::Time at = StartOfDay(Day(2026, 11, 22));
  for (const AccessCell& cell : AllAccessCells()) {
    const TerminalRequest request{.operation = cell.operation,
                                  .kind = cell.kind,
                                  .form_of_care = cell.form_of_care,
                                  .situation = cell.situation,
                                  .at = at};
    const auto proven = DecideCell(cell, at);
    const auto expected =
        !proven && NeedsLogIn(cell.operation) ? std::optional(Reason::kRoleNotProven) : proven;
    ASSERT_EQ(DecideTerminal(TerminalOf(cell), request), expected) << Describe(cell, at);
  }
}

TEST(AccessPolicy, AFacilityMayDemandProvenRolesForRecordsAndForNothingElse) {
  const absl::Time at = StartOfDay(Day(2026, 11, 22));
  for (const AccessCell& cell : AllAccessCells()) {
    const TerminalRequest request{.operation = cell.operation,
                                  .kind = cell.kind,
                                  .form_of_care = cell.form_of_care,
                                  .situation = cell.situation,
                                  .at = at};
    Terminal terminal = TerminalOf(cell);
    const auto without = DecideTerminal(terminal, request);
    terminal.settings.records_need_proven_role = true;
    const bool record = cell.kind != RecordKind::kEligibility;
    ASSERT_EQ(DecideTerminal(terminal, request),
              !without && record ? std::optional(Reason::kRoleNotProven) : without)
        << Describe(cell, at);
    terminal.role_evidence = RoleEvidence::kProven;
    ASSERT_EQ(DecideTerminal(terminal, request), DecideCell(cell, at)) << Describe(cell, at);
  }
}

TEST(AccessPolicy, AKindThatAFacilityDoesNotUseIsRefusedAndNoOther) {
  const absl::Time at = StartOfDay(Day(2026, 11, 22));
  for (int off = 1; off < kRecordKinds; ++off) {
    for (const AccessCell& cell : AllAccessCells()) {
      if (cell.form_of_care != FormOfCare::kOutpatient) continue;
      Terminal terminal = TerminalOf(cell);
      terminal.role_evidence = RoleEvidence::kProven;
      terminal.settings.kinds_not_used = static_cast<uint8_t>(1u << (off - 1));
      const auto decided = DecideTerminal(terminal, {.operation = cell.operation,
                                                     .kind = cell.kind,
                                                     .form_of_care = cell.form_of_care,
                                                     .situation = cell.situation,
                                                     .at = at});
      const auto used = DecideCell(cell, at);
      const bool is_off = static_cast<int>(cell.kind) == off;
      ASSERT_EQ(decided, !used && is_off ? std::optional(Reason::kRecordKindNotUsed) : used)
          << Describe(cell, at);
    }
  }
}

TEST(AccessPolicy, ListsEveryCellOnce) {
  std::set<std::tuple<int, int, int, int, int, int, int>> seen;
  for (const AccessCell& cell : AllAccessCells()) {
    EXPECT_TRUE(seen.emplace(static_cast<int>(cell.operation), static_cast<int>(cell.kind),
                             static_cast<int>(cell.role), static_cast<int>(cell.facility_type),
                             static_cast<int>(cell.terminal_kind),
                             static_cast<int>(cell.form_of_care), static_cast<int>(cell.situation))
                    .second);
  }
}

TEST(AccessPolicy, ChangesOnlyOnItsDates) {
  std::vector<Day> days;
  for (const absl::Time date : AccessPolicyDates()) {
    EXPECT_EQ(date, StartOfDay(CivilDayAt(date)));
    days.push_back(CivilDayAt(date));
  }
  EXPECT_EQ(days, (std::vector<Day>{Day(2020, 11, 12), Day(2021, 10, 20), Day(2022, 9, 11),
                                    Day(2023, 5, 11), Day(2024, 4, 1), Day(2024, 12, 9)}));
}

TEST(AccessPolicy, EveryRowTellsItsSourceAndDecidesSomeCell) {
  std::set<const AccessRow*> deciding;
  for (const absl::Time at : Instants()) {
    for (const AccessCell& cell : AllAccessCells()) {
      Terminal terminal;
      terminal.facility_type = cell.facility_type;
      terminal.kind = cell.terminal_kind;
      terminal.role = cell.role;
      deciding.insert(AccessRowFor(terminal, {.operation = cell.operation,
                                              .kind = cell.kind,
                                              .form_of_care = cell.form_of_care,
                                              .situation = cell.situation,
                                              .at = at}));
    }
  }
  for (const AccessRow& row : AllAccessRows()) {
    EXPECT_FALSE(row.source.empty()) << row.rule;
    EXPECT_TRUE(deciding.contains(&row)) << row.rule;
    EXPECT_LT(row.from, row.to) << row.rule;
  }
}

TEST(AccessPolicy, AValueOutsideItsEnumerationIsRefused) {
  const absl::Time at = StartOfDay(Day(2026, 11, 21));
  const AccessCell good = {Operation::kConfirmByInsuredNumber,
                           RecordKind::kEligibility,
                           Role::kGeneral,
                           FacilityType::kClinic,
                           TerminalKind::kDesk,
                           FormOfCare::kOutpatient,
                           Situation::kNormal};
  ASSERT_EQ(DecideCell(good, at), std::nullopt);
  for (const int number : {-1, 0, 8, 9, 63, 64, 1000}) {
    AccessCell cell = good;
    cell.kind = static_cast<RecordKind>(number);
    EXPECT_TRUE(DecideCell(cell, at)) << number;
    cell = good;
    cell.role = static_cast<Role>(number);
    EXPECT_TRUE(DecideCell(cell, at)) << number;
    cell = good;
    cell.facility_type = static_cast<FacilityType>(number);
    EXPECT_TRUE(DecideCell(cell, at)) << number;
    cell = good;
    cell.terminal_kind = static_cast<TerminalKind>(number);
    EXPECT_TRUE(DecideCell(cell, at)) << number;
    cell = good;
    cell.form_of_care = static_cast<FormOfCare>(number);
    EXPECT_TRUE(DecideCell(cell, at)) << number;
  }
  AccessCell cell = good;
  cell.operation = Operation::kPushRows;
  EXPECT_TRUE(DecideCell(cell, at));
  cell = good;
  for (const int number : {-1, 4, 5, 64}) {
    cell.situation = static_cast<Situation>(number);
    EXPECT_TRUE(DecideCell(cell, at)) << number;
  }
}

TEST(RecordKind, NamesAndStartsAreWhole) {
  for (int number = 1; number <= kRecordKinds; ++number) {
    const auto kind = static_cast<RecordKind>(number);
    EXPECT_EQ(FactsOf(kind).kind, kind);
    EXPECT_FALSE(FactsOf(kind).name.empty());
    EXPECT_FALSE(FactsOf(kind).source.empty());
    EXPECT_EQ(CivilDayAt(InServiceFrom(kind)), StartOf(kind));
    EXPECT_EQ(ConsentFor(kind).has_value(), kind != RecordKind::kEligibility);
  }
}

TEST(AccessPolicy, AMethodOutsideTheTableHasNoRow) {
  EXPECT_EQ(PolicyFor("/kakunin.v1.EligibilityService/Nothing"), nullptr);
  EXPECT_EQ(PolicyFor(""), nullptr);
  ASSERT_NE(PolicyFor("/kakunin.v1.EligibilityService/ConfirmByCard"), nullptr);
}

TEST(AccessPolicy, OnlyTerminalsMayAskForEligibility) {
  for (const MethodPolicy& policy : AllMethodPolicies()) {
    if (!policy.method.starts_with("/kakunin.v1.EligibilityService/")) continue;
    EXPECT_EQ(policy.port, Port::kTerminal);
    ASSERT_EQ(policy.admits.size(), 1u);
    EXPECT_EQ(policy.admits.front(), ActorKind::kTerminal);
    EXPECT_NE(policy.audit, AuditKind::kNone);
  }
}

}  // namespace
}  // namespace kakunin
