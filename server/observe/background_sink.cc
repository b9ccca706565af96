#include "server/observe/background_sink.h"

#include <fmt/format.h>
#include <poll.h>
#include <spdlog/details/log_msg.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <utility>

#include "server/observe/json_formatter.h"

namespace kakunin {
namespace {

constexpr auto kWriteEvery = std::chrono::milliseconds(200);
constexpr auto kLastWriteBound = std::chrono::seconds(2);
constexpr size_t kWriteAt = 256u << 10;
constexpr int kPollMillis = 100;

}  // namespace

BackgroundSink::BackgroundSink(int descriptor, bool owned, size_t most_bytes)
    : descriptor_(descriptor),
      owned_(owned),
      most_bytes_(most_bytes),
      formatter_(std::make_unique<JsonFormatter>()),
      thread_([this] { Run(); }) {}

BackgroundSink::~BackgroundSink() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  thread_.join();
  if (owned_) close(descriptor_);
}

void BackgroundSink::log(const spdlog::details::log_msg& msg) {
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    if (buffer_.size() + msg.payload.size() > most_bytes_) {
      ++dropped_;
      ++dropped_untold_;
      return;
    }
    if (dropped_untold_ > 0) TellDropped();
    const size_t before = buffer_.size();
    formatter_->format(msg, buffer_);
    // One wake a batch: waking for every line would cost the caller a system call each.
    wake = (before < kWriteAt && buffer_.size() >= kWriteAt) || msg.level >= spdlog::level::warn;
    hurry_ = hurry_ || wake;
  }
  if (wake) wake_.notify_one();
}

void BackgroundSink::TellDropped() {
  const std::string text = fmt::format(
      "{} log lines were dropped: the log could not be written as fast; look at the disk",
      std::exchange(dropped_untold_, 0));
  formatter_->format({"", spdlog::level::warn, text}, buffer_);
}

void BackgroundSink::flush() {
  std::unique_lock lock(mutex_);
  hurry_ = true;
  wake_.notify_one();
  written_.wait(lock, [this] { return stop_ || (buffer_.size() == 0 && !writing_); });
}

void BackgroundSink::set_pattern(const std::string& /*pattern*/) {
  // The form of a line is fixed: JSON, read by machines.
}

void BackgroundSink::set_formatter(std::unique_ptr<spdlog::formatter> formatter) {
  const std::lock_guard lock(mutex_);
  formatter_ = std::move(formatter);
}

int64_t BackgroundSink::Dropped() const {
  const std::lock_guard lock(mutex_);
  return dropped_;
}

void BackgroundSink::Run() {
  spdlog::memory_buf_t lines;
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait_for(lock, kWriteEvery, [this] { return stop_ || hurry_; });
    hurry_ = false;
    if (buffer_.size() == 0) {
      written_.notify_all();
      if (stop_) return;
      continue;
    }
    std::swap(lines, buffer_);
    writing_ = true;
    lock.unlock();
    // Lines that cannot be written are lost: there is nobody left to tell.
    const bool good = Write(lines);
    lines.clear();
    lock.lock();
    writing_ = false;
    if (!good && stop_) return;
  }
}

bool BackgroundSink::Write(const spdlog::memory_buf_t& lines) {
  const char* from = lines.data();
  const char* const end = from + lines.size();
  auto give_up = std::chrono::steady_clock::time_point::max();
  while (from < end) {
    {
      const std::lock_guard lock(mutex_);
      if (stop_ && give_up == std::chrono::steady_clock::time_point::max()) {
        give_up = std::chrono::steady_clock::now() + kLastWriteBound;
      }
    }
    if (std::chrono::steady_clock::now() >= give_up) return false;
    // A pipe that nobody reads would block the write beyond any bound.
    pollfd ready{descriptor_, POLLOUT, 0};
    if (poll(&ready, 1, kPollMillis) <= 0) continue;
    // At most what a pipe that polls writable takes without blocking.
    const size_t most = std::min<size_t>(static_cast<size_t>(end - from), 4096);
    const ssize_t written = write(descriptor_, from, most);
    if (written > 0) {
      from += written;
    } else if (written < 0 && errno != EINTR && errno != EAGAIN) {
      return false;
    }
  }
  return true;
}

}  // namespace kakunin
