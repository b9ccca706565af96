#pragma once

#include <cstdint>
#include <filesystem>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"

namespace kakunin::bench {

// ListTimes are seconds from a list's first message: until it was sent, its last result was ready,
// all were read, and it was deleted.
struct ListTimes {
  double sent = 0;
  double done = 0;
  double read = 0;
  double deleted = 0;
};

// RunList sends one list of `rows` prepared rows (RequestFolder::numbers, from the first again when
// there are fewer) from the first desk, reads its results and deletes it. An error when it is
// refused or an answer is not 有効.
absl::StatusOr<ListTimes> RunList(const std::filesystem::path& installation, int port, int64_t rows,
                                  absl::CivilDay today);

}  // namespace kakunin::bench
