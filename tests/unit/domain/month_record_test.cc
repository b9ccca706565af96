#include "domain/month_record.h"

#include <gtest/gtest.h>

namespace kakunin {
namespace {

TEST(MonthRecord, ReadsBackWhatItWrote) {
  const RecordEntry entries[] = {{1, "body", "facility"}, {3, "", ""}, {0, "another", ""}};
  const std::string octets = EncodeMonthRecord(entries);
  const auto read = DecodeMonthRecord(octets);
  ASSERT_TRUE(read.ok());
  ASSERT_EQ(read->size(), 3u);
  for (size_t i = 0; i < read->size(); ++i) {
    EXPECT_EQ((*read)[i].source, entries[i].source);
    EXPECT_EQ((*read)[i].body, entries[i].body);
    EXPECT_EQ((*read)[i].facilities, entries[i].facilities);
  }
  EXPECT_TRUE(DecodeMonthRecord("")->empty());
}

TEST(MonthRecord, RefusesWhatIsCutOffAnywhere) {
  const RecordEntry entry{1, "body", "facility"};
  const std::string octets = EncodeMonthRecord(std::span(&entry, 1));
  for (size_t size = 1; size < octets.size(); ++size) {
    EXPECT_FALSE(DecodeMonthRecord(std::string_view(octets).substr(0, size)).ok()) << size;
  }
  std::string long_body = octets;
  long_body[4] = '\x7f';
  EXPECT_FALSE(DecodeMonthRecord(long_body).ok());
}

}  // namespace
}  // namespace kakunin
