#pragma once

#include <string_view>

namespace kakunin::bench {

// Commit is the commit this program was built from, "-dirty" behind it when files had changed;
// "unknown" outside a repository.
std::string_view Commit();

}  // namespace kakunin::bench
