#pragma once

#include <filesystem>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"

namespace kakunin::dev {

// FolderLock keeps a folder to one process: while it lives nobody else can take it, and the kernel
// gives it back however the process ends. Processes that are started meanwhile do not hold it.
class FolderLock {
 public:
  // Take locks the file `lock` of `folder`, which is there. FAILED_PRECONDITION when another
  // `holder` ("sandbox") has it, INTERNAL when the file cannot be written.
  static absl::StatusOr<FolderLock> Take(const std::filesystem::path& folder,
                                         std::string_view holder);

  FolderLock(FolderLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FolderLock& operator=(FolderLock&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~FolderLock();

 private:
  explicit FolderLock(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
};

}  // namespace kakunin::dev
