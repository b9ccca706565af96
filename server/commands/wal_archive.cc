#include "server/commands/wal_archive.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <system_error>

#include "server/durable_file.h"

namespace kakunin {
namespace {

constexpr size_t kTimelineDigits = 8;
constexpr size_t kSegmentDigits = 24;
constexpr uintmax_t kLeastSegment = 1 << 20;

bool AreHex(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F'); });
}

bool IsSegment(std::string_view name) { return name.size() == kSegmentDigits && AreHex(name); }

}  // namespace

bool IsWalFileName(std::string_view name) {
  if (IsSegment(name)) return true;
  const size_t dot = name.find('.');
  if (dot == std::string_view::npos) return false;
  const std::string_view stem = name.substr(0, dot);
  const std::string_view ending = name.substr(dot);
  if (ending == ".history") return stem.size() == kTimelineDigits && AreHex(stem);
  if (!IsSegment(stem)) return false;
  if (ending == ".partial") return true;
  constexpr std::string_view kBackup = ".backup";
  constexpr size_t kOffsetDigits = 8;
  return ending.size() == 1 + kOffsetDigits + kBackup.size() && ending.ends_with(kBackup) &&
         AreHex(ending.substr(1, kOffsetDigits));
}

absl::Status ArchiveWal(const std::filesystem::path& file, const std::filesystem::path& archive) {
  const std::string name = file.filename();
  if (!IsWalFileName(name)) {
    return absl::InvalidArgumentError(fmt::format(
        "{} is no file of the write-ahead log: use it as archive_command with %p", file.string()));
  }
  std::error_code error;
  if (IsSegment(name)) {
    const uintmax_t size = std::filesystem::file_size(file, error);
    if (error) return absl::NotFoundError(fmt::format("cannot read {}", file.string()));
    if (size < kLeastSegment || (size & (size - 1)) != 0) {
      return absl::InvalidArgumentError(
          fmt::format("{} is no whole segment: it has {} octets", file.string(), size));
    }
  }
  if (!std::filesystem::is_directory(archive, error)) {
    return absl::NotFoundError(
        fmt::format("{} is no folder: make it, and let the user own it that PostgreSQL runs as",
                    archive.string()));
  }
  return CopyDurably(file, archive / name);
}

absl::Status FetchWal(const std::filesystem::path& archive, std::string_view name,
                      const std::filesystem::path& to) {
  if (!IsWalFileName(name)) {
    return absl::InvalidArgumentError(
        fmt::format("{} is no file of the write-ahead log: use it as restore_command with %f",
                    std::string(name)));
  }
  for (const char* ending : {"", ".partial"}) {
    const std::filesystem::path kept = archive / (std::string(name) + ending);
    std::error_code error;
    const bool is_there = std::filesystem::exists(kept, error);
    if (error) {
      return absl::UnavailableError(
          fmt::format("cannot look for {}: {}", kept.string(), error.message()));
    }
    if (!is_there) continue;
    // PostgreSQL may have a piece of an earlier try there.
    std::filesystem::remove(to, error);
    return CopyDurably(kept, to);
  }
  return absl::NotFoundError(fmt::format("{} is not in {}", std::string(name), archive.string()));
}

}  // namespace kakunin
