// Every cell (state, event) of the machines of joining, as docs/joining.md draws them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "domain/account_registration_state.h"
#include "domain/operation_test.h"
#include "domain/subsidy_application_state.h"
#include "domain/use_application_state.h"

namespace kakunin {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Told is the state to which an event led, "-" when there is no such arrow, else the refusal.
template <class State>
std::string Told(const JoiningOutcome<State>& outcome) {
  EXPECT_NE(outcome.to.has_value(), outcome.refusal.has_value());
  if (outcome.to) return std::string(NameOf(*outcome.to));
  if (outcome.refusal == JoiningRefusal::kNotInThisState) return "-";
  return std::string(NameOf(*outcome.refusal));
}

using Row = std::vector<std::string>;

TEST(UseApplicationMachine, EveryCellIsAsDrawn) {
  const Row drawn[kUseApplicationStates] = {
      // submit, return, approve, refuse, withdraw, begin test, start use, end
      {"SUBMITTED", "-", "-", "-", "WITHDRAWN", "-", "-", "-"},                      // DRAFT
      {"SUBMITTED", "RETURNED", "APPROVED", "REFUSED", "WITHDRAWN", "-", "-", "-"},  // SUBMITTED
      {"SUBMITTED", "RETURNED", "-", "-", "WITHDRAWN", "-", "-", "-"},               // RETURNED
      {"-", "-", "APPROVED", "-", "WITHDRAWN", "OPERATION_TEST", "-", "-"},          // APPROVED
      {"-", "RETURNED", "-", "-", "WITHDRAWN", "OPERATION_TEST", "IN_USE", "-"},  // OPERATION_TEST
      {"-", "-", "-", "-", "-", "-", "IN_USE", "ENDED"},                          // IN_USE
      {"-", "-", "-", "REFUSED", "-", "-", "-", "-"},                             // REFUSED
      {"-", "-", "-", "-", "WITHDRAWN", "-", "-", "-"},                           // WITHDRAWN
      {"-", "-", "-", "-", "-", "-", "-", "ENDED"},                               // ENDED
  };
  for (int state = 1; state <= kUseApplicationStates; ++state) {
    for (const bool complete : {false, true}) {
      Row told;
      for (int event = 1; event <= kUseApplicationEvents; ++event) {
        told.push_back(Told(StepUseApplication(static_cast<UseApplicationState>(state),
                                               static_cast<UseApplicationEvent>(event), complete)));
      }
      Row expected = drawn[state - 1];
      const bool testing =
          static_cast<UseApplicationState>(state) == UseApplicationState::kOperationTest;
      if (testing && !complete) expected[6] = "OPERATION_TEST_INCOMPLETE";
      EXPECT_EQ(told, expected) << state;
    }
  }
}

TEST(UseApplicationMachine, UseIsReachedThroughTheTestAlone) {
  for (const UseApplicationStep& step : AllUseApplicationSteps()) {
    if (step.to == UseApplicationState::kInUse && step.from != step.to) {
      EXPECT_EQ(step.from, UseApplicationState::kOperationTest);
    }
    if (step.to == UseApplicationState::kOperationTest && step.from != step.to) {
      EXPECT_EQ(step.from, UseApplicationState::kApproved);
    }
  }
  for (int state = 1; state <= kUseApplicationStates; ++state) {
    const auto one = static_cast<UseApplicationState>(state);
    EXPECT_EQ(MayCall(one),
              one == UseApplicationState::kInUse || one == UseApplicationState::kOperationTest);
    EXPECT_EQ(SeesTestPersonsOnly(one), one == UseApplicationState::kOperationTest);
    EXPECT_FALSE(JapaneseNameOf(one).empty());
  }
}

TEST(SubsidyApplicationMachine, EveryCellIsAsDrawn) {
  const Row drawn[kSubsidyApplicationStates] = {
      // submit, check documents, return, approve, refuse, pay
      {"SUBMITTED", "-", "-", "-", "-", "-"},                              // DRAFT
      {"SUBMITTED", "DOCUMENTS_CHECKED", "RETURNED", "-", "-", "-"},       // SUBMITTED
      {"-", "DOCUMENTS_CHECKED", "RETURNED", "APPROVED", "REFUSED", "-"},  // DOCUMENTS_CHECKED
      {"SUBMITTED", "-", "RETURNED", "-", "-", "-"},                       // RETURNED
      {"-", "-", "-", "APPROVED", "-", "PAID"},                            // APPROVED
      {"-", "-", "-", "-", "REFUSED", "-"},                                // REFUSED
      {"-", "-", "-", "-", "-", "PAID"},                                   // PAID
  };
  const SubsidySubmission whole{.introduction_complete = true, .documents_complete = true};
  for (int state = 1; state <= kSubsidyApplicationStates; ++state) {
    Row told;
    for (int event = 1; event <= kSubsidyApplicationEvents; ++event) {
      told.push_back(
          Told(StepSubsidyApplication(static_cast<SubsidyApplicationState>(state),
                                      static_cast<SubsidyApplicationEvent>(event), whole)));
    }
    EXPECT_EQ(told, drawn[state - 1]) << state;
    EXPECT_FALSE(JapaneseNameOf(static_cast<SubsidyApplicationState>(state)).empty());
  }
}

TEST(SubsidyApplicationMachine, SubmittingBeforeTheIntroductionIsCompleteIsRefused) {
  using enum SubsidyApplicationState;
  const auto submit = [](SubsidyApplicationState from, bool introduced, bool documents, bool late) {
    return Told(StepSubsidyApplication(from, SubsidyApplicationEvent::kSubmit,
                                       {.introduction_complete = introduced,
                                        .documents_complete = documents,
                                        .deadline_passed = late}));
  };
  for (const SubsidyApplicationState from : {kDraft, kReturned}) {
    EXPECT_EQ(submit(from, true, true, false), "SUBMITTED");
    EXPECT_EQ(submit(from, false, true, false), "INTRODUCTION_INCOMPLETE");
    EXPECT_EQ(submit(from, false, false, true), "INTRODUCTION_INCOMPLETE");
    EXPECT_EQ(submit(from, true, false, false), "DOCUMENTS_MISSING");
    EXPECT_EQ(submit(from, true, true, true), "DEADLINE_PASSED");
  }
  // What was submitted before is told again, and what is decided stays.
  EXPECT_EQ(submit(kSubmitted, false, false, true), "SUBMITTED");
  EXPECT_EQ(submit(kPaid, false, false, true), "-");
}

TEST(AccountRegistrationMachine, EveryCellIsAsDrawn) {
  const Row drawn[kAccountRegistrationStates] = {
      // confirm address, lapse, lock, unlock, close
      {"ACTIVE", "LAPSED", "-", "-", "CLOSED"},  // REGISTERED
      {"ACTIVE", "-", "LOCKED", "-", "CLOSED"},  // ACTIVE
      {"-", "LAPSED", "-", "-", "-"},            // LAPSED
      {"-", "-", "LOCKED", "ACTIVE", "CLOSED"},  // LOCKED
      {"-", "-", "-", "-", "CLOSED"},            // CLOSED
  };
  for (int state = 1; state <= kAccountRegistrationStates; ++state) {
    const auto from = static_cast<AccountRegistrationState>(state);
    Row told;
    for (int event = 1; event <= kAccountRegistrationEvents; ++event) {
      told.push_back(
          Told(StepAccountRegistration(from, static_cast<AccountRegistrationEvent>(event))));
    }
    EXPECT_EQ(told, drawn[state - 1]) << state;
    EXPECT_EQ(MayApply(from), from == AccountRegistrationState::kActive);
    EXPECT_FALSE(JapaneseNameOf(from).empty());
  }
}

TEST(JoiningRefusals, AllHaveTheirWords) {
  for (int number = 1; number <= kJoiningRefusals; ++number) {
    EXPECT_FALSE(NameOf(static_cast<JoiningRefusal>(number)).empty());
    EXPECT_FALSE(SentenceOf(static_cast<JoiningRefusal>(number)).empty());
  }
}

TEST(OperationTest, TicksItselfFromTheSevenCalls) {
  using enum Operation;
  OperationTestChecklist list;
  const std::pair<Operation, OperationTestItem> kTicks[] = {
      {kConfirmByCard, OperationTestItem::kCard},
      {kConfirmByInsuredNumber, OperationTestItem::kNumber},
      {kGetDrugHistory, OperationTestItem::kDrugs},
      {kGetHealthChecks, OperationTestItem::kHealthChecks},
      {kStreamBulkResults, OperationTestItem::kBulk},
      {kChangeReferenceNumbers, OperationTestItem::kReferenceNumber},
      {kCreateReceptionLink, OperationTestItem::kUrl}};
  ASSERT_EQ(std::size(kTicks), static_cast<size_t>(kOperationTestItems));
  for (const auto& [operation, item] : kTicks) {
    EXPECT_FALSE(list.IsComplete(IntroductionType::kFull));
    EXPECT_FALSE(list.IsTicked(item));
    EXPECT_TRUE(list.Tick(operation));
    EXPECT_TRUE(list.IsTicked(item));
    EXPECT_FALSE(list.Tick(operation));  // nothing new
    EXPECT_FALSE(NameOf(item).empty());
    EXPECT_FALSE(KeyOf(item).empty());
  }
  EXPECT_TRUE(list.IsComplete(IntroductionType::kFull));
  EXPECT_EQ(list.Bits(), 0x7fU);
  EXPECT_TRUE(OperationTestChecklist(list.Bits()).IsComplete(IntroductionType::kFull));
}

TEST(OperationTest, NoOtherCallTicksAnything) {
  OperationTestChecklist list;
  for (const Operation operation :
       {Operation::kHealthCheck, Operation::kBeginCardAuthentication, Operation::kSubmitBulkInquiry,
        Operation::kGetBulkInquiry, Operation::kListReferenceNumbers, Operation::kListConsents,
        Operation::kListReceptionLinks, Operation::kGetTreatmentHistory}) {
    EXPECT_FALSE(list.Tick(operation));
  }
  EXPECT_EQ(list.Bits(), 0U);
  EXPECT_TRUE(list.Tick(Operation::kBatchChangeReferenceNumbers));
}

TEST(OperationTest, TheRestrictedTypeNeedsWhatItsTerminalsMayCall) {
  OperationTestChecklist list;
  EXPECT_THAT(list.Missing(IntroductionType::kRestricted),
              ElementsAre(OperationTestItem::kCard, OperationTestItem::kNumber));
  list.Tick(Operation::kConfirmByCard);
  list.Tick(Operation::kConfirmByInsuredNumber);
  EXPECT_THAT(list.Missing(IntroductionType::kRestricted), IsEmpty());
  EXPECT_EQ(list.Missing(IntroductionType::kFull).size(), 5u);
}

}  // namespace
}  // namespace kakunin
