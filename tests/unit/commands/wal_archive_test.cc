#include "server/commands/wal_archive.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "server/text_file.h"

namespace kakunin {
namespace {

constexpr char kSegment[] = "00000001000000000000000A";
constexpr size_t kOctets = size_t{1} << 20;

class WalArchiveTest : public testing::Test {
 protected:
  WalArchiveTest() : folder_(testing::TempDir() + "/wal-" + std::to_string(getpid())) {
    std::filesystem::create_directories(archive());
  }
  ~WalArchiveTest() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path archive() const { return folder_ / "archive"; }
  std::filesystem::path Write(const std::filesystem::path& name, size_t octets, char fill) const {
    std::ofstream(folder_ / name) << std::string(octets, fill);
    return folder_ / name;
  }

  const std::filesystem::path folder_;
};

TEST(WalFileName, IsWhatPostgresArchives) {
  for (const char* name : {kSegment, "0000000100000000000000FF.partial", "00000002.history",
                           "00000001000000000000000A.00000028.backup"}) {
    EXPECT_TRUE(IsWalFileName(name)) << name;
  }
  for (const char* name :
       {"", "00000001000000000000000", "00000001000000000000000AA", "00000001000000000000000a",
        "../000000010000000000000A", "0000000.history", "000000022.history",
        "00000001000000000000000A.backup", "00000001000000000000000A.0000028.backup",
        "00000001000000000000000A.tmp", "postgresql.conf"}) {
    EXPECT_FALSE(IsWalFileName(name)) << name;
  }
}

TEST_F(WalArchiveTest, KeepsASegmentAndNeverOverwritesIt) {
  const auto segment = Write(kSegment, kOctets, 'a');
  ASSERT_TRUE(ArchiveWal(segment, archive()).ok());
  EXPECT_TRUE(ArchiveWal(segment, archive()).ok()) << "PostgreSQL may archive a file twice";
  Write(kSegment, kOctets, 'b');
  EXPECT_EQ(ArchiveWal(segment, archive()).code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(ReadTextFile(archive() / kSegment).value(), std::string(kOctets, 'a'));
}

TEST_F(WalArchiveTest, RefusesWhatIsNoWholeFileOfTheLog) {
  for (const size_t octets : {size_t{0}, kOctets - 1, kOctets + 1, kOctets / 2}) {
    EXPECT_EQ(ArchiveWal(Write(kSegment, octets, 'a'), archive()).code(),
              absl::StatusCode::kInvalidArgument)
        << octets;
  }
  EXPECT_EQ(ArchiveWal(Write("other", kOctets, 'a'), archive()).code(),
            absl::StatusCode::kInvalidArgument);
  const auto segment = Write(kSegment, kOctets, 'a');
  EXPECT_EQ(ArchiveWal(segment, folder_ / "none").code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ArchiveWal(folder_ / "00000001000000000000000B", archive()).code(),
            absl::StatusCode::kNotFound);
  // A history is short.
  EXPECT_TRUE(ArchiveWal(Write("00000002.history", 40, 'h'), archive()).ok());
  EXPECT_TRUE(std::filesystem::is_empty(archive()) == false);
}

TEST_F(WalArchiveTest, FetchesAWholeSegmentBeforeAPartOfIt) {
  const auto to = folder_ / "RECOVERYXLOG";
  EXPECT_EQ(FetchWal(archive(), kSegment, to).code(), absl::StatusCode::kNotFound);
  Write("archive/" + std::string(kSegment) + ".partial", kOctets, 'p');
  ASSERT_TRUE(FetchWal(archive(), kSegment, to).ok());
  EXPECT_EQ(ReadTextFile(to).value()[0], 'p');
  Write("archive/" + std::string(kSegment), kOctets, 'w');
  ASSERT_TRUE(FetchWal(archive(), kSegment, to).ok()) << "over what an earlier try left";
  EXPECT_EQ(ReadTextFile(to).value()[0], 'w');
  EXPECT_EQ(FetchWal(archive(), "../secret", to).code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace kakunin
