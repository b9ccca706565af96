#include "server/commands/backup_description.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <unistd.h>

#include <fstream>

namespace kakunin {
namespace {

constexpr char kManifest[] = R"({"PostgreSQL-Backup-Manifest-Version": 1,
"Files": [{"Path": "a", "Size": 100}, {"Path": "b", "Size": 23}],
"WAL-Ranges": [{"Timeline": 3, "Start-LSN": "2/FF000028", "End-LSN": "3/100"}],
"Manifest-Checksum": "00"})";

BackupDescription Backup(int64_t began) {
  BackupDescription backup;
  backup.began = absl::FromUnixSeconds(began);
  backup.ended = absl::FromUnixSeconds(began + 60);
  backup.id = BackupId(backup.began);
  backup.migration = 30;
  StreamHead head{.stream = StreamId{{1, 2}}, .number = 7};
  head.hash.fill(0x5A);
  backup.heads = {head};
  backup.heads_digest = "abc";
  backup.key_ids = {"individual_number 11", "lookup 22"};
  return backup;
}

TEST(BackupDescription, TakesFromTheManifestWhatTheLogMustHold) {
  BackupDescription backup;
  ASSERT_TRUE(ReadManifest(kManifest, 16 << 20, backup).ok());
  EXPECT_EQ(backup.timeline, 3);
  EXPECT_EQ(backup.first_segment, "0000000300000002000000FF");
  EXPECT_EQ(backup.last_lsn, "3/100");
  EXPECT_EQ(backup.octets, 123);
  ASSERT_TRUE(ReadManifest(kManifest, 64 << 20, backup).ok());
  EXPECT_EQ(backup.first_segment, "00000003000000020000003F");
  for (const char* wrong : {"", "{}", R"({"WAL-Ranges": []})",
                            R"({"Files": [], "WAL-Ranges": [{"Timeline": 1, "Start-LSN": "x",
                                "End-LSN": "0/1"}]})"}) {
    EXPECT_FALSE(ReadManifest(wrong, 16 << 20, backup).ok()) << wrong;
  }
}

TEST(BackupDescription, IsReadAsItWasWritten) {
  BackupDescription backup = Backup(1'790'000'000);
  ASSERT_TRUE(ReadManifest(kManifest, 16 << 20, backup).ok());
  const auto read = ParseBackup(BackupJson(backup));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(BackupJson(*read), BackupJson(backup));
  EXPECT_EQ(read->heads[0].number, 7);
  EXPECT_EQ(read->key_ids, backup.key_ids);
  EXPECT_EQ(read->id, "20260921T141320Z") << read->id;
  for (const char* wrong : {"", "[]", "{}", R"({"format": 2})"}) {
    EXPECT_FALSE(ParseBackup(wrong).ok()) << wrong;
  }
}

TEST(BackupDescription, UnfinishedOnesAreNotListed) {
  const std::filesystem::path root = testing::TempDir() + "/backups-" + std::to_string(getpid());
  const auto add = [&](const std::string& name, const BackupDescription* backup) {
    std::filesystem::create_directories(root / name);
    if (backup != nullptr) std::ofstream(root / name / "backup.json") << BackupJson(*backup);
  };
  const BackupDescription later = Backup(2'000);
  const BackupDescription sooner = Backup(1'000);
  add(later.id, &later);
  add(sooner.id, &sooner);
  add("20261122T000000Z.partial", nullptr);
  const auto backups = ListBackups(root);
  ASSERT_TRUE(backups.ok()) << backups.status();
  ASSERT_EQ(backups->size(), 2u);
  EXPECT_EQ((*backups)[0].id, sooner.id);
  EXPECT_FALSE(ReadBackup(root / "20261122T000000Z.partial").ok());
  EXPECT_FALSE(ListBackups(root / "none").ok());
  std::ofstream(root / later.id / "backup.json") << "{";
  EXPECT_FALSE(ListBackups(root).ok()) << "a broken one is told, not passed over";
  std::filesystem::remove_all(root);
}

TEST(BackupDescription, WhatWasBrokenOffIsToldAndMayGoADayLater) {
  const std::filesystem::path root = testing::TempDir() + "/unfinished-" + std::to_string(getpid());
  for (const char* name : {"20261122T000000Z.partial", "20261121T000000Z.partial",
                           "20261123T000000Z.going", "20261122T000000Z", "notes.partial"}) {
    std::filesystem::create_directories(root / name);
  }
  // It came as far as to its description, and not to its name.
  std::ofstream(root / "20261121T000000Z.partial" / "backup.json") << BackupJson(Backup(1'000));
  EXPECT_TRUE(ListBackups(root)->empty());
  const int held =
      open((root / "20261122T000000Z.partial").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  ASSERT_EQ(flock(held, LOCK_EX), 0);
  const auto unfinished = ListUnfinished(root);
  close(held);
  ASSERT_TRUE(unfinished.ok()) << unfinished.status();
  ASSERT_EQ(unfinished->size(), 3u);
  const UnfinishedBackup& broken = (*unfinished)[0];
  const UnfinishedBackup& running = (*unfinished)[1];
  const UnfinishedBackup& going = (*unfinished)[2];
  EXPECT_EQ(broken.name, "20261121T000000Z.partial");
  EXPECT_FALSE(broken.running);
  EXPECT_TRUE(running.running);
  const absl::Time later = broken.began + absl::Hours(24);
  EXPECT_FALSE(MayGo(broken, later));
  EXPECT_TRUE(MayGo(broken, later + absl::Microseconds(1)));
  EXPECT_FALSE(MayGo(running, later + absl::Hours(1'000)));
  EXPECT_TRUE(MayGo(going, going.began));
  EXPECT_FALSE(ListUnfinished(root / "none").ok());
  const std::string told = ReadBackup(root / running.name).status().ToString();
  EXPECT_NE(told.find("broken off"), std::string::npos) << told;
  std::filesystem::remove_all(root);
}

TEST(BackupDescription, TheNewestStay) {
  const std::vector<BackupDescription> three = {Backup(1'000), Backup(2'000), Backup(3'000)};
  EXPECT_EQ(SpareBackups(three, 4).size(), 0u);
  EXPECT_EQ(SpareBackups(three, 3).size(), 0u);
  ASSERT_EQ(SpareBackups(three, 2).size(), 1u);
  EXPECT_EQ(SpareBackups(three, 2)[0].id, three[0].id);
  EXPECT_EQ(SpareBackups(three, 1).size(), 2u);
}

}  // namespace
}  // namespace kakunin
