#include "server/dev/child_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace kakunin::dev {
namespace {

std::vector<char*> Argv(const std::vector<std::string>& arguments) {
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  return argv;
}

// BecomeProgram runs in the child and does not return.
[[noreturn]] void BecomeProgram(char* const* argv) {
  // What we block to wait for signals must not be blocked in the program.
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  execv(argv[0], argv);
  _exit(127);
}

int WaitFor(pid_t pid, int options, int* status) {
  int got = 0;
  do {
    got = waitpid(pid, status, options);
  } while (got < 0 && errno == EINTR);
  return got;
}

}  // namespace

absl::StatusOr<ChildProcess> ChildProcess::Start(const std::vector<std::string>& arguments,
                                                 const std::filesystem::path& log) {
  const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
  if (out < 0) return absl::InternalError("cannot write " + log.string());
  const std::vector<char*> argv = Argv(arguments);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid == 0) {
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) _exit(127);  // we died before the line above
    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
    BecomeProgram(argv.data());
  }
  close(out);
  if (pid < 0) return absl::InternalError("cannot start " + arguments.front());
  return ChildProcess(pid);
}

absl::StatusOr<std::string> ChildProcess::Run(const std::vector<std::string>& arguments) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return absl::InternalError("cannot make a pipe");
  const std::vector<char*> argv = Argv(arguments);
  const pid_t pid = fork();
  if (pid == 0) {
    setpgid(0, 0);
    dup2(ends[1], STDOUT_FILENO);
    BecomeProgram(argv.data());
  }
  close(ends[1]);
  std::string output;
  char buffer[4096];
  // A daemon that the program leaves behind may keep the pipe open: the end counts, not the pipe's.
  int status = 0;
  bool ended = pid < 0;
  while (true) {
    pollfd readable{ends[0], POLLIN, 0};
    const int ready = poll(&readable, 1, ended ? 0 : 50);
    if (ready > 0) {
      const ssize_t got = read(ends[0], buffer, sizeof(buffer));
      if (got > 0) {
        output.append(buffer, static_cast<size_t>(got));
        continue;
      }
      if (!ended) WaitFor(pid, 0, &status);
      break;
    }
    if (ended) break;
    ended = WaitFor(pid, WNOHANG, &status) == pid;
  }
  close(ends[0]);
  if (pid < 0) return absl::InternalError("cannot start " + arguments.front());
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    return absl::InternalError(fmt::format("{} failed with {}", arguments.front(),
                                           WIFEXITED(status) ? WEXITSTATUS(status) : -1));
  }
  return output;
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), ended_(other.ended_) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(ended_, other.ended_);
  return *this;
}

ChildProcess::~ChildProcess() {
  if (pid_ > 0) Stop(std::chrono::seconds(15));
}

bool ChildProcess::HasEnded() {
  if (ended_) return true;
  int status = 0;
  if (WaitFor(pid_, WNOHANG, &status) == pid_) ended_ = status;
  return ended_.has_value();
}

std::optional<int> ChildProcess::Stop(std::chrono::milliseconds patience) {
  if (!HasEnded()) {
    kill(pid_, SIGTERM);
    const auto until = std::chrono::steady_clock::now() + patience;
    while (!HasEnded() && std::chrono::steady_clock::now() < until) poll(nullptr, 0, 20);
  }
  const std::optional<int> outcome = ended_;
  if (!ended_) {
    kill(pid_, SIGKILL);
    int status = 0;
    WaitFor(pid_, 0, &status);
  }
  pid_ = -1;
  return outcome;
}

std::string SelfPath() { return std::filesystem::read_symlink("/proc/self/exe").string(); }

}  // namespace kakunin::dev
