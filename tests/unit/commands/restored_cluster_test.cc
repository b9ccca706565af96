#include "server/commands/restored_cluster.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "server/text_file.h"

namespace kakunin {
namespace {

class RestoredClusterTest : public testing::Test {
 protected:
  RestoredClusterTest() : root_(testing::TempDir() + "/restored-" + std::to_string(getpid())) {
    std::filesystem::create_directories(root_ / "wal");
    for (const int64_t began : {1'000, 2'000}) Add(began);
    plan_.backup = root_ / "base" / BackupId(absl::FromUnixSeconds(2'000));
    plan_.wal = root_ / "wal";
    plan_.to = root_ / "to";
    backup_ = ReadBackup(plan_.backup).value();
  }
  ~RestoredClusterTest() override { std::filesystem::remove_all(root_); }

  void Add(int64_t began) const {
    BackupDescription backup;
    backup.began = absl::FromUnixSeconds(began);
    backup.ended = absl::FromUnixSeconds(began + 60);
    backup.id = BackupId(backup.began);
    const auto folder = root_ / "base" / backup.id;
    std::filesystem::create_directories(DataFolder(folder) / "global");
    std::ofstream(DataFolder(folder) / "PG_VERSION") << "15\n";
    std::ofstream(DataFolder(folder) / "global" / "1") << "x";
    std::ofstream(DataFolder(folder) / "backup_manifest") << "{}";
    std::ofstream(DataFolder(folder) / "postgresql.auto.conf") << "a = 'b'\n";
    std::ofstream(folder / "backup.json") << BackupJson(backup);
  }

  const std::filesystem::path root_;
  RestorePlan plan_;
  BackupDescription backup_;
};

TEST_F(RestoredClusterTest, TakesTheNewestBackupFromBeforeTheInstant) {
  const auto chosen = [&](int64_t until) {
    return ChooseBackup(root_ / "base", absl::FromUnixSeconds(until));
  };
  EXPECT_EQ(chosen(2'060)->filename(), BackupId(absl::FromUnixSeconds(2'000)));
  EXPECT_EQ(chosen(2'059)->filename(), BackupId(absl::FromUnixSeconds(1'000)));
  EXPECT_EQ(chosen(1'060)->filename(), BackupId(absl::FromUnixSeconds(1'000)));
  EXPECT_FALSE(chosen(1'059).ok());
  EXPECT_EQ(ChooseBackup(plan_.backup, absl::InfiniteFuture()).value(), plan_.backup);
}

TEST_F(RestoredClusterTest, RefusesWhatCannotBecomeWhatWasAskedFor) {
  EXPECT_TRUE(CheckPlan(plan_, backup_, "/bin/sh").ok());
  RestorePlan plan = plan_;
  plan.until = backup_.ended;
  EXPECT_TRUE(CheckPlan(plan, backup_, "/bin/sh").ok());
  plan.until -= absl::Microseconds(1);
  EXPECT_FALSE(CheckPlan(plan, backup_, "/bin/sh").ok()) << "before the copy is consistent";
  plan = plan_;
  plan.wal = root_ / "none";
  EXPECT_FALSE(CheckPlan(plan, backup_, "/bin/sh").ok());
  plan.wal.clear();
  EXPECT_TRUE(CheckPlan(plan, backup_, "/bin/sh").ok());
  plan.until_lsn = "0/1";
  EXPECT_FALSE(CheckPlan(plan, backup_, "/bin/sh").ok()) << "the log is needed";
  plan = plan_;
  plan.to = root_ / "it's";
  EXPECT_FALSE(CheckPlan(plan, backup_, "/bin/sh").ok());
  std::filesystem::create_directories(plan_.to);
  EXPECT_TRUE(CheckPlan(plan_, backup_, "/bin/sh").ok()) << "an empty folder will do";
  std::ofstream(plan_.to / "something") << "";
  EXPECT_NE(CheckPlan(plan_, backup_, "/bin/sh").ToString().find("not empty"), std::string::npos);
  std::ofstream(plan_.to / "postmaster.pid") << "1\n";
  EXPECT_NE(CheckPlan(plan_, backup_, "/bin/sh").ToString().find("a cluster runs"),
            std::string::npos);
}

TEST_F(RestoredClusterTest, RefusesAProgramThatPostgresCouldNotRun) {
  const auto refusal = [&](const std::filesystem::path& program) {
    return CheckPlan(plan_, backup_, program).ToString();
  };
  EXPECT_NE(refusal("/usr/bin/kakunin (deleted)").find("no program"), std::string::npos);
  EXPECT_NE(refusal(root_).find("no program"), std::string::npos) << "a folder";
  EXPECT_NE(refusal(root_ / "it's" / "kakunin").find("quote"), std::string::npos);
  std::ofstream(root_ / "kakunin") << "";
  EXPECT_NE(refusal(root_ / "kakunin").find("no program"), std::string::npos) << "may not be run";
  RestorePlan plan = plan_;
  plan.wal.clear();
  EXPECT_TRUE(CheckPlan(plan, backup_, "/nonexistent").ok()) << "nothing is fetched";
}

TEST_F(RestoredClusterTest, TellsPostgresHowFarAndNeverToArchive) {
  plan_.until = absl::FromUnixMicros(1'790'000'000'123'456);
  std::string settings = RecoverySettings(plan_, "/usr/bin/kakunin");
  EXPECT_NE(settings.find("recovery_target_time = '2026-09-21 14:13:20.123456+00'"),
            std::string::npos)
      << settings;
  EXPECT_NE(settings.find("restore_command = '\"/usr/bin/kakunin\" restore wal --wal \"" +
                          plan_.wal.string() + "\" %f \"%p\"'"),
            std::string::npos)
      << settings;
  EXPECT_NE(settings.find("archive_mode = 'off'"), std::string::npos);
  EXPECT_NE(settings.find("'promote'"), std::string::npos);
  plan_.until_lsn = "0/3000028";
  plan_.pause = true;
  settings = RecoverySettings(plan_, "/usr/bin/kakunin");
  EXPECT_NE(settings.find("recovery_target_lsn = '0/3000028'"), std::string::npos);
  EXPECT_EQ(settings.find("recovery_target_time"), std::string::npos) << "only one target may be";
  EXPECT_NE(settings.find("'pause'"), std::string::npos);
  plan_ = {.backup = plan_.backup, .to = plan_.to};
  EXPECT_NE(RecoverySettings(plan_, "/usr/bin/kakunin").find("'immediate'"), std::string::npos);
}

TEST_F(RestoredClusterTest, MakesADirectoryThatRecovers) {
  ASSERT_TRUE(MakeCluster(plan_, backup_, "/usr/bin/kakunin").ok());
  EXPECT_EQ(ReadTextFile(plan_.to / "global" / "1").value(), "x");
  EXPECT_TRUE(std::filesystem::exists(plan_.to / "recovery.signal"));
  EXPECT_FALSE(std::filesystem::exists(plan_.to / "backup_manifest"));
  const std::string settings = ReadTextFile(plan_.to / "postgresql.auto.conf").value();
  EXPECT_TRUE(settings.starts_with("a = 'b'\n")) << settings;
  EXPECT_TRUE(settings.ends_with(RecoverySettings(plan_, "/usr/bin/kakunin"))) << settings;
  EXPECT_EQ(std::filesystem::status(plan_.to).permissions(),
            static_cast<std::filesystem::perms>(0700));
}

}  // namespace
}  // namespace kakunin
