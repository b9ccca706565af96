#include "server/commands/bulk_rows.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "server/rpc/convert_date.h"

namespace kakunin {
namespace {

class ReadBulkRowsTest : public testing::Test {
 protected:
  ReadBulkRowsTest() {
    char name[] = "/tmp/kakunin-bulk-XXXXXX";
    close(mkstemp(name));
    file_ = name;
  }
  ~ReadBulkRowsTest() override { std::filesystem::remove(file_); }

  absl::StatusOr<std::vector<v1::BulkInquiryRow>> Read(const std::string& text) {
    std::ofstream(file_, std::ios::binary) << text;
    return ReadBulkRows(file_);
  }
  std::string Fault(const std::string& text) { return std::string(Read(text).status().message()); }

  std::string file_;
};

TEST_F(ReadBulkRowsTest, ReadsColumnsByTheirNamesInEitherLanguage) {
  for (const char* head : {"row_id,insurer_number,symbol,number,branch_number,birth_date,name",
                           "行番号,保険者番号,記号,番号,枝番,生年月日,氏名"}) {
    const auto rows = Read(std::string(head) +
                           "\n7,06139463,１２３４,5678910,01,1970-01-01,\"予約,　花子\"\n"
                           "8,06139463,,1,,1970-01-02,\n");
    ASSERT_TRUE(rows.ok()) << rows.status();
    ASSERT_EQ(rows->size(), 2u);
    EXPECT_EQ((*rows)[0].row_id(), "7");
    EXPECT_EQ((*rows)[0].symbol(), "１２３４");
    EXPECT_EQ((*rows)[0].birth_date().year(), 1970);
    EXPECT_EQ((*rows)[0].name(), "予約,　花子");
    EXPECT_EQ((*rows)[1].branch_number(), "");
  }
}

TEST_F(ReadBulkRowsTest, ReadsCp932) {
  const auto rows = Read("row_id,number\n1,\x82\x50\x82\x51\n");  // full-width 1 and 2
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_EQ((*rows)[0].number(), "１２");
}

TEST_F(ReadBulkRowsTest, TellsThePlaceAndNeverWhatStandsThere) {
  EXPECT_EQ(ReadBulkRows("/no/such/file").status().code(), absl::StatusCode::kNotFound);
  EXPECT_NE(Fault("").find("line 1"), std::string::npos);
  EXPECT_NE(Fault("row_id,colour\n").find("column 2"), std::string::npos);
  EXPECT_NE(Fault("row_id,row_id\n").find("twice"), std::string::npos);
  EXPECT_NE(Fault("row_id,number\n1,2\n3\n").find("line 3"), std::string::npos);
}

TEST_F(ReadBulkRowsTest, OneBadCellIsTheServersToTellOfItsRowAlone) {
  testing::internal::CaptureStderr();
  const auto rows = Read(
      "row_id,birth_date,limit_certificate_consent\n1,secret-day,\n2,,secret-word\n3,"
      "1970-01-01,agreed\n");
  const std::string told = testing::internal::GetCapturedStderr();
  ASSERT_TRUE(rows.ok()) << rows.status();
  ASSERT_EQ(rows->size(), 3u);
  EXPECT_FALSE(DayFromProto((*rows)[0].birth_date()));
  EXPECT_TRUE((*rows)[0].has_birth_date());
  EXPECT_FALSE(v1::Decision_IsValid((*rows)[1].limit_certificate_consent()));
  EXPECT_EQ((*rows)[2].limit_certificate_consent(), v1::DECISION_AGREED);
  EXPECT_NE(told.find("line 2"), std::string::npos);
  EXPECT_NE(told.find("line 3"), std::string::npos);
  EXPECT_EQ(told.find("secret"), std::string::npos);
}

}  // namespace
}  // namespace kakunin
