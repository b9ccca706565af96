// Applications of every kind: their machine is that of their kind, their form has one spelling.
#include "domain/application.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "domain/operation_test.h"

namespace kakunin {
namespace {

using Outcome = JoiningOutcome<ApplicationState>;

Outcome Step(ApplicationKind kind, std::optional<ApplicationState> from, ApplicationEvent event,
             const ApplicationFacts& facts = {}) {
  return StepApplication(kind, from, event, facts);
}

TEST(Application, OneForUseFollowsItsMachineInEveryCell) {
  for (int from = 1; from <= kUseApplicationStates; ++from) {
    for (int event = 1; event <= kUseApplicationEvents; ++event) {
      for (const bool complete : {false, true}) {
        const auto theirs = StepUseApplication(static_cast<UseApplicationState>(from),
                                               static_cast<UseApplicationEvent>(event), complete);
        // Both name what they have in common alike.
        std::optional<ApplicationState> state;
        for (int n = 1; n <= kApplicationStates; ++n) {
          if (NameOf(static_cast<ApplicationState>(n)) ==
              NameOf(static_cast<UseApplicationState>(from))) {
            state = static_cast<ApplicationState>(n);
          }
        }
        const bool draft = static_cast<UseApplicationState>(from) == UseApplicationState::kDraft;
        ASSERT_EQ(state.has_value(), !draft);
        const Outcome ours =
            Step(ApplicationKind::kUse, state, static_cast<ApplicationEvent>(event),
                 {.test_complete = complete});
        EXPECT_EQ(ours.refusal, theirs.refusal) << from << " " << event;
        if (theirs.to && ours.to) EXPECT_EQ(NameOf(*ours.to), NameOf(*theirs.to));
      }
    }
  }
}

TEST(Application, ASubsidyIsCheckedApprovedAndPaid) {
  constexpr auto kKind = ApplicationKind::kSubsidy;
  EXPECT_EQ(Step(kKind, {}, ApplicationEvent::kSubmit).refusal,
            JoiningRefusal::kIntroductionIncomplete);
  const ApplicationFacts good{
      .submission = {.introduction_complete = true, .documents_complete = true}};
  EXPECT_EQ(Step(kKind, {}, ApplicationEvent::kSubmit, good).to, ApplicationState::kSubmitted);
  EXPECT_EQ(Step(kKind, ApplicationState::kSubmitted, ApplicationEvent::kApprove).refusal,
            JoiningRefusal::kNotInThisState);
  EXPECT_EQ(Step(kKind, ApplicationState::kSubmitted, ApplicationEvent::kCheckDocuments).to,
            ApplicationState::kDocumentsChecked);
  EXPECT_EQ(Step(kKind, ApplicationState::kDocumentsChecked, ApplicationEvent::kApprove).to,
            ApplicationState::kApproved);
  EXPECT_EQ(Step(kKind, ApplicationState::kApproved, ApplicationEvent::kPay).to,
            ApplicationState::kPaid);
  EXPECT_EQ(Step(kKind, ApplicationState::kSubmitted, ApplicationEvent::kBeginTest).refusal,
            JoiningRefusal::kNotInThisState);
}

TEST(Application, TheOthersAreApprovedAndThatIsAll) {
  for (const ApplicationKind kind :
       {ApplicationKind::kCardReaders, ApplicationKind::kServiceAddition,
        ApplicationKind::kClosure}) {
    EXPECT_EQ(Step(kind, {}, ApplicationEvent::kSubmit).to, ApplicationState::kSubmitted);
    EXPECT_EQ(Step(kind, ApplicationState::kSubmitted, ApplicationEvent::kApprove).to,
              ApplicationState::kApproved);
    EXPECT_EQ(Step(kind, ApplicationState::kSubmitted, ApplicationEvent::kWithdraw).to,
              ApplicationState::kWithdrawn);
    for (const ApplicationEvent event : {ApplicationEvent::kBeginTest, ApplicationEvent::kStartUse,
                                         ApplicationEvent::kPay, ApplicationEvent::kWithdraw}) {
      EXPECT_EQ(Step(kind, ApplicationState::kApproved, event).refusal,
                JoiningRefusal::kNotInThisState);
    }
  }
}

TEST(Application, EqualFormsHaveEqualOctets) {
  const std::vector<FormField> one = {{"b", "2"}, {"a", "1"}, {"c", ""}};
  const std::vector<FormField> other = {{"a", "1"}, {"b", "2"}};
  EXPECT_EQ(CanonicalForm(one), CanonicalForm(other));
  EXPECT_EQ(CanonicalForm(one), "a=1\nb=2\n");
  EXPECT_EQ(ReadForm(CanonicalForm(one)), other);
  EXPECT_EQ(ReadForm("a=x=y\n"), (std::vector<FormField>{{"a", "x=y"}}));
  EXPECT_EQ(ReadForm(""), std::vector<FormField>());
  EXPECT_FALSE(ReadForm("a=1"));
  EXPECT_FALSE(ReadForm("=1\n"));
  EXPECT_FALSE(ReadForm("a\n"));
}

// What the checklist needs can be done in the test: else nobody would ever come out of it.
TEST(OperationTest, OffersEverythingThatItsChecklistNeeds) {
  int ticking = 0;
  for (int number = 1; number < 200; ++number) {
    const auto operation = static_cast<Operation>(number);
    if (!ItemTickedBy(operation)) continue;
    ++ticking;
    EXPECT_TRUE(OfferedInOperationTest(operation)) << number;
  }
  EXPECT_GE(ticking, kOperationTestItems);
}

TEST(OperationTest, OffersATerminalEveryMethodThereIs) {
  for (const MethodPolicy& policy : AllMethodPolicies()) {
    const auto& admits = policy.admits;
    if (std::ranges::find(admits, ActorKind::kTerminal) == admits.end()) continue;
    EXPECT_TRUE(OfferedInOperationTest(policy.operation)) << policy.method;
  }
}

}  // namespace
}  // namespace kakunin
