#include "server/file_lock.h"

#include <unistd.h>

namespace kakunin {

FileLock::~FileLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

}  // namespace kakunin
