#pragma once

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <string>

namespace kakunin {

// Outcome is what became of a command.
struct Outcome {
  int exit_code = -1;
  std::string output;  // standard output and error
};

// Kakunin is `kakunin ARGUMENTS` by the shell, the real binary.
inline Outcome Kakunin(const std::string& arguments) {
  const std::string command = std::string(KAKUNIN_BINARY) + " " + arguments + " 2>&1";
  FILE* pipe = popen(command.c_str(), "r");
  Outcome outcome;
  if (pipe == nullptr) return outcome;
  std::array<char, 4096> octets;
  for (size_t got = 0; (got = fread(octets.data(), 1, octets.size(), pipe)) > 0;) {
    outcome.output.append(octets.data(), got);
  }
  const int status = pclose(pipe);
  if (WIFEXITED(status)) outcome.exit_code = WEXITSTATUS(status);
  return outcome;
}

}  // namespace kakunin
