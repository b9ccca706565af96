#include "server/usecases/administrative_write.h"

#include <gtest/gtest.h>

#include "storage/store_error.h"
#include "tests/unit/usecases/memory_stores.h"

namespace kakunin {
namespace {

class AdministrativeWriteTest : public testing::Test {
 protected:
  absl::StatusOr<std::string> Write(const absl::Status& act_status = absl::OkStatus()) {
    return AdministrativeWrite(
        database_, requests_, call_,
        [&](Transaction&, AuditRecord& record) -> absl::StatusOr<int> {
          ++acts_;
          if (!act_status.ok()) return act_status;
          AddDetail(record, "act", acts_);
          return acts_;
        },
        [](int outcome, const AuditId& id) {
          return "outcome " + std::to_string(outcome) + " audit " + std::to_string(id.number);
        });
  }

  MemoryDatabase database_;
  MemoryRequests requests_;
  WriteCall call_{.operation = Operation::kRegisterFacility,
                  .actor = "operator-1",
                  .request_id = RequestId{{1}},
                  .body_digest = Digest32{7, 8},
                  .key_id = "key",
                  .at = absl::FromUnixSeconds(1'800'000'000)};
  int acts_ = 0;
};

TEST_F(AdministrativeWriteTest, ActsOnceAndAnswersARepetitionWithTheSameOctets) {
  EXPECT_EQ(Write().value(), "outcome 1 audit 1");
  EXPECT_EQ(Write().value(), "outcome 1 audit 1");
  EXPECT_EQ(acts_, 1);
  ASSERT_EQ(database_.audit.size(), 2u);
  EXPECT_EQ(database_.audit[0].details, "act=1");
  EXPECT_EQ(database_.audit[1].details, "repeat=1");
}

TEST_F(AdministrativeWriteTest, RefusesAnotherBodyUnderTheSameId) {
  ASSERT_TRUE(Write().ok());
  call_.body_digest[0] = 9;
  EXPECT_EQ(ReasonOf(Write().status()), Reason::kRequestIdReused);
  EXPECT_EQ(acts_, 1);
  ASSERT_EQ(database_.audit.size(), 2u);
  EXPECT_EQ(database_.audit[1].reason, "REQUEST_ID_REUSED");
}

TEST_F(AdministrativeWriteTest, AnotherActorMethodOrIdIsAnotherRequest) {
  ASSERT_TRUE(Write().ok());
  call_.actor = "operator-2";
  ASSERT_TRUE(Write().ok());
  call_.operation = Operation::kRegisterTerminal;
  ASSERT_TRUE(Write().ok());
  call_.request_id = RequestId{{2}};
  ASSERT_TRUE(Write().ok());
  EXPECT_EQ(acts_, 4);
}

TEST_F(AdministrativeWriteTest, ValidateOnlyLeavesAnAuditRowAndNoOutcome) {
  call_.validate_only = true;
  EXPECT_EQ(Write().value(), "outcome 1 audit 1");
  EXPECT_TRUE(requests_.outcomes.empty());
  EXPECT_EQ(database_.audit.at(0).details, "validate_only=1;act=1");
}

TEST_F(AdministrativeWriteTest, AuditsARefusalOfItsOwnAndKeepsNoOutcome) {
  EXPECT_EQ(ReasonOf(Write(MakeError(Reason::kFacilityNotFound)).status()),
            Reason::kFacilityNotFound);
  EXPECT_TRUE(requests_.outcomes.empty());
  ASSERT_EQ(database_.audit.size(), 1u);
  EXPECT_EQ(database_.audit[0].reason, "FACILITY_NOT_FOUND");
  EXPECT_EQ(database_.audit[0].code, static_cast<int>(absl::StatusCode::kNotFound));
}

TEST_F(AdministrativeWriteTest, AStoreFailureIsReturnedAsItIsAndNotAudited) {
  const auto result = Write(StoreError(StoreFailure::kTimedOut));
  EXPECT_EQ(StoreFailureOf(result.status()), StoreFailure::kTimedOut);
  EXPECT_TRUE(database_.audit.empty());
}

TEST_F(AdministrativeWriteTest, TellsNothingWhenTheDatabaseIsAway) {
  database_.unavailable = StoreError(StoreFailure::kUnavailable);
  EXPECT_EQ(StoreFailureOf(Write().status()), StoreFailure::kUnavailable);
  EXPECT_EQ(acts_, 0);
}

TEST_F(AdministrativeWriteTest, TheAuditRowCarriesHalfOfTheKeyedDigest) {
  ASSERT_TRUE(Write().ok());
  EXPECT_EQ(database_.audit[0].request_digest.octets[0], 7);
  EXPECT_EQ(database_.audit[0].request_digest.octets[1], 8);
  EXPECT_EQ(database_.audit[0].key_id, "key");
}

}  // namespace
}  // namespace kakunin
