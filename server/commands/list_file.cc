#include "server/commands/list_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <span>
#include <sstream>
#include <utility>

#include "domain/error.h"
#include "server/feed_input/csv_reader.h"
#include "server/feed_input/input_fault.h"
#include "server/feed_input/text_encoding.h"

namespace kakunin {

absl::StatusOr<std::vector<ListLine>> ReadListFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError("cannot read " + path);
  std::stringstream whole;
  whole << file.rdbuf();
  const std::string octets = whole.str();
  EncodingDetector detector;
  detector.Add(octets);
  const auto encoding = detector.Finish();
  if (!encoding) return InputFault({.line = 1}, "neither UTF-8 nor CP932: save the file anew");

  size_t at = 0;
  CsvReader reader([&](std::span<char> into) -> absl::StatusOr<size_t> {
    const size_t count = std::min(into.size(), octets.size() - at);
    std::copy_n(octets.data() + at, count, into.data());
    at += count;
    return count;
  });
  std::vector<ListLine> lines;
  CsvRecord record;
  for (;;) {
    ASSIGN_OR_RETURN(const bool more, reader.Next(record));
    if (!more) break;
    ListLine& line = lines.emplace_back(ListLine{.line = record.line});
    for (size_t i = 0; i < record.cells.size(); ++i) {
      auto cell = Decoded(*encoding, record.cells[i]);
      if (!cell) {
        return InputFault(
            {.line = record.line, .column = static_cast<int>(i) + 1},
            fmt::format("octets that are no character of {}", EncodingName(*encoding)));
      }
      line.cells.emplace_back(*std::move(cell));
    }
    if (line.cells.size() != lines.front().cells.size()) {
      return InputFault({.line = record.line}, "another number of cells than the first line has");
    }
  }
  if (lines.empty()) return InputFault({.line = 1}, "the file is empty");
  return lines;
}

}  // namespace kakunin
