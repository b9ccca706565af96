#pragma once

#include <spdlog/sinks/sink.h>

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>

namespace kakunin {

// BackgroundSink writes lines to a file descriptor from a thread of its own, so that a slow disk or
// a full pipe never holds up who logs. What does not fit into the bounded buffer is dropped and
// counted, and a line tells so once there is room again. Thread-safe.
class BackgroundSink final : public spdlog::sinks::sink {
 public:
  // `descriptor` is borrowed unless `owned`. `most_bytes` bounds the buffer.
  BackgroundSink(int descriptor, bool owned, size_t most_bytes = 8u << 20);
  // Writes what is buffered, at most for 2 s.
  ~BackgroundSink() override;

  void log(const spdlog::details::log_msg& msg) override;
  // flush returns when everything logged before it has been written.
  void flush() override;
  void set_pattern(const std::string& pattern) override;
  void set_formatter(std::unique_ptr<spdlog::formatter> formatter) override;

  // Dropped is how many lines were lost since the start.
  int64_t Dropped() const;

 private:
  void Run();
  // Write writes all of `lines`; false when the descriptor is broken or the time is over.
  bool Write(const spdlog::memory_buf_t& lines);
  void TellDropped();

  const int descriptor_;
  const bool owned_;
  const size_t most_bytes_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable written_;
  std::unique_ptr<spdlog::formatter> formatter_;  // under mutex_, as all below
  spdlog::memory_buf_t buffer_;
  bool writing_ = false;
  bool hurry_ = false;
  bool stop_ = false;
  int64_t dropped_ = 0;
  int64_t dropped_untold_ = 0;
  std::thread thread_;
};

}  // namespace kakunin
