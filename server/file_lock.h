#pragma once

#include <utility>

namespace kakunin {

// FileLock holds a descriptor under which the file or folder is locked (flock). The lock ends with
// it, and with the process, however that ends.
class FileLock {
 public:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  ~FileLock();
  FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FileLock& operator=(FileLock&&) = delete;

  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

}  // namespace kakunin
