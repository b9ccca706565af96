// What a facility calls its patients by, in its answers.
#include "domain/error.h"
#include "tests/unit/usecases/confirm_eligibility_fixture.h"

namespace kakunin {
namespace {

using Numbers = std::vector<std::string>;

TEST_F(ConfirmEligibilityTest, AnAnswerHoldsTheFacilitysOwnReferenceNumbers) {
  Insure(1, 7);
  Insure(2, 8);
  store_.reference_numbers[{IdOf<PersonId>(7), "1310000003"}] = {"A-1", "A-2"};
  store_.reference_numbers[{IdOf<PersonId>(8), "1310000004"}] = {"B-1"};
  const auto answers = Confirm({ByNumber(1), ByNumber(2), ByNumber(3)});
  EXPECT_EQ(answers[0].reference_numbers, (Numbers{"A-1", "A-2"}));
  EXPECT_EQ(answers[1].reference_numbers, Numbers{});
  EXPECT_EQ(answers[2].reference_numbers, Numbers{});
}

TEST_F(ConfirmEligibilityTest, WhoFitsANumberWithOthersIsNotCalledAnything) {
  Insure(1, 7);
  Insure(1, 8);
  store_.reference_numbers[{IdOf<PersonId>(7), "1310000003"}] = {"A-1"};
  const auto answers = Confirm({ByNumber(1)});
  EXPECT_EQ(answers[0].validity, Validity::kSeveralFound);
  EXPECT_EQ(answers[0].reference_numbers, Numbers{});
}

TEST_F(ConfirmEligibilityTest, NothingIsToldWhenReferenceNumbersCannotBeRead) {
  Insure(1, 7);
  store_.next_number_reads = {StoreFailure::kUnavailable};
  const auto answers = Confirm({ByNumber(1), ByNumber(2)});
  EXPECT_EQ(ReasonOf(answers[0].status), Reason::kDatabaseUnavailable);
  EXPECT_TRUE(answers[0].coverages.empty());
  EXPECT_TRUE(answers[0].patient_handle.empty());
  EXPECT_EQ(answers[1].validity, Validity::kNotFound);
  EXPECT_TRUE(store_.confirmations.empty());
  ASSERT_EQ(store_.audit.size(), 2u);
  EXPECT_EQ(store_.audit[0].validity, 0);
}

}  // namespace
}  // namespace kakunin
