#include "domain/month_record.h"

#include <gtest/gtest.h>

namespace kakunin {
namespace {

// Not SHA-256, but of every octet.
Digest32 Sum(std::string_view octets) {
  Digest32 sum{};
  for (const char octet : octets) sum[0] = static_cast<uint8_t>(sum[0] + octet);
  sum[kEntryDigestOctets] = 0xff;  // beyond what is kept
  return sum;
}

std::string DigestOf(std::string_view octets) {
  const Digest32 sum = Sum(octets);
  return {sum.begin(), sum.begin() + kEntryDigestOctets};
}

TEST(MonthRecord, ReadsBackWhatItWrote) {
  const RecordEntry entries[] = {{1, "body", "facility"},
                                 {3, "", "", absl::CivilDay(2026, 11, 21)},
                                 {0, "another", "", absl::CivilDay(1969, 12, 31)}};
  const std::string octets = EncodeMonthRecord(entries, &Sum);
  const auto read = DecodeMonthRecord(octets);
  ASSERT_TRUE(read.ok());
  ASSERT_EQ(read->size(), 3u);
  for (size_t i = 0; i < read->size(); ++i) {
    EXPECT_EQ((*read)[i].source, entries[i].source);
    EXPECT_EQ((*read)[i].body, entries[i].body);
    EXPECT_EQ((*read)[i].facilities, entries[i].facilities);
    EXPECT_EQ((*read)[i].reckoned, entries[i].reckoned);
    EXPECT_EQ((*read)[i].body_digest, DigestOf(entries[i].body));
    EXPECT_EQ((*read)[i].facilities_digest, DigestOf(entries[i].facilities));
  }
  EXPECT_TRUE(DecodeMonthRecord("")->empty());
}

TEST(MonthRecord, RefusesWhatIsCutOffAnywhere) {
  const RecordEntry entry{1, "body", "facility"};
  const std::string octets = EncodeMonthRecord(std::span(&entry, 1), &Sum);
  for (size_t size = 1; size < octets.size(); ++size) {
    EXPECT_FALSE(DecodeMonthRecord(std::string_view(octets).substr(0, size)).ok()) << size;
  }
  std::string long_body = octets;
  long_body[4] = '\x7f';
  EXPECT_FALSE(DecodeMonthRecord(long_body).ok());
}

}  // namespace
}  // namespace kakunin
