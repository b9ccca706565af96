#include "server/dev/child_process.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include "server/text_file.h"
#include "tests/unit/dev/temporary_folder.h"

namespace kakunin::dev {
namespace {

using std::chrono::milliseconds;

TEST(ChildProcess, ReturnsWhatAProgramPrints) {
  EXPECT_EQ(ChildProcess::Run({"/bin/sh", "-c", "echo 有効"}).value(), "有効\n");
}

TEST(ChildProcess, TellsThatAProgramFailed) {
  EXPECT_TRUE(absl::IsInternal(ChildProcess::Run({"/bin/sh", "-c", "exit 3"}).status()));
  EXPECT_TRUE(absl::IsInternal(ChildProcess::Run({"/no/such/program"}).status()));
}

TEST(ChildProcess, DoesNotWaitForWhatAProgramLeavesBehind) {
  EXPECT_EQ(ChildProcess::Run({"/bin/sh", "-c", "sleep 5 2>/dev/null & echo done"}).value(),
            "done\n");
}

TEST(ChildProcess, StopsPolitelyAndKillsOnlyWhatWillNot) {
  const TemporaryFolder folder;
  const auto log = folder.path() / "log";
  auto polite = ChildProcess::Start({"/bin/sleep", "60"}, log);
  ASSERT_TRUE(polite.ok());
  EXPECT_FALSE(polite->HasEnded());
  const auto outcome = polite->Stop(milliseconds(5000));
  ASSERT_TRUE(outcome.has_value());
  EXPECT_TRUE(WIFSIGNALED(*outcome) && WTERMSIG(*outcome) == SIGTERM);

  auto stubborn = ChildProcess::Start(
      {"/bin/sh", "-c", "trap '' TERM; echo up; while :; do sleep 1; done"}, log);
  ASSERT_TRUE(stubborn.ok());
  while (ReadTextFile(log).value() != "up\n") sched_yield();
  EXPECT_FALSE(stubborn->Stop(milliseconds(100)).has_value());
}

}  // namespace
}  // namespace kakunin::dev
