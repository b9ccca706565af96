#include "server/commands/progress_line.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace kakunin {
namespace {

using std::chrono::steady_clock;

constexpr int kBarWidth = 24;
constexpr auto kBetweenDraws = std::chrono::milliseconds(200);

std::string Remaining(int64_t seconds) {
  if (seconds >= 3600) {
    return fmt::format("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
  }
  return fmt::format("{}:{:02}", seconds / 60, seconds % 60);
}

}  // namespace

std::string ProgressLine(int64_t before, int64_t done, int64_t total,
                         std::chrono::milliseconds elapsed) {
  const double share =
      total <= 0 ? 1.0
                 : std::clamp(static_cast<double>(done) / static_cast<double>(total), 0.0, 1.0);
  const int filled = static_cast<int>(share * kBarWidth);
  std::string line =
      fmt::format("[{}{}] {:3}% {}/{} rows", std::string(static_cast<size_t>(filled), '#'),
                  std::string(static_cast<size_t>(kBarWidth - filled), '.'),
                  static_cast<int>(share * 100), done, total);
  const int64_t now = done - before;
  if (now <= 0 || elapsed.count() <= 0) return line;
  const double speed = static_cast<double>(now) * 1000 / static_cast<double>(elapsed.count());
  const auto left = static_cast<int64_t>(static_cast<double>(std::max<int64_t>(total - done, 0)) /
                                         std::max(speed, 1e-9));
  return line + fmt::format(", {:.0f} rows/s, {} left", speed, Remaining(left));
}

ProgressBar::ProgressBar(int64_t total) : terminal_(isatty(STDERR_FILENO) == 1), total_(total) {}

ProgressBar::~ProgressBar() {
  if (any_) std::fputc('\n', stderr);
}

void ProgressBar::Show(int64_t done) {
  if (!terminal_) return;
  const auto now = steady_clock::now();
  if (before_ < 0) {
    before_ = done;
    began_ = now;
  }
  if (any_ && done < total_ && now - drawn_ < kBetweenDraws) return;
  drawn_ = now;
  any_ = true;
  const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(now - began_);
  // To the line's begin, and away with what stood behind its end.
  fmt::print(stderr, "\r{}\x1b[K", ProgressLine(before_, done, total_, elapsed));
  std::fflush(stderr);
}

}  // namespace kakunin
