#include "server/audit_head_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "server/text_file.h"

namespace kakunin {
namespace {

class AuditHeadFileTest : public testing::Test {
 protected:
  AuditHeadFileTest()
      : folder_(testing::TempDir() + "/audit-head-" + std::to_string(getpid())),
        file_(folder_ / "head") {
    std::filesystem::create_directory(folder_);
  }
  // With the locks beside the file.
  ~AuditHeadFileTest() override { std::filesystem::remove_all(folder_); }

  static KeptAuditHead Kept() {
    KeptAuditHead kept;
    for (int i = 3; i > 0; --i) {
      SeenHead head{.id = {.stream = StreamId{{static_cast<uint8_t>(i)}}, .number = i * 100},
                    .at = absl::FromUnixMicros(1'790'000'000'000'000 + i)};
      head.hash.fill(static_cast<uint8_t>(0xA0 + i));
      kept.heads.push_back(head);
    }
    kept.alarm = true;
    kept.accepted.push_back({.at = absl::FromUnixMicros(1'790'000'000'000'009),
                             .given_up = 4,
                             .by = "operator-1",
                             .reason = "machine lost, restored to 02:10"});
    return kept;
  }

  const std::filesystem::path folder_;
  const std::filesystem::path file_;
};

TEST_F(AuditHeadFileTest, HoldsWhatWasWritten) {
  ASSERT_TRUE(WriteAuditHead(file_, Kept()).ok());
  const auto read = ReadAuditHead(file_);
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_EQ(read->heads.size(), 3u);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(read->heads[i].id.stream, Kept().heads[i].id.stream);
    EXPECT_EQ(read->heads[i].id.number, Kept().heads[i].id.number);
    EXPECT_EQ(read->heads[i].at, Kept().heads[i].at);
    EXPECT_EQ(read->heads[i].hash, Kept().heads[i].hash);
  }
  ASSERT_EQ(read->accepted.size(), 1u);
  EXPECT_EQ(read->accepted[0].by, "operator-1");
  EXPECT_EQ(read->accepted[0].reason, "machine lost, restored to 02:10");
  EXPECT_EQ(read->accepted[0].given_up, 4);
  EXPECT_TRUE(read->alarm);
  EXPECT_TRUE(read->is_there);
  EXPECT_EQ(std::filesystem::status(file_).permissions(),
            static_cast<std::filesystem::perms>(0600));
  EXPECT_FALSE(std::filesystem::exists(file_.string() + ".new"));
}

TEST_F(AuditHeadFileTest, NothingIsKeptWhileThereIsNoFile) {
  const auto read = ReadAuditHead(file_);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_TRUE(read->heads.empty());
  EXPECT_FALSE(read->is_there);
  ASSERT_TRUE(WriteAuditHead(file_, {}).ok());
  EXPECT_TRUE(ReadAuditHead(file_)->is_there);
  EXPECT_FALSE(ReadAuditHead(file_)->alarm);
}

TEST_F(AuditHeadFileTest, AnyChangedOrMissingOctetIsFound) {
  const std::string whole = AuditHeadText(Kept());
  ASSERT_TRUE(ParseAuditHead(whole).ok());
  for (size_t i = 0; i < whole.size(); ++i) {
    EXPECT_FALSE(ParseAuditHead(whole.substr(0, i)).ok()) << "cut at " << i;
    std::string changed = whole;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(ParseAuditHead(changed).ok()) << "changed at " << i;
  }
  EXPECT_FALSE(ParseAuditHead(whole + "\n").ok());
  EXPECT_TRUE(ParseAuditHead(AuditHeadText({})).ok());
}

TEST_F(AuditHeadFileTest, AFileThatCannotBeReadIsNoReasonToForget) {
  std::ofstream(file_) << "something else\n";
  const auto read = ReadAuditHead(file_);
  EXPECT_EQ(read.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(read.status().ToString().find("Put back a copy"), std::string::npos);
  std::filesystem::resize_file(file_, 0);
  EXPECT_FALSE(ReadAuditHead(file_).ok()) << "an empty file is none that was written";
}

TEST_F(AuditHeadFileTest, OneProcessHasIt) {
  {
    const auto first = KeepAuditHead(file_);
    ASSERT_TRUE(first.ok()) << first.status();
    const auto second = KeepAuditHead(file_);
    EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_NE(second.status().ToString().find("a file of its own"), std::string::npos);
  }
  EXPECT_TRUE(KeepAuditHead(file_).ok());
  EXPECT_FALSE(KeepAuditHead("/nonexistent/audit-head").ok());
}

TEST_F(AuditHeadFileTest, OneAtATimeReadsItAndWritesItAnew) {
  {
    const auto first = TakeAuditHeadTurn(file_, /*wait=*/false);
    ASSERT_TRUE(first.ok()) << first.status();
    EXPECT_EQ(TakeAuditHeadTurn(file_, /*wait=*/false).status().code(),
              absl::StatusCode::kUnavailable);
    EXPECT_TRUE(KeepAuditHead(file_).ok()) << "which is not the server's own lock";
  }
  EXPECT_TRUE(TakeAuditHeadTurn(file_, /*wait=*/true).ok());
}

}  // namespace
}  // namespace kakunin
