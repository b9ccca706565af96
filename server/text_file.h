#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace kakunin {

// ReadTextFile is the whole content. NOT_FOUND, naming the file and what to do, when it cannot be
// read.
absl::StatusOr<std::string> ReadTextFile(const std::filesystem::path& path);

// ReplaceTextFile writes beside the file and renames, so that no reader sees half of it; makes the
// folder when needed. INTERNAL, naming the file, when it cannot be written.
absl::Status ReplaceTextFile(const std::filesystem::path& path, std::string_view text);

}  // namespace kakunin
