#include "domain/access_policy.h"

#include <gtest/gtest.h>

namespace kakunin {
namespace {

constexpr FormOfCare kForms[] = {FormOfCare::kOutpatient, FormOfCare::kHomeVisit,
                                 FormOfCare::kOnlineCare, FormOfCare::kEmergency};
constexpr TerminalKind kKinds[] = {TerminalKind::kDesk, TerminalKind::kViewing,
                                   TerminalKind::kMobile, TerminalKind::kRestricted};
constexpr Operation kOperations[] = {Operation::kBeginCardAuthentication, Operation::kConfirmByCard,
                                     Operation::kConfirmByInsuredNumber};

// What each cell says, written out by hand and not from the table.
std::optional<Reason> Expected(Operation operation, FormOfCare form, TerminalKind kind) {
  if (form != FormOfCare::kOutpatient) return Reason::kFormOfCareNotInService;
  const bool card_act = operation != Operation::kConfirmByInsuredNumber;
  if (kind == TerminalKind::kViewing && card_act) return Reason::kTerminalKindNotAllowed;
  return std::nullopt;
}

TEST(AccessPolicy, EveryCellOfTheTerminalTable) {
  for (const Operation operation : kOperations) {
    for (const FormOfCare form : kForms) {
      for (const TerminalKind kind : kKinds) {
        Terminal terminal;
        terminal.kind = kind;
        const auto decided = DecideTerminal(
            terminal, {.operation = operation, .form_of_care = form, .at = absl::UnixEpoch()});
        EXPECT_EQ(decided, Expected(operation, form, kind))
            << static_cast<int>(operation) << " " << static_cast<int>(form) << " "
            << static_cast<int>(kind);
      }
    }
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
