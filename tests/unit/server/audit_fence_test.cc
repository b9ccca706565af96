#include "storage/audit_fence.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace kakunin {
namespace {

StreamId Stream(int number) {
  StreamId id;
  id.octets[0] = static_cast<uint8_t>(number >> 8);
  id.octets[1] = static_cast<uint8_t>(number);
  return id;
}

SeenHead Head(int stream, int64_t number) {
  SeenHead head{.id = {.stream = Stream(stream), .number = number},
                .at = absl::FromUnixSeconds(1'000 + number)};
  head.hash[0] = static_cast<uint8_t>(number);
  return head;
}

TEST(AuditFence, RemembersTheLastRowOfEachStreamTheNewestFirst) {
  AuditFence fence;
  EXPECT_TRUE(fence.empty());
  fence.Saw(Head(1, 1));
  fence.Saw(Head(2, 7));
  fence.Saw(Head(1, 2));
  const auto newest = fence.Newest(10);
  ASSERT_EQ(newest.size(), 2u);
  EXPECT_EQ(newest[0].id.stream, Stream(1));
  EXPECT_EQ(newest[0].id.number, 2);
  EXPECT_EQ(newest[0].hash[0], 2);
  EXPECT_EQ(newest[0].at, absl::FromUnixSeconds(1'002));
  EXPECT_EQ(newest[1].id.number, 7);
  EXPECT_EQ(fence.Newest(1).size(), 1u);
  EXPECT_EQ(fence.changes(), 3);
}

TEST(AuditFence, NeverGoesBackWithinAStream) {
  AuditFence fence;
  fence.Saw(Head(1, 5));
  fence.Saw(Head(1, 4));
  EXPECT_EQ(fence.Newest(1)[0].id.number, 5);
  fence.Saw(Head(1, 6));
  EXPECT_EQ(fence.Newest(1)[0].id.number, 6);
}

TEST(AuditFence, ForgetsTheStreamThatWasQuietLongestBeyondItsBound) {
  AuditFence fence;
  const int bound = static_cast<int>(AuditFence::kMostStreams);
  for (int i = 0; i < bound; ++i) fence.Saw(Head(i, 1));
  EXPECT_EQ(fence.Newest(10'000).size(), AuditFence::kMostStreams);
  fence.Saw(Head(0, 2));  // the oldest speaks again
  fence.Saw(Head(bound, 1));
  const auto newest = fence.Newest(10'000);
  ASSERT_EQ(newest.size(), AuditFence::kMostStreams);
  EXPECT_EQ(newest[0].id.stream, Stream(bound));
  EXPECT_EQ(newest[1].id.stream, Stream(0));
  EXPECT_EQ(newest.back().id.stream, Stream(2)) << "stream 1 went";
}

TEST(AuditFence, BeginsWithWhatAnEarlierProcessSawInItsOrder) {
  AuditFence fence;
  fence.Saw(Head(9, 9));
  fence.Found(fence.Question(), false);
  fence.BeginWith(std::vector<SeenHead>{Head(3, 3), Head(2, 2), Head(1, 1)});
  EXPECT_FALSE(fence.older());
  const auto newest = fence.Newest(10);
  ASSERT_EQ(newest.size(), 3u);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(newest[static_cast<size_t>(i)].id.stream, Stream(3 - i));
}

TEST(AuditFence, AnAlarmStaysWhateverAnotherConnectionFinds) {
  AuditFence fence;
  fence.Saw(Head(1, 1));
  fence.Found(fence.Question(), true);
  EXPECT_FALSE(fence.older());
  fence.Found(fence.Question(), false);
  EXPECT_TRUE(fence.older());
  fence.Found(fence.Question(), true);
  EXPECT_TRUE(fence.older()) << "of two primaries one has everything";
  fence.BeginWith({});
  EXPECT_FALSE(fence.older());
}

TEST(AuditFence, AnAnswerFromBeforeAnAcceptanceSaysNothing) {
  AuditFence fence;
  fence.Saw(Head(1, 1));
  const FenceQuestion before = fence.Question();
  fence.BeginWith({});
  fence.Found(before, false);
  EXPECT_FALSE(fence.older());
  fence.Found(fence.Question(), false);
  EXPECT_TRUE(fence.older());
}

TEST(AuditFence, TakesWhatManyConnectionsSee) {
  AuditFence fence;
  constexpr int kThreads = 4;
  constexpr int kRows = 2'000;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&fence, t] {
      for (int i = 1; i <= kRows; ++i) fence.Saw(Head(t, i));
    });
  }
  for (int i = 0; i < 100; ++i) EXPECT_LE(fence.Newest(10).size(), size_t{kThreads});
  for (std::thread& thread : threads) thread.join();
  for (const SeenHead& head : fence.Newest(10)) EXPECT_EQ(head.id.number, kRows);
  EXPECT_EQ(fence.changes(), kThreads * kRows);
}

}  // namespace
}  // namespace kakunin
