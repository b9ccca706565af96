#include "server/commands/password_input.h"

#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <iostream>

#include "auth/key_file.h"
#include "domain/error.h"

namespace kakunin {
namespace {

constexpr size_t kMostOctets = 4096;

// SilentTerminal shows nothing of what is typed while it lives.
class SilentTerminal {
 public:
  SilentTerminal() {
    if (tcgetattr(STDIN_FILENO, &before_) != 0) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    changed_ = tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0;
  }
  ~SilentTerminal() {
    if (changed_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  SilentTerminal(const SilentTerminal&) = delete;
  SilentTerminal& operator=(const SilentTerminal&) = delete;

 private:
  termios before_{};
  bool changed_ = false;
};

}  // namespace

absl::StatusOr<std::string> ReadPasswordInput(const std::string& file, const std::string& prompt) {
  if (!file.empty()) {
    ASSIGN_OR_RETURN(std::string password, auth::ReadPrivateFile(file, kMostOctets));
    password.resize(std::min(password.find_first_of("\r\n"), password.size()));
    return password;
  }
  if (isatty(STDIN_FILENO) == 0) {
    return absl::FailedPreconditionError(
        "there is no terminal to ask for the password at: give it in a file of mode 0600");
  }
  fmt::print(stderr, "{}: ", prompt);
  std::string password;
  {
    const SilentTerminal silent;
    std::getline(std::cin, password);
  }
  fmt::print(stderr, "\n");
  return password;
}

}  // namespace kakunin
