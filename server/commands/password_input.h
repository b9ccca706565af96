#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace kakunin {

// ReadPasswordInput is a password from the first line of `file` (mode 0600), or, without a file,
// typed at the terminal, where it is not shown; `prompt` asks for it. Passwords are never
// arguments: other users of the machine see those. FAILED_PRECONDITION with what to do when neither
// works.
absl::StatusOr<std::string> ReadPasswordInput(const std::string& file, const std::string& prompt);

}  // namespace kakunin
