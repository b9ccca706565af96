#include "server/dev/folder_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

namespace kakunin::dev {

absl::StatusOr<FolderLock> FolderLock::Take(const std::filesystem::path& folder,
                                            std::string_view holder) {
  const std::filesystem::path file = folder / "lock";
  const int descriptor = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
  if (descriptor < 0) return absl::InternalError("cannot write " + file.string());
  FolderLock lock(descriptor);
  if (flock(descriptor, LOCK_EX | LOCK_NB) == 0) return lock;
  return absl::FailedPreconditionError(
      fmt::format("another {} is up in {}: end that one first (Ctrl-C where it runs), or name "
                  "another folder with --dir",
                  holder, folder.string()));
}

FolderLock::~FolderLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

}  // namespace kakunin::dev
