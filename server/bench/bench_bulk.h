#pragma once

#include <cstdint>
#include <filesystem>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"

namespace kakunin::bench {

// RunList sends one list of `rows` prepared rows (RequestFolder::numbers, from the first again when
// there are fewer) from the first desk, and returns the seconds from its first message until the
// last result is ready. An error when it is refused or an answer is not 有効; the list is deleted
// afterwards.
absl::StatusOr<double> RunList(const std::filesystem::path& installation, int port, int64_t rows,
                               absl::CivilDay today);

}  // namespace kakunin::bench
