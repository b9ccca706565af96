#include "server/dev/folder_lock.h"

#include "server/dev/sandbox.h"
#include "tests/unit/dev/temporary_folder.h"

namespace kakunin::dev {
namespace {

TEST(FolderLock, IsHeldByOneUntilItEnds) {
  const TemporaryFolder folder;
  {
    const auto first = FolderLock::Take(folder.path(), "sandbox");
    ASSERT_TRUE(first.ok()) << first.status();
    EXPECT_EQ(FolderLock::Take(folder.path(), "sandbox").status().code(),
              absl::StatusCode::kFailedPrecondition);
  }
  EXPECT_TRUE(FolderLock::Take(folder.path(), "sandbox").ok());
  EXPECT_EQ(FolderLock::Take(folder.path() / "nowhere", "sandbox").status().code(),
            absl::StatusCode::kInternal);
}

TEST(FolderLock, ASecondSandboxInAFolderLeavesTheFirstAlone) {
  const TemporaryFolder folder;
  SandboxOptions options;
  options.directory = folder.path();
  options.postgres_script = "/bin/false";
  const SandboxPaths paths(folder.path());
  std::filesystem::create_directories(paths.config().parent_path());
  const auto first = FolderLock::Take(paths.root(), "sandbox");
  ASSERT_TRUE(first.ok()) << first.status();
  int steps = 0;
  Sandbox second(options, {.say = [&](const std::string&) { ++steps; },
                           .progress = [](const std::string&, int64_t, int64_t) {},
                           .interrupted = [] { return false; }});
  const absl::Status refused = second.Up();
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(std::string(refused.message()).find("--dir"), std::string::npos) << refused;
  second.Down();
  EXPECT_EQ(steps, 0);
  EXPECT_FALSE(std::filesystem::exists(paths.config()));
  EXPECT_FALSE(std::filesystem::exists(paths.nation()));
}

}  // namespace
}  // namespace kakunin::dev
