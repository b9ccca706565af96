#pragma once

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "domain/actor.h"
#include "domain/error.h"
#include "storage/database.h"

namespace kakunin {

// How many rows are read at once where most may be nobody's whom the terminal sees.
inline constexpr int kRowsReadForTest = 1000;

// ReadSeen reads a page of a facility's past. In the operation test (運用テスト) it reads on until
// `range.limit` rows are of persons whom the terminal sees, as if there were no others: not even
// the place of a page tells of one. `read` (const Range&) -> absl::StatusOr<std::vector<Row>> gives
// at most `limit` rows; `seen` (const Row&) -> bool; `go_behind` (const Row&, Range&) moves the
// range behind a row. DATABASE_UNAVAILABLE when `deadline` comes before the page is whole.
template <class Row, class Range, class Read, class Seen, class GoBehind>
absl::StatusOr<std::vector<Row>> ReadSeen(const SeesOnly& sees_only, Range range,
                                          MonotonicTime deadline, const Read& read,
                                          const Seen& seen, const GoBehind& go_behind) {
  if (sees_only == nullptr) return read(range);
  const auto wanted = static_cast<size_t>(range.limit);
  range.limit = std::max<decltype(range.limit)>(range.limit, kRowsReadForTest);
  std::vector<Row> rows;
  while (true) {
    ASSIGN_OR_RETURN(std::vector<Row> page, read(range));
    const bool last = page.size() < static_cast<size_t>(range.limit);
    if (!page.empty()) go_behind(page.back(), range);
    for (Row& row : page) {
      if (rows.size() < wanted && seen(row)) rows.push_back(std::move(row));
    }
    if (last || rows.size() >= wanted) return rows;
    if (std::chrono::steady_clock::now() >= deadline) {
      return MakeError(Reason::kDatabaseUnavailable);
    }
  }
}

// SeesRowOf tells whether a row about `person` may be shown. Where nobody is named it may be about
// anybody: not in the operation test.
inline bool SeesRowOf(const SeesOnly& sees_only, const std::optional<PersonId>& person) {
  return sees_only == nullptr || (person && Sees(sees_only, *person));
}

}  // namespace kakunin
