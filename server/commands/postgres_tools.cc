#include "server/commands/postgres_tools.h"

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

namespace kakunin {
namespace {

constexpr int kNotThere = 127;

std::vector<char*> Argv(const std::vector<std::string>& arguments) {
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  return argv;
}

absl::Status NotThere(const std::string& program) {
  return absl::FailedPreconditionError(
      fmt::format("{} is missing: install PostgreSQL 15 (apt-get install postgresql-15), or name "
                  "its folder with --tools",
                  program));
}

}  // namespace

absl::Status RunTool(const std::vector<std::string>& arguments) {
  const std::vector<char*> argv = Argv(arguments);
  const pid_t pid = fork();
  if (pid == 0) {
    // What runs for hours must not go on when we are ended.
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    dup2(STDERR_FILENO, STDOUT_FILENO);
    execv(argv[0], argv.data());
    _exit(kNotThere);
  }
  if (pid < 0) return absl::InternalError(fmt::format("cannot start {}", arguments.front()));
  int status = 0;
  while (waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) return absl::InternalError("cannot wait for " + arguments.front());
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return absl::OkStatus();
  if (WIFEXITED(status) && WEXITSTATUS(status) == kNotThere) return NotThere(arguments.front());
  return absl::InternalError(
      fmt::format("{} failed ({} {}); what it said stands above", arguments.front(),
                  WIFEXITED(status) ? "exit" : "signal",
                  WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status)));
}

absl::Status BecomeTool(const std::vector<std::string>& arguments) {
  const std::vector<char*> argv = Argv(arguments);
  execv(argv[0], argv.data());
  if (errno == ENOENT) return NotThere(arguments.front());
  return absl::InternalError(
      fmt::format("cannot start {}: {}", arguments.front(), strerror(errno)));
}

}  // namespace kakunin
