// What the sender of `kakunin feed push` is told of a feed that is not published.
#include "server/commands/feed_delivery.h"
#include "tests/feed/feed_port_fixture.h"

namespace kakunin {
namespace {

// Rows whose number in SampleCoverageRow is a multiple of `step`.
class SteppedRows final : public FeedRows {
 public:
  SteppedRows(int64_t count, int64_t step) : count_(count), step_(step) {}
  absl::StatusOr<bool> Next(google::protobuf::Message& row) override {
    if (read_ == count_) return false;
    row.CopyFrom(SampleCoverageRow(step_ * ++read_));
    return true;
  }
  int64_t place() const override { return read_; }

 private:
  const int64_t count_;
  const int64_t step_;
  int64_t read_ = 0;
};

constexpr int64_t kRows = 30;

FeedToDeliver Feed(int64_t step) {
  FeedToDeliver feed;
  feed.open = [step]() -> absl::StatusOr<FeedChunks> {
    return FeedChunks(v1::FEED_KIND_COVERAGES, std::make_unique<SteppedRows>(kRows, step), {});
  };
  feed.summary = *SummariseFeed(*feed.open());
  return feed;
}

DeliveryOutcome Deliver(const FeedPort& port, const FeedToDeliver& feed) {
  DeliveryOutcome outcome = DeliverFeed(
      feed, [&] { return port.server().Channel(Caller::kInsurer); },
      [](const DeliveryProgress&) {});
  EXPECT_TRUE(outcome.input.ok()) << outcome.input;
  EXPECT_TRUE(outcome.answer.ok()) << outcome.answer.error_message();
  return outcome;
}

TEST(FeedJudged, AQuarantinedFeedIsToldWithItsReasonsAndAgainWhenItIsDeliveredAgain) {
  const FeedPort port;
  const FeedToDeliver feed = Feed(11);  // individual numbers are wrong
  for (const int64_t sent : {kRows, int64_t{0}}) {
    const DeliveryOutcome outcome = Deliver(port, feed);
    EXPECT_EQ(outcome.rows_sent, sent);
    EXPECT_EQ(outcome.feed.state(), v1::FEED_STATE_QUARANTINED);
    ASSERT_EQ(outcome.risks.size(), 1);
    EXPECT_EQ(outcome.risks[0].reason(), "ROWS_REFUSED");
    EXPECT_EQ(outcome.counts.refused_rows(), 26);  // 4 are of no number at all, and hidden
    EXPECT_EQ(port.Count("coverage"), 0);
  }
}

TEST(FeedJudged, AHeldFeedIsJudgedAndPublishedWhenItIsDeliveredWithoutHold) {
  const FeedPort port;
  FeedToDeliver feed = Feed(1);
  feed.hold = true;
  const DeliveryOutcome held = Deliver(port, feed);
  EXPECT_EQ(held.feed.state(), v1::FEED_STATE_SEALED);
  EXPECT_EQ(held.counts.new_rows(), 24);
  EXPECT_EQ(port.Count("coverage"), 0);
  feed.hold = false;
  const DeliveryOutcome published = Deliver(port, feed);
  EXPECT_EQ(published.rows_sent, 0);
  EXPECT_EQ(published.feed.state(), v1::FEED_STATE_PUBLISHED);
  EXPECT_EQ(published.counts.SerializeAsString(), held.counts.SerializeAsString());
  EXPECT_EQ(port.Count("coverage"), 24);
}

}  // namespace
}  // namespace kakunin
