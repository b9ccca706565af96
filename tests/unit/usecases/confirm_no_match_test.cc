// What is kept of a question by number that nobody matches.

#include <memory>

#include "server/usecases/confirm_eligibility.h"
#include "storage/store_error.h"
#include "tests/unit/usecases/confirm_eligibility_fixture.h"

namespace kakunin {
namespace {

using ConfirmNoMatchTest = ConfirmEligibilityTest;

// So that a delivery which brings the coverage can tell them. Who finds several, or may be shown
// test persons alone, was told nothing of that number.
TEST_F(ConfirmNoMatchTest, KeepsWhatNobodyMatchesAndNothingElse) {
  Insure(1, 7);
  Insure(3, 7);
  Insure(3, 8);
  const auto asked = [&](uint8_t key) {
    Inquiry inquiry = ByNumber(key);
    std::get<KeyQuestion>(inquiry.question).insurer = InsurerNumber::Parse("06139463");
    return inquiry;
  };
  const auto answers = Confirm({asked(1), asked(2), asked(3)});
  EXPECT_EQ(answers[2].validity, Validity::kSeveralFound);
  ASSERT_EQ(store_.no_matches.size(), 1u);
  const NoMatch& kept = store_.no_matches[0];
  EXPECT_EQ(kept.insurer_number, "06139463");
  EXPECT_EQ(kept.key, IdOf<KeyHash>(2));
  EXPECT_EQ(kept.day, kToday);
  EXPECT_EQ(kept.facility_code, "1310000003");
  EXPECT_EQ(kept.at, kNow);
  EXPECT_EQ(kept.audit_id.stream, answers[1].audit_id.stream);
  EXPECT_EQ(kept.audit_id.number, answers[1].audit_id.number);
  terminal_.sees_only = std::make_shared<const absl::flat_hash_set<PersonId>>();
  EXPECT_EQ(Confirm({asked(1)})[0].validity, Validity::kNotFound);
  EXPECT_EQ(store_.no_matches.size(), 1u);
}

TEST_F(ConfirmNoMatchTest, AWriteThatFailsKeepsNoQuestion) {
  Inquiry inquiry = ByNumber(2);
  std::get<KeyQuestion>(inquiry.question).insurer = InsurerNumber::Parse("06139463");
  store_.next_writes = {{StoreFailure::kTimedOut, false}};
  EXPECT_FALSE(Confirm({inquiry})[0].status.ok());
  EXPECT_EQ(store_.no_matches.size(), 0u);
}

}  // namespace
}  // namespace kakunin
