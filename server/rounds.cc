#include "server/rounds.h"

#include <utility>

namespace kakunin {

Rounds::Rounds(std::chrono::nanoseconds every, std::function<void()> round)
    : every_(every), round_(std::move(round)), thread_([this] { Run(); }) {}

Rounds::~Rounds() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void Rounds::Run() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, every_, [this] { return stop_; })) {
    lock.unlock();
    round_();
    lock.lock();
  }
}

}  // namespace kakunin
