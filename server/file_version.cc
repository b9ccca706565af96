#include "server/file_version.h"

#include <sys/stat.h>

namespace kakunin {

FileVersion FileVersionOf(const std::filesystem::path& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return {};
  constexpr int64_t kSecond = 1'000'000'000;
  return {status.st_ino, status.st_mtim.tv_sec * kSecond + status.st_mtim.tv_nsec, status.st_size};
}

}  // namespace kakunin
