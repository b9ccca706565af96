#include "server/rpc/stream_turns.h"

#include <gtest/gtest.h>

namespace kakunin {
namespace {

using Cut = StreamTurns::Cut;

TEST(StreamTurns, APeerThatIsSilentIsFinishedOnce) {
  StreamTurns turns;
  const int64_t read = turns.BeginRead();
  EXPECT_FALSE(turns.ReadStarted(read));
  EXPECT_EQ(turns.Overdue(read), Cut::kFinish);
  EXPECT_TRUE(turns.WasOverdue());
  EXPECT_EQ(turns.Overdue(read), Cut::kNothing);
  EXPECT_FALSE(turns.TurnDone());
  EXPECT_FALSE(turns.Finish());
}

TEST(StreamTurns, AReadThatIsOverdueWhileItStartsIsFinishedByTheOneWhoStartsIt) {
  StreamTurns turns;
  const int64_t read = turns.BeginRead();
  EXPECT_EQ(turns.Overdue(read), Cut::kNothing);
  EXPECT_TRUE(turns.ReadStarted(read));
  EXPECT_FALSE(turns.Finish());
}

// The first read's message comes, is worked on and answered before the call that asked for it has
// returned: it then finds the second read starting, which is another's to finish.
TEST(StreamTurns, AnEarlierReadThatReturnsLateDoesNotMeddleWithTheNext) {
  StreamTurns turns;
  const int64_t first = turns.BeginRead();
  EXPECT_TRUE(turns.TurnDone());
  turns.BeginWrite();
  EXPECT_TRUE(turns.TurnDone());
  const int64_t second = turns.BeginRead();
  EXPECT_FALSE(turns.ReadStarted(first));
  EXPECT_EQ(turns.Overdue(second), Cut::kNothing);  // still starting
  EXPECT_FALSE(turns.ReadStarted(first));
  EXPECT_TRUE(turns.ReadStarted(second));
}

TEST(StreamTurns, AnAlarmOfAnEarlierTurnIsNothing) {
  StreamTurns turns;
  const int64_t first = turns.BeginRead();
  turns.ReadStarted(first);
  EXPECT_TRUE(turns.TurnDone());
  EXPECT_EQ(turns.Overdue(first), Cut::kNothing);  // it is being worked on
  const int64_t write = turns.BeginWrite();
  EXPECT_EQ(turns.Overdue(first), Cut::kNothing);
  EXPECT_TRUE(turns.TurnDone());
  turns.ReadStarted(turns.BeginRead());
  EXPECT_EQ(turns.Overdue(write), Cut::kNothing);
  EXPECT_FALSE(turns.WasOverdue());
  EXPECT_TRUE(turns.Finish());
}

TEST(StreamTurns, AWriteThatIsNotTakenIsCancelledAndFinishedByItsOwnEnd) {
  StreamTurns turns;
  const int64_t write = turns.BeginWrite();
  EXPECT_EQ(turns.Overdue(write), Cut::kCancel);
  EXPECT_TRUE(turns.TurnDone());
  EXPECT_TRUE(turns.WasOverdue());
  EXPECT_TRUE(turns.Finish());
}

}  // namespace
}  // namespace kakunin
