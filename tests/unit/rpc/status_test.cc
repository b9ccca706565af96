#include "server/rpc/status.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>

#include "server/rpc/error_contact.h"
#include "storage/store_error.h"

namespace kakunin {
namespace {

TEST(ToGrpcStatus, EveryReasonArrivesWithNameSentenceAndRetry) {
  for (const ReasonFacts& facts : AllReasons()) {
    const grpc::Status status = ToGrpcStatus(MakeError(facts.reason));
    const ErrorDescription told = DescribeError(status);
    EXPECT_EQ(static_cast<int>(status.error_code()), static_cast<int>(facts.code));
    EXPECT_EQ(status.error_message(), facts.name);
    EXPECT_EQ(told.reason, facts.name);
    EXPECT_EQ(told.sentence, facts.sentence);
    EXPECT_EQ(told.retry_after.has_value(), facts.retryable) << facts.name;
  }
}

TEST(ToGrpcStatus, WhereItAsksToCallItTellsWhomAndWhenAndElsewhereNothing) {
  absl::Time now = absl::FromUnixSeconds(1'784'858'400);  // Friday 2026-07-24 11:00 JST
  {
    const ErrorContact contact({.number = "0570-000-000", .have_ready = "見本の番号"},
                               [&] { return now; });
    int asking = 0;
    for (const ReasonFacts& facts : AllReasons()) {
      const std::string said = DescribeError(ToGrpcStatus(MakeError(facts.reason))).sentence;
      const bool asks = facts.sentence.find("運用担当") != std::string_view::npos;
      asking += asks ? 1 : 0;
      EXPECT_TRUE(said.starts_with(facts.sentence)) << facts.name;
      for (const char* part : {"0570-000-000", "平日の9時から17時まで", "見本の番号"}) {
        EXPECT_EQ(said.find(part) != std::string::npos, asks) << facts.name << said;
      }
    }
    EXPECT_GT(asking, 10);
    now += absl::Hours(6);  // 17:00: the first hour closed
    const std::string late = DescribeError(ToGrpcStatus(MakeError(Reason::kInternal))).sentence;
    EXPECT_EQ(late.find("0570"), std::string::npos) << late;
    EXPECT_NE(late.find("9時から17時まで"), std::string::npos) << late;
    now -= absl::Seconds(1);
    EXPECT_NE(DescribeError(ToGrpcStatus(MakeError(Reason::kInternal))).sentence.find("0570"),
              std::string::npos);
  }
  EXPECT_EQ(DescribeError(ToGrpcStatus(MakeError(Reason::kInternal))).sentence,
            FactsOf(Reason::kInternal).sentence);
}

TEST(ToGrpcStatus, OkStaysOk) {
  EXPECT_TRUE(ToGrpcStatus(absl::OkStatus()).ok());
  EXPECT_TRUE(DescribeError(grpc::Status::OK).reason.empty());
}

TEST(ToGrpcStatus, CarriesAllViolations) {
  const auto told =
      DescribeError(ToGrpcStatus(InvalidFields({{"day", "一"}, {"decisions[2].kind", "二"}})));
  ASSERT_EQ(told.violations.size(), 2u);
  EXPECT_EQ(told.violations[1].field, "decisions[2].kind");
  EXPECT_EQ(told.violations[1].description, "二");
}

TEST(ToGrpcStatus, TellsTheSentenceOfItsOwnWhereThereIsOne) {
  const auto told = DescribeError(ToGrpcStatus(HolderVerificationNotAllowed("暗証番号")));
  EXPECT_EQ(told.reason, "HOLDER_VERIFICATION_NOT_ALLOWED");
  EXPECT_EQ(told.sentence, "この本人確認方法は利用できません。暗証番号で確認してください。");
  EXPECT_EQ(DescribeError(ToGrpcStatus(HolderVerificationNotAllowed(""))).sentence,
            FactsOf(Reason::kHolderVerificationNotAllowed).sentence);
}

TEST(ToGrpcStatus, CarriesTheExpectedChunk) {
  EXPECT_EQ(DescribeError(ToGrpcStatus(ExpectedChunk(42))).expected_chunk, 42);
}

TEST(ToGrpcStatus, CarriesTheExpectedFeedNumber) {
  const ErrorDescription told = DescribeError(ToGrpcStatus(ExpectedFeedNumber(13)));
  EXPECT_EQ(told.expected_feed_number, 13);
  EXPECT_EQ(told.expected_chunk, std::nullopt);
  EXPECT_EQ(told.reason, "FEED_NUMBER_GAP");
}

TEST(ToGrpcStatus, StoreFailuresThatPassAreUnavailableTheOthersInternal) {
  const std::set<StoreFailure> pass = {StoreFailure::kUnavailable, StoreFailure::kTimedOut,
                                       StoreFailure::kUnknownOutcome, StoreFailure::kSerialisation};
  for (const StoreFailure failure :
       {StoreFailure::kUnavailable, StoreFailure::kTimedOut, StoreFailure::kUnknownOutcome,
        StoreFailure::kBadData, StoreFailure::kSerialisation, StoreFailure::kDenied,
        StoreFailure::kBroken}) {
    const auto status = ToGrpcStatus(StoreError(failure, "23505", "secret_constraint"));
    EXPECT_EQ(DescribeError(status).reason,
              pass.contains(failure) ? "DATABASE_UNAVAILABLE" : "INTERNAL");
    EXPECT_EQ(status.error_details().find("secret"), std::string::npos);
  }
}

TEST(ToGrpcStatus, ForeignTextStaysInside) {
  const grpc::Status status = ToGrpcStatus(absl::InvalidArgumentError("name 厚労太郎"));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INTERNAL);
  EXPECT_EQ(status.error_message(), "INTERNAL");
  EXPECT_EQ(status.error_details().find("厚労"), std::string::npos);
}

TEST(DescribeError, AForeignErrorHasNoReason) {
  const grpc::Status status(grpc::StatusCode::UNAVAILABLE, "connection refused", "\xff\xff");
  EXPECT_TRUE(DescribeError(status).reason.empty());
}

}  // namespace
}  // namespace kakunin
