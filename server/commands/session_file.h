#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace kakunin {

// A session's token lies in a file of mode 0600: who reads it, and has the terminal's key, is the
// user.

// ReadSessionFile reads the token. FAILED_PRECONDITION with what to do when the file is missing,
// another user's, open to others, or holds no token.
absl::StatusOr<std::string> ReadSessionFile(const std::filesystem::path& path);

// WriteSessionFile puts the token in place of what the file held.
absl::Status WriteSessionFile(const std::filesystem::path& path, std::string_view token);

}  // namespace kakunin
