#include "server/observe/logging.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spdlog/sinks/null_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "server/observe/json_formatter.h"

namespace kakunin {
namespace {

spdlog::level::level_enum LevelOf(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarn:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Logging>> Logging::Start(const LogConfig& config) {
  int descriptor = STDOUT_FILENO;
  if (!config.file.empty()) {
    // Appending lets logrotate's copytruncate work.
    descriptor = open(config.file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
    if (descriptor < 0) {
      return absl::FailedPreconditionError(
          fmt::format("cannot open the log file {}: {}; correct file in [log], or its folder's "
                      "rights",
                      config.file.string(), std::strerror(errno)));
    }
  }
  auto sink = std::make_shared<BackgroundSink>(descriptor, !config.file.empty());
  return std::unique_ptr<Logging>(new Logging(std::move(sink), config.level));
}

Logging::Logging(std::shared_ptr<BackgroundSink> sink, LogLevel level) : sink_(std::move(sink)) {
  auto logger = std::make_shared<spdlog::logger>("kakunin", sink_);
  logger->set_level(LevelOf(level));
  spdlog::set_default_logger(std::move(logger));
  calls_ = std::make_shared<spdlog::logger>(kFieldsLogger, sink_);
  calls_->set_level(LevelOf(level));
}

Logging::~Logging() {
  spdlog::set_default_logger(
      std::make_shared<spdlog::logger>("", std::make_shared<spdlog::sinks::null_sink_mt>()));
}

}  // namespace kakunin
