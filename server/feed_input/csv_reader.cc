#include "server/feed_input/csv_reader.h"

#include <utility>

#include "server/feed_input/input_fault.h"

namespace kakunin {
namespace {

constexpr size_t kBlockOctets = 1 << 16;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

CsvReader::CsvReader(OctetSource source) : source_(std::move(source)), block_(kBlockOctets, '\0') {}

absl::Status CsvReader::Fault(std::string_view what) const {
  return InputFault({.line = line_, .column = static_cast<int>(ends_.size()) + 1}, what);
}

// False at the end. The first block holds the byte order mark as a whole, or there is none.
absl::StatusOr<bool> CsvReader::Fill() {
  at_ = end_ = 0;
  do {
    const auto count = source_({block_.data() + end_, block_.size() - end_});
    if (!count.ok()) return count.status();
    if (*count == 0) break;
    end_ += *count;
  } while (!begun_ && end_ < kByteOrderMark.size());
  if (!std::exchange(begun_, true) &&
      std::string_view(block_.data(), end_).starts_with(kByteOrderMark)) {
    at_ = kByteOrderMark.size();
  }
  return at_ < end_ ? true : end_ > 0 ? Fill() : false;
}

void CsvReader::EndCell() {
  ends_.push_back(text_.size());
  state_ = State::kCellStart;
}

bool CsvReader::IsEmptyLine() const { return ends_.size() == 1 && text_.empty() && !any_quote_; }

absl::StatusOr<CsvReader::Step> CsvReader::TakeQuoted(char octet) {
  if (octet == '"') {
    state_ = State::kQuoteInQuoted;
    return Step::kGoOn;
  }
  if (octet == '\n') ++line_;
  text_ += octet;
  return Step::kGoOn;
}

// Outside quotes; also right after what may have been a closing quote.
absl::StatusOr<CsvReader::Step> CsvReader::TakeBare(char octet) {
  switch (octet) {
    case ',':
      if (ends_.size() + 1 == kMostCells) return Fault("too many columns");
      EndCell();
      return Step::kGoOn;
    case '\n':
      EndCell();
      return Step::kEndOfRecord;
    case '\r':
      state_ = State::kCarriageReturn;
      return Step::kGoOn;
    case '"':
      if (state_ == State::kBare)
        return Fault("a quote inside a cell that does not begin with one");
      // A doubled quote is one; a first one opens the cell.
      if (state_ == State::kQuoteInQuoted) text_ += octet;
      state_ = State::kQuoted;
      any_quote_ = true;
      return Step::kGoOn;
    default:
      if (state_ == State::kQuoteInQuoted) return Fault("text after the closing quote");
      state_ = State::kBare;
      text_ += octet;
      return Step::kGoOn;
  }
}

absl::StatusOr<CsvReader::Step> CsvReader::Take(char octet) {
  if (octet == '\0')
    return Fault(
        "an octet of zero: not a text file; a table saved as UTF-16 is to be saved as UTF-8");
  if (text_.size() >= kMostRecordOctets) return Fault("a record longer than 1 MiB");
  switch (state_) {
    case State::kQuoted:
      return TakeQuoted(octet);
    case State::kCarriageReturn:
      if (octet != '\n') return Fault("a carriage return that no line feed follows");
      EndCell();
      return Step::kEndOfRecord;
    case State::kCellStart:
    case State::kBare:
    case State::kQuoteInQuoted:
      return TakeBare(octet);
  }
  return Step::kGoOn;
}

void CsvReader::Hand(CsvRecord& record) {
  record.line = record_line_;
  record.cells.clear();
  size_t begin = 0;
  for (const size_t end : ends_) {
    record.cells.emplace_back(text_.data() + begin, end - begin);
    begin = end;
  }
}

// The end of the file ends a record, too.
absl::StatusOr<bool> CsvReader::Finish(CsvRecord& record) {
  ended_ = true;
  if (state_ == State::kQuoted) return Fault("the file ends inside quotes");
  if (state_ == State::kCarriageReturn) {
    return Fault("a carriage return that no line feed follows");
  }
  if (state_ == State::kCellStart && ends_.empty()) return false;
  EndCell();
  Hand(record);
  return true;
}

absl::StatusOr<bool> CsvReader::Next(CsvRecord& record) {
  if (ended_) return false;
  text_.clear();
  ends_.clear();
  any_quote_ = false;
  record_line_ = line_;
  for (;;) {
    if (at_ == end_) {
      const auto more = Fill();
      if (!more.ok()) ended_ = true;
      if (!more.ok() || !*more) return more.ok() ? Finish(record) : more;
    }
    const auto step = Take(block_[at_++]);
    if (!step.ok()) {
      ended_ = true;
      return step.status();
    }
    if (*step == Step::kGoOn) continue;
    ++line_;
    if (!IsEmptyLine()) {
      Hand(record);
      return true;
    }
    ends_.clear();
    record_line_ = line_;
  }
}

}  // namespace kakunin
