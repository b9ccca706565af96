#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>

namespace kakunin {

// FileVersion tells one file from another of the same path.
struct FileVersion {
  ino_t inode = 0;
  int64_t modified_ns = 0;
  off_t size = -1;  // -1: there is none

  friend bool operator==(const FileVersion&, const FileVersion&) = default;
};

FileVersion FileVersionOf(const std::filesystem::path& path);

}  // namespace kakunin
