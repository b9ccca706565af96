#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace kakunin {

// ProgressLine is one line of a terminal: a bar, rows, the speed since `elapsed` began with
// `before` rows done, and how long the rest will take.
std::string ProgressLine(int64_t before, int64_t done, int64_t total,
                         std::chrono::milliseconds elapsed);

// ProgressBar draws that line anew on standard error, five times a second at most, and only when
// that is a terminal. One thread at a time.
class ProgressBar {
 public:
  explicit ProgressBar(int64_t total);
  ~ProgressBar();  // leaves the line
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  // Show draws how far it is; the first call's `done` is what was done before.
  void Show(int64_t done);

 private:
  const bool terminal_;
  const int64_t total_;
  int64_t before_ = -1;
  std::chrono::steady_clock::time_point began_;
  std::chrono::steady_clock::time_point drawn_;
  bool any_ = false;
};

}  // namespace kakunin
