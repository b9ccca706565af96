#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "server/feed_input/octet_source.h"

namespace kakunin {

// kMostRecordOctets bounds one record: a quote that is never closed must not read the whole file.
inline constexpr size_t kMostRecordOctets = 1 << 20;
// kMostCells bounds a record's cells.
inline constexpr size_t kMostCells = 1000;

// CsvRecord is one record as it stands in the file, its encoding untouched. The views live until
// the reader's next step.
struct CsvRecord {
  int64_t line = 0;  // its first, from 1
  std::vector<std::string_view> cells;
};

// CsvReader reads comma-separated values (RFC 4180) as a stream, strictly: LF or CRLF ends a
// record; a cell in quotes may hold commas, line ends and doubled quotes, and nothing may follow
// its closing quote; a quote inside a cell without quotes, a lone CR and NUL are faults. Empty
// lines are skipped, as is a byte order mark of UTF-8. No octet of structure occurs inside a
// character of UTF-8 or CP932, so both are read alike. One thread at a time.
class CsvReader {
 public:
  explicit CsvReader(OctetSource source);

  // Next reads a record; false at the end. INVALID_ARGUMENT with line and column (InputFault), or
  // the source's error; after either there is nothing more.
  absl::StatusOr<bool> Next(CsvRecord& record);

 private:
  enum class State { kCellStart, kBare, kQuoted, kQuoteInQuoted, kCarriageReturn };

  // What an octet made of the record so far.
  enum class Step { kGoOn, kEndOfRecord };

  absl::StatusOr<bool> Fill();
  absl::StatusOr<Step> Take(char octet);
  absl::StatusOr<Step> TakeQuoted(char octet);
  absl::StatusOr<Step> TakeBare(char octet);
  absl::StatusOr<bool> Finish(CsvRecord& record);
  void EndCell();
  bool IsEmptyLine() const;
  void Hand(CsvRecord& record);
  absl::Status Fault(std::string_view what) const;

  OctetSource source_;
  std::string block_;
  size_t at_ = 0;   // in block_
  size_t end_ = 0;  // of what block_ holds
  bool begun_ = false;
  bool ended_ = false;

  State state_ = State::kCellStart;
  std::string text_;          // of all cells of the record
  std::vector<size_t> ends_;  // of each cell in text_
  bool any_quote_ = false;    // a record of one empty cell in quotes is no empty line
  int64_t line_ = 1;
  int64_t record_line_ = 1;
};

}  // namespace kakunin
