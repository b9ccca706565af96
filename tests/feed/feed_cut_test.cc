// A feed whose connection is cut, again and again, leaves the tables of the uncut run: the sender
// of `kakunin feed push` through a proxy that cuts, mutual TLS from end to end, a real PostgreSQL.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <map>
#include <random>

#include "server/commands/feed_delivery.h"
#include "tests/feed/feed_port_fixture.h"
#include "tests/support/cutting_proxy.h"
#include "tests/support/test_seed.h"

namespace kakunin {
namespace {

using Event = DeliveryProgress::Event;
using Way = CuttingProxy::Way;
using std::chrono::milliseconds;

bool Long() { return std::getenv("KAKUNIN_LONG") != nullptr; }

class SampleRows final : public FeedRows {
 public:
  explicit SampleRows(int64_t count) : count_(count) {}
  absl::StatusOr<bool> Next(google::protobuf::Message& row) override {
    if (read_ == count_) return false;
    row.CopyFrom(SampleCoverageRow(++read_));
    return true;
  }
  int64_t place() const override { return read_; }

 private:
  const int64_t count_;
  int64_t read_ = 0;
};

// SampleFeed is feed number 1 of so many rows.
FeedToDeliver SampleFeed(int64_t rows, const ChunkBounds& bounds) {
  FeedToDeliver feed;
  feed.open = [rows, bounds]() -> absl::StatusOr<FeedChunks> {
    return FeedChunks(v1::FEED_KIND_COVERAGES, std::make_unique<SampleRows>(rows), bounds);
  };
  feed.summary = *SummariseFeed(*feed.open());
  return feed;
}

// Patience is that of somebody who expects nothing but cuts.
DeliveryBounds Patience(int most_under_way = 4) {
  DeliveryBounds bounds;
  bounds.most_under_way = most_under_way;
  bounds.first_wait = milliseconds(1);
  bounds.longest_wait = milliseconds(20);
  bounds.most_idle_breaks = bounds.most_first_breaks = 1000;
  return bounds;
}

// Delivers over the port's proxy; `watch` may arm it.
DeliveryOutcome Deliver(const FeedPort& port, const CuttingProxy& proxy, const FeedToDeliver& feed,
                        const DeliveryBounds& bounds,
                        const std::function<void(const DeliveryProgress&)>& watch) {
  const auto connect = [&] {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
    return port.server().ChannelAt(proxy.port(), IdentityOf(Caller::kInsurer), arguments);
  };
  DeliveryOutcome outcome = DeliverFeed(feed, connect, watch, bounds);
  EXPECT_TRUE(outcome.input.ok()) << outcome.input;
  EXPECT_TRUE(outcome.answer.ok()) << outcome.answer.error_message();
  EXPECT_EQ(outcome.feed.state(), v1::FEED_STATE_PUBLISHED);
  return outcome;
}

// What the uncut run leaves, and how much it sends.
struct Uncut {
  std::vector<std::string> tables;
  v1::FeedCounts counts;
  int64_t up = 0;
  int64_t down = 0;
};

Uncut DeliverUncut(const FeedToDeliver& feed) {
  const FeedPort port;
  const CuttingProxy proxy(port.server().port());
  const DeliveryOutcome outcome =
      Deliver(port, proxy, feed, Patience(), [](const DeliveryProgress&) {});
  EXPECT_EQ(outcome.breaks, 0);
  EXPECT_EQ(outcome.rows_sent, feed.summary.row_count);
  return {port.Tables(), outcome.counts, proxy.passed(Way::kUp), proxy.passed(Way::kDown)};
}

void ExpectSame(const FeedPort& port, const DeliveryOutcome& outcome, const Uncut& uncut) {
  EXPECT_EQ(port.Tables(), uncut.tables);
  EXPECT_EQ(outcome.counts.SerializeAsString(), uncut.counts.SerializeAsString());
}

constexpr int64_t kChunks = 24;
constexpr int kRowsAChunk = 12;

// How many octets go up on a stream of its own for each chunk, from the feed's begin to the
// receipt.
std::vector<int64_t> OctetsOfEachChunk(const FeedToDeliver& feed, const Uncut& uncut) {
  const FeedPort port;
  CuttingProxy proxy(port.server().port());
  std::vector<int64_t> octets;
  int64_t begun = 0;
  const auto watch = [&](const DeliveryProgress& progress) {
    if (progress.event == Event::kBegun) begun = proxy.passed(Way::kUp);
    if (progress.event != Event::kAcknowledged) return;
    octets.push_back(proxy.passed(Way::kUp) - begun);
    proxy.CutAfter(Way::kUp, 0);
  };
  ExpectSame(port, Deliver(port, proxy, feed, Patience(1), watch), uncut);
  return octets;
}

// At every boundary between two chunks, and `by` octets behind it. gRPC may send a frame of its own
// in between or not: an octet is exact where it does as it did when the octets were counted.
TEST(FeedCut, AtEveryChunkBoundaryAndOneOctetBeforeAndBehindIt) {
  const FeedToDeliver feed = SampleFeed(kChunks * kRowsAChunk, {.most_rows = kRowsAChunk});
  const Uncut uncut = DeliverUncut(feed);
  ASSERT_GT(uncut.counts.refused_rows(), 0);
  ASSERT_GT(uncut.counts.hidden_rows(), 0);
  const std::vector<int64_t> octets = OctetsOfEachChunk(feed, uncut);
  ASSERT_EQ(octets.size(), static_cast<size_t>(kChunks));
  std::map<int, int> arrived;  // chunks stored although the connection was cut at their boundary
  for (const int by : {-1, 0, 1}) {
    SCOPED_TRACE(by);
    const FeedPort port;
    CuttingProxy proxy(port.server().port());
    std::vector<bool> tried(octets.size());
    size_t cut_at = octets.size();
    const auto watch = [&](const DeliveryProgress& progress) {
      const auto chunk = static_cast<size_t>(progress.rows / kRowsAChunk);
      if (progress.event == Event::kBegun) {
        if (chunk == cut_at + 1) ++arrived[by];
        cut_at = octets.size();
        if (chunk == octets.size() || tried[chunk]) return;
        tried[chunk] = true;
        cut_at = chunk;
        proxy.CutAfter(Way::kUp, octets[chunk] + by);
      } else if (progress.event == Event::kAcknowledged && cut_at == octets.size()) {
        proxy.CutAfter(Way::kUp, 0);  // the next chunk is to come on a stream of its own
      }
    };
    const DeliveryOutcome outcome = Deliver(port, proxy, feed, Patience(1), watch);
    ExpectSame(port, outcome, uncut);
    EXPECT_EQ(std::count(tried.begin(), tried.end(), true), kChunks);
    fmt::print("{:+} octets: {} cuts, {} of {} chunks arrived\n", by, proxy.cuts(), arrived[by],
               kChunks);
    EXPECT_GE(proxy.cuts(), kChunks);
  }
  // The octets are those that matter: without the last of a chunk it does not arrive.
  EXPECT_LT(arrived[-1], arrived[1]);
}

// Cuts a feed `cuts` times in a row, at octets drawn at random, some of them on the way back.
void CutAtRandom(int64_t rows, const ChunkBounds& bounds, int cuts) {
  SCOPED_TRACE(SeedTrace());
  const FeedToDeliver feed = SampleFeed(rows, bounds);
  const Uncut uncut = DeliverUncut(feed);
  const FeedPort port;
  CuttingProxy proxy(port.server().port());
  std::mt19937_64 random(TestSeed());
  // No cut lies behind the feed's end, however few octets gRPC spends on a connection: between two
  // cuts passes at most an even share of the octets that the rows still need, and where these are
  // hardly more than a connection's own, nothing.
  struct Wire {
    Way way;
    int64_t connection;  // about how many octets one needs before it is any further
    int64_t whole;
  };
  const Wire up{Way::kUp, 4000, uncut.up};
  const Wire down{Way::kDown, 3300, uncut.down};
  const auto arm = [&](int64_t stored) {
    const int left = cuts - proxy.cuts();
    if (left <= 0 || proxy.armed()) return;
    const auto rest = [&](const Wire& wire) {
      return (wire.whole - wire.connection) * (rows - stored) / rows;
    };
    const Wire& wire = random() % 4 == 0 && rest(down) > 2 * down.connection ? down : up;
    const auto most = static_cast<uint64_t>(rest(wire) / (left + 1) + wire.connection);
    proxy.CutAfter(wire.way,
                   rest(wire) <= 2 * wire.connection ? 0 : static_cast<int64_t>(random() % most));
  };
  arm(0);
  // At every event: a cut between two calls may break neither, and the channel connects anew.
  const auto watch = [&](const DeliveryProgress& progress) { arm(progress.rows); };
  const auto began = std::chrono::steady_clock::now();
  const DeliveryOutcome outcome = Deliver(port, proxy, feed, Patience(), watch);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  ExpectSame(port, outcome, uncut);
  fmt::print("{} rows, {:.1f} MB, {} of {} cuts, {} breaks, {:.1f} s, {}\n", rows,
             static_cast<double>(uncut.up) / 1e6, proxy.cuts(), cuts, outcome.breaks, took.count(),
             SeedTrace());
  EXPECT_GE(proxy.cuts(), cuts);
}

TEST(FeedCut, AtTwoHundredRandomOctets) { CutAtRandom(1'500, {.most_rows = 10}, 200); }

// tests/long: 20 MB cut 500 times in a row.
TEST(FeedCut, ManyTimesInARow) {
  if (Long()) {
    CutAtRandom(115'000, {.most_rows = 100}, 500);
  } else {
    CutAtRandom(5'750, {.most_rows = 100}, 10);
  }
}

}  // namespace
}  // namespace kakunin
