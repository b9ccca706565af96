#include "server/feed_input/csv_reader.h"

#include <gtest/gtest.h>

#include "tests/support/octets_in_parts.h"

namespace kakunin {
namespace {

using Cells = std::vector<std::string>;

struct Read {
  std::vector<Cells> records;
  std::vector<int64_t> lines;
  std::string fault;
};

Read ReadAll(const std::string& text, std::vector<size_t> parts = {1 << 16}) {
  CsvReader reader(OctetsInParts(text, std::move(parts)));
  Read read;
  CsvRecord record;
  for (;;) {
    const auto more = reader.Next(record);
    if (!more.ok()) {
      read.fault = std::string(more.status().message());
      EXPECT_FALSE(*reader.Next(record));
      return read;
    }
    if (!*more) return read;
    read.records.emplace_back(record.cells.begin(), record.cells.end());
    read.lines.push_back(record.line);
  }
}

TEST(CsvReader, ReadsRecordsWithLfCrlfAndWithoutALastLineEnd) {
  const Read read = ReadAll("a,b\nc,\r\n,d");
  EXPECT_EQ(read.records, (std::vector<Cells>{{"a", "b"}, {"c", ""}, {"", "d"}}));
  EXPECT_EQ(read.lines, (std::vector<int64_t>{1, 2, 3}));
  EXPECT_EQ(read.fault, "");
}

TEST(CsvReader, AQuotedCellHoldsCommasLineEndsAndDoubledQuotes) {
  const Read read = ReadAll("\"a,b\r\nc\",\"say \"\"x\"\"\"\nnext,\"\"\n");
  EXPECT_EQ(read.records, (std::vector<Cells>{{"a,b\r\nc", "say \"x\""}, {"next", ""}}));
  EXPECT_EQ(read.lines, (std::vector<int64_t>{1, 3}));  // lines are the file's, not the records'
}

TEST(CsvReader, EmptyLinesAreSkippedAndAnEmptyQuotedCellIsNone) {
  const Read read = ReadAll("\n\r\na\n\n\"\"\n");
  EXPECT_EQ(read.records, (std::vector<Cells>{{"a"}, {""}}));
  EXPECT_EQ(read.lines, (std::vector<int64_t>{3, 5}));
  EXPECT_TRUE(ReadAll("").records.empty());
  EXPECT_TRUE(ReadAll("\n\n").records.empty());
}

TEST(CsvReader, TheByteOrderMarkIsNoPartOfTheFirstCellHoweverItComes) {
  for (const size_t part : {1, 2, 3, 4, 100}) {
    EXPECT_EQ(ReadAll("\xEF\xBB\xBF"
                      "a,b\n",
                      {part})
                  .records,
              (std::vector<Cells>{{"a", "b"}}));
  }
  EXPECT_TRUE(ReadAll("\xEF\xBB\xBF").records.empty());
  EXPECT_EQ(ReadAll("\xEF\xBB").records, (std::vector<Cells>{{"\xEF\xBB"}}));
}

TEST(CsvReader, OctetsOfCp932AreNoStructure) {
  // ソ is 83 5C, 表 is 95 5C: the second octet of neither is looked at by itself.
  EXPECT_EQ(ReadAll("\x83\x5C,\x95\x5C\n").records, (std::vector<Cells>{{"\x83\x5C", "\x95\x5C"}}));
}

TEST(CsvReader, FaultsNameLineAndColumnAndNeverTheText) {
  const std::pair<std::string, std::string> cases[] = {
      {"a,b\nc,se\"cret\n", "line 2, column 2: a quote inside a cell that does not begin with one"},
      {"a\n\"x\ny\"secret\n", "line 3, column 1: text after the closing quote"},
      {"a,\"secret", "line 1, column 2: the file ends inside quotes"},
      {"a,b\rsecret\n", "line 1, column 2: a carriage return that no line feed follows"},
      {"a,b\r", "line 1, column 2: a carriage return that no line feed follows"},
      {std::string("a\nb\0c", 5),
       "line 2, column 1: an octet of zero: not a text file; a table saved as UTF-16 is to be "
       "saved as "
       "UTF-8"},
      {std::string(kMostRecordOctets + 1, 'x'), "line 1, column 1: a record longer than 1 MiB"},
      {std::string(kMostCells, ','), "line 1, column 1000: too many columns"},
  };
  for (const auto& [text, fault] : cases) EXPECT_EQ(ReadAll(text).fault, fault);
  EXPECT_EQ(ReadAll(std::string(kMostRecordOctets, 'x')).fault, "");
  EXPECT_EQ(ReadAll(std::string(kMostCells - 1, ',')).records.at(0).size(), kMostCells);
}

TEST(CsvReader, TheRecordsBeforeAFaultAreRead) {
  EXPECT_EQ(ReadAll("a\nb\"\n").records, (std::vector<Cells>{{"a"}}));
}

TEST(CsvReader, ASourcesErrorEndsTheReading) {
  CsvReader reader([](std::span<char>) { return absl::DataLossError("the disk"); });
  CsvRecord record;
  EXPECT_EQ(reader.Next(record).status().message(), "the disk");
  EXPECT_FALSE(*reader.Next(record));
}

TEST(CsvReader, HowTheOctetsComeChangesNothing) {
  const std::string text = "\xEF\xBB\xBFname,\"a \"\"b\"\", c\"\r\n\r\n\"x\r\ny\",\n,z\n\"\"\n";
  const Read whole = ReadAll(text);
  EXPECT_EQ(whole.records.size(), 4u);
  for (size_t cut = 1; cut < text.size(); ++cut) {
    const Read read = ReadAll(text, {cut, 1 << 16});
    EXPECT_EQ(read.records, whole.records) << cut;
    EXPECT_EQ(read.lines, whole.lines) << cut;
  }
  EXPECT_EQ(ReadAll(text, {1}).records, whole.records);
}

}  // namespace
}  // namespace kakunin
