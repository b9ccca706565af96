#include "server/feed_input/delimited_reader.h"

#include <gtest/gtest.h>

#include "tests/support/octets_in_parts.h"

namespace kakunin {
namespace {

struct Read {
  std::vector<std::string> messages;
  std::string fault;
};

Read ReadAll(const std::string& octets, std::vector<size_t> parts = {1 << 16}) {
  DelimitedReader reader(OctetsInParts(octets, std::move(parts)));
  Read read;
  std::string_view message;
  for (;;) {
    const auto more = reader.Next(message);
    if (!more.ok()) read.fault = std::string(more.status().message());
    if (!more.ok() || !*more) {
      EXPECT_EQ(reader.count(), static_cast<int64_t>(read.messages.size()));
      EXPECT_FALSE(*reader.Next(message));
      return read;
    }
    read.messages.emplace_back(message);
  }
}

TEST(DelimitedReader, ReadsMessagesOfAnyLengthHoweverTheyCome) {
  const std::string large(300, 'x');
  const std::string octets = std::string(
                                 "\x03"
                                 "abc"
                                 "\x00",
                                 5) +
                             "\xAC\x02" + large;
  for (size_t cut = 1; cut < octets.size(); ++cut) {
    EXPECT_EQ(ReadAll(octets, {cut, 1 << 16}).messages,
              (std::vector<std::string>{"abc", "", large}));
  }
  EXPECT_EQ(ReadAll(octets, {1}).messages.size(), 3u);
  EXPECT_TRUE(ReadAll("").messages.empty());
}

TEST(DelimitedReader, AMessageLargerThanABlockIsWhole) {
  const std::string large(200'000, 'y');
  EXPECT_EQ(ReadAll("\x01z\xC0\x9A\x0C" + large).messages, (std::vector<std::string>{"z", large}));
}

TEST(DelimitedReader, EveryCutInsideAMessageIsTold) {
  const std::string octets =
      "\x03"
      "abc"
      "\xAC\x02" +
      std::string(300, 'x');
  for (size_t end = 0; end < octets.size(); ++end) {
    const Read read = ReadAll(octets.substr(0, end));
    const bool whole = end == 0 || end == 4;
    EXPECT_EQ(read.fault.empty(), whole) << end;
    EXPECT_EQ(read.messages.size(), end >= 4 ? 1u : 0u) << end;
  }
  EXPECT_EQ(ReadAll(octets.substr(0, 9)).fault, "message 2: the file ends inside it");
}

TEST(DelimitedReader, LengthsThatNoMessageHasAreRefused) {
  EXPECT_EQ(ReadAll("\x81\x80\x80\x02").fault, "message 1: longer than 4 MiB");
  EXPECT_EQ(ReadAll("\xFF\xFF\xFF\xFF\x01").fault, "message 1: a length that is no length of ours");
  const std::string most(kMostMessageOctets, 'm');
  EXPECT_EQ(ReadAll("\x80\x80\x80\x02" + most).messages, (std::vector<std::string>{most}));
}

}  // namespace
}  // namespace kakunin
