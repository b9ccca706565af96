#pragma once

#include <filesystem>
#include <string_view>

#include "absl/status/status.h"

namespace kakunin {

// What these have written is there after the machine loses its power: the file and the folder's
// entry are on the disk before they return.

// ReplaceDurably writes beside the file, mode 0600, and renames. INTERNAL, naming the file and the
// machine's reason, when it cannot.
absl::Status ReplaceDurably(const std::filesystem::path& path, std::string_view text);

// RenameDurably moves a file or folder within its file system. INTERNAL as above.
absl::Status RenameDurably(const std::filesystem::path& from, const std::filesystem::path& to);

// CopyDurably copies a file to where none may be: one that is there stays as it is, and is
// ALREADY_EXISTS unless it holds the same octets. INTERNAL or NOT_FOUND as above.
absl::Status CopyDurably(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace kakunin
