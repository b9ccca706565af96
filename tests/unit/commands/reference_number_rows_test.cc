#include "server/commands/reference_number_rows.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace kakunin {
namespace {

class ReadReferenceNumberListTest : public testing::Test {
 protected:
  ReadReferenceNumberListTest() {
    char name[] = "/tmp/kakunin-numbers-XXXXXX";
    close(mkstemp(name));
    file_ = name;
  }
  ~ReadReferenceNumberListTest() override { std::filesystem::remove(file_); }

  absl::StatusOr<ReferenceNumberList> Read(const std::string& text) {
    std::ofstream(file_, std::ios::binary) << text;
    return ReadReferenceNumberList(file_, v1::REFERENCE_NUMBER_ACTION_ADD);
  }
  std::string Fault(const std::string& text) { return std::string(Read(text).status().message()); }

  std::string file_;
};

TEST_F(ReadReferenceNumberListTest, LinesOfOnePatientAreOneUnit) {
  for (const char* head : {"reference_number,insurer_number,symbol,number,branch_number,birth_date",
                           "照会番号,保険者番号,記号,番号,枝番,生年月日"}) {
    const auto list = Read(std::string(head) +
                           "\nA-1 ,06139463,1234,5678910,01,1970-01-01\n"
                           "B-1,06139463,1234,5678910,02,1970-01-01\n"
                           "A-2,06139463,1234, 5678910,01,1970-01-01\n");
    ASSERT_TRUE(list.ok()) << list.status();
    EXPECT_TRUE(list->unread.empty());
    ASSERT_EQ(list->units.size(), 2u);
    const v1::ReferenceNumberUnit& unit = list->units.front();
    EXPECT_EQ(unit.row_id(), "2");
    EXPECT_EQ(unit.change().action(), v1::REFERENCE_NUMBER_ACTION_ADD);
    ASSERT_EQ(unit.change().reference_numbers_size(), 2);
    EXPECT_EQ(unit.change().reference_numbers(0), "A-1 ");
    EXPECT_EQ(unit.change().reference_numbers(1), "A-2");
    EXPECT_EQ(unit.change().patient().insured().birth_date().year(), 1970);
    EXPECT_EQ(list->units.back().row_id(), "3");
  }
}

TEST_F(ReadReferenceNumberListTest, TellsWhatIsWrongByLineAndColumn) {
  EXPECT_NE(Fault("reference_number,ward\n").find("no column of this name"), std::string::npos);
  EXPECT_NE(Fault("number,birth_date\n1,1970-01-01\n").find("no column reference_number"),
            std::string::npos);
  EXPECT_NE(Fault("照会番号,reference_number\n").find("twice"), std::string::npos);
  EXPECT_NE(Fault("reference_number,number\nA\n").find("another number of cells"),
            std::string::npos);
}

TEST_F(ReadReferenceNumberListTest, ALineThatCannotBeReadStandsInTheWayOfNoOther) {
  const auto list =
      Read("reference_number,number,birth_date\nA,1,1970-01-01\nB,2,1970-13-01\nC,3,1970-01-03\n");
  ASSERT_TRUE(list.ok()) << list.status();
  ASSERT_EQ(list->units.size(), 2u);
  EXPECT_EQ(list->units.back().row_id(), "4");
  ASSERT_EQ(list->unread.size(), 1u);
  EXPECT_EQ(list->unread.front().line, 3);
  EXPECT_NE(list->unread.front().why.find("column 3"), std::string::npos)
      << list->unread.front().why;
  EXPECT_EQ(list->unread.front().why.find("1970-13-01"), std::string::npos);
}

}  // namespace
}  // namespace kakunin
