#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace kakunin {

// A folder of PostgreSQL's write-ahead log, file by file as PostgreSQL names them.

// IsWalFileName tells whether PostgreSQL archives files of such a name: segments, timeline
// histories, marks of backups.
bool IsWalFileName(std::string_view name);

// ArchiveWal copies one file into the archive, durably; a file that is there is never overwritten,
// and archiving the same content again is fine, as PostgreSQL asks of archive_command.
// INVALID_ARGUMENT for another name or a segment that is not whole, ALREADY_EXISTS for other
// content under that name.
absl::Status ArchiveWal(const std::filesystem::path& file, const std::filesystem::path& archive);

// FetchWal copies one file out of the archive, as PostgreSQL asks of restore_command: the whole
// segment, else what `kakunin backup receive` had of it when it stopped. NOT_FOUND when neither is
// there, which tells PostgreSQL that the archive ends.
absl::Status FetchWal(const std::filesystem::path& archive, std::string_view name,
                      const std::filesystem::path& to);

}  // namespace kakunin
