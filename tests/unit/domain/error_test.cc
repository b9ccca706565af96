#include "domain/error.h"

#include <gtest/gtest.h>

#include <set>

namespace kakunin {
namespace {

TEST(Reason, EveryRowIsWholeAndUnique) {
  std::set<Reason> reasons;
  std::set<std::string_view> names;
  int last = 0;
  for (const ReasonFacts& facts : AllReasons()) {
    EXPECT_TRUE(reasons.insert(facts.reason).second);
    EXPECT_TRUE(names.insert(facts.name).second) << facts.name;
    EXPECT_NE(facts.code, absl::StatusCode::kOk);
    EXPECT_FALSE(facts.sentence.empty());
    EXPECT_EQ(static_cast<int>(facts.reason), ++last)
        << facts.name << " is out of order or one is missing";
    const bool unavailable = facts.code == absl::StatusCode::kUnavailable;
    EXPECT_TRUE(!unavailable || facts.retryable) << facts.name;
  }
  EXPECT_EQ(last, static_cast<int>(Reason::kInternal));
}

TEST(Reason, IsReadBackFromItsStatus) {
  for (const ReasonFacts& facts : AllReasons()) {
    EXPECT_EQ(ReasonOf(MakeError(facts.reason)), facts.reason);
  }
  EXPECT_EQ(ReasonOf(absl::OkStatus()), std::nullopt);
  EXPECT_EQ(ReasonOf(absl::InternalError("something else")), Reason::kInternal);
  EXPECT_EQ(ReasonOf(absl::NotFoundError("INVALID_FIELDS")), Reason::kInternal);
}

TEST(InvalidFields, CarriesEveryViolation) {
  const auto violations =
      ViolationsOf(InvalidFields({{"day", "一"}, {"decisions[2].kind", "二"}, {"", "三"}}));
  ASSERT_EQ(violations.size(), 3u);
  EXPECT_EQ(violations[0].field, "day");
  EXPECT_EQ(violations[1].field, "decisions[2].kind");
  EXPECT_EQ(violations[1].description, "二");
  EXPECT_EQ(violations[2].field, "");
  EXPECT_TRUE(ViolationsOf(MakeError(Reason::kInternal)).empty());
}

TEST(ExpectedChunk, IsReadBack) {
  EXPECT_EQ(ExpectedChunkOf(ExpectedChunk(17)), 17);
  EXPECT_EQ(ReasonOf(ExpectedChunk(17)), Reason::kFeedChunkGap);
  EXPECT_EQ(ExpectedChunkOf(MakeError(Reason::kFeedChunkGap)), std::nullopt);
}

TEST(ExpectedFeedNumber, IsReadBackAndToldInTheSentence) {
  const absl::Status status = ExpectedFeedNumber(13);
  EXPECT_EQ(ExpectedFeedNumberOf(status), 13);
  EXPECT_EQ(ReasonOf(status), Reason::kFeedNumberGap);
  EXPECT_EQ(OwnSentenceOf(status),
            "送信番号が続いていません。次の番号は13です。その番号で送信してください。");
  EXPECT_EQ(ExpectedChunkOf(status), std::nullopt);
  EXPECT_EQ(ExpectedFeedNumberOf(MakeError(Reason::kFeedNumberGap)), std::nullopt);
}

}  // namespace
}  // namespace kakunin
