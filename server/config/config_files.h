#pragma once

#include <string>
#include <vector>

#include "server/config/config.h"

namespace kakunin {

// FileFaults looks at the files and folders that a configuration names: whether they are there and
// readable, whether secrets are closed to others (mode 0600 or 0400) and long enough, differ from
// each other, and whether each server key is its certificate's. One line a fault, with the key that
// names the file and what to do next; of secrets nothing but the path. To be asked as the server's
// user; root may ask, too, and is then not held to be the owner. Passwords of [migrate] and
// [auditor] need not be open to whoever asks.
std::vector<std::string> FileFaults(const Config& config);

}  // namespace kakunin
