#pragma once

#include <string>
#include <string_view>

namespace kakunin {

// UserOfTheSystem is the name of the user that this process runs as, or "uid N".
std::string UserOfTheSystem();

// RefuseRoot ends a command that root must not run: what it makes would belong to root, and
// PostgreSQL could not read it.
void RefuseRoot(std::string_view command);

}  // namespace kakunin
