#include "server/exit_bound.h"

#include <spdlog/spdlog.h>

#include <cstdlib>

namespace kakunin {

ExitBound::ExitBound(std::chrono::milliseconds bound)
    : thread_([this, until = std::chrono::steady_clock::now() + bound] {
        std::unique_lock lock(mutex_);
        if (wake_.wait_until(lock, until, [this] { return ended_; })) return;
        spdlog::warn(
            "what still runs is given up, so that the process ends in time: PostgreSQL rolls it"
            " back, and whoever asked for it asks again");
        spdlog::default_logger()->flush();
        std::_Exit(EXIT_SUCCESS);
      }) {}

ExitBound::~ExitBound() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

}  // namespace kakunin
