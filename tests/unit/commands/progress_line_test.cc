#include "server/commands/progress_line.h"

#include <gtest/gtest.h>

namespace kakunin {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(ProgressLine, TellsRowsSpeedAndWhatIsLeft) {
  EXPECT_EQ(ProgressLine(0, 250, 1000, seconds(5)),
            "[######..................]  25% 250/1000 rows, 50 rows/s, 0:15 left");
  EXPECT_EQ(ProgressLine(0, 1, 7202, seconds(1)),
            "[........................]   0% 1/7202 rows, 1 rows/s, 2:00:01 left");
}

TEST(ProgressLine, TheSpeedIsThisRunsAlone) {
  EXPECT_EQ(ProgressLine(900, 950, 1000, milliseconds(500)),
            "[######################..]  95% 950/1000 rows, 100 rows/s, 0:00 left");
  EXPECT_EQ(ProgressLine(900, 900, 1000, milliseconds(0)),
            "[#####################...]  90% 900/1000 rows");
}

TEST(ProgressLine, AnEmptyFeedIsDone) {
  EXPECT_EQ(ProgressLine(0, 0, 0, seconds(1)), "[########################] 100% 0/0 rows");
}

}  // namespace
}  // namespace kakunin
