#include "server/commands/system_user.h"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include "server/commands/command_output.h"

namespace kakunin {

std::string UserOfTheSystem() {
  const passwd* user = getpwuid(geteuid());
  return user == nullptr ? fmt::format("uid {}", geteuid()) : user->pw_name;
}

void RefuseRoot(std::string_view command) {
  if (geteuid() != 0) return;
  FailCommand(command, absl::FailedPreconditionError(
                           "not as root: what it makes must belong to the user that PostgreSQL "
                           "runs as; run it as that user (runuser -u postgres -- ...)"));
}

}  // namespace kakunin
