#pragma once

#include <spdlog/logger.h>

#include <memory>

#include "absl/status/statusor.h"
#include "server/config/config.h"
#include "server/observe/background_sink.h"

namespace kakunin {

// Logging owns the process's log: spdlog's default logger writes JSON lines through one background
// sink. Make it once, before threads; its end writes what is left and turns the log off.
class Logging {
 public:
  // Start opens the log. FAILED_PRECONDITION when the file cannot be opened.
  static absl::StatusOr<std::unique_ptr<Logging>> Start(const LogConfig& config);
  ~Logging();
  Logging(const Logging&) = delete;
  Logging& operator=(const Logging&) = delete;

  // Calls is the logger for CallLog's fields.
  const std::shared_ptr<spdlog::logger>& calls() const { return calls_; }
  const BackgroundSink& sink() const { return *sink_; }

 private:
  Logging(std::shared_ptr<BackgroundSink> sink, LogLevel level);

  std::shared_ptr<BackgroundSink> sink_;
  std::shared_ptr<spdlog::logger> calls_;
};

}  // namespace kakunin
