#include "storage/postgres/watchdog.h"

#include <sys/socket.h>

namespace kakunin {

Watchdog::Watch::Watch(Watchdog& watchdog, MonotonicTime deadline)
    : watchdog_(watchdog), deadline_(deadline) {
  const std::lock_guard lock(watchdog_.mutex_);
  place_ = watchdog_.watches_.insert(watchdog_.watches_.end(), this);
}

Watchdog::Watch::~Watch() {
  const std::lock_guard lock(watchdog_.mutex_);
  watchdog_.watches_.erase(place_);
}

void Watchdog::Watch::Guard(int socket) {
  const std::lock_guard lock(watchdog_.mutex_);
  socket_ = socket;
  if (fired_) shutdown(socket_, SHUT_RDWR);
  watchdog_.changed_.notify_one();
}

void Watchdog::Watch::Release() {
  const std::lock_guard lock(watchdog_.mutex_);
  socket_ = -1;
}

bool Watchdog::Watch::fired() const {
  const std::lock_guard lock(watchdog_.mutex_);
  return fired_;
}

Watchdog::Watchdog() : thread_([this] { Run(); }) {}

Watchdog::~Watchdog() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_one();
  }
  thread_.join();
}

void Watchdog::Run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    CutDue(std::chrono::steady_clock::now());
    const MonotonicTime next = NextDeadline();
    if (next == MonotonicTime::max()) {
      changed_.wait(lock);
    } else {
      changed_.wait_until(lock, next);
    }
  }
}

void Watchdog::CutDue(MonotonicTime now) {
  for (Watch* watch : watches_) {
    if (watch->fired_ || watch->socket_ < 0 || watch->deadline_ > now) continue;
    watch->fired_ = true;
    shutdown(watch->socket_, SHUT_RDWR);
  }
}

MonotonicTime Watchdog::NextDeadline() const {
  MonotonicTime next = MonotonicTime::max();
  for (const Watch* watch : watches_) {
    if (!watch->fired_ && watch->socket_ >= 0 && watch->deadline_ < next) next = watch->deadline_;
  }
  return next;
}

}  // namespace kakunin
