#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace kakunin::dev {

// ChildProcess is a program that runs beside this one and ends with it: a destroyed object stops
// its program. The program gets its own process group, so that Ctrl-C reaches only us and we decide
// the order of stopping, and is killed by the kernel should we die. Not thread-safe.
class ChildProcess {
 public:
  // Start runs `arguments` (the first is the program's path). Output and error go to `log`, which
  // is appended to. INTERNAL when it cannot be started.
  static absl::StatusOr<ChildProcess> Start(const std::vector<std::string>& arguments,
                                            const std::filesystem::path& log);

  // Run runs a program to its end with our own error stream, and returns its output. INTERNAL,
  // with the exit code, when that is not 0.
  static absl::StatusOr<std::string> Run(const std::vector<std::string>& arguments);

  ~ChildProcess();
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;

  // HasEnded tells whether the program is over.
  bool HasEnded();

  // Stop asks by SIGTERM, waits for at most `patience`, then kills. Returns the wait status; empty
  // when the program had to be killed.
  std::optional<int> Stop(std::chrono::milliseconds patience);

  pid_t pid() const { return pid_; }

 private:
  explicit ChildProcess(pid_t pid) : pid_(pid) {}

  pid_t pid_ = -1;
  std::optional<int> ended_;
};

// SelfPath is the path of the running program.
std::string SelfPath();

}  // namespace kakunin::dev
