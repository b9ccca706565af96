#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace kakunin {

// Rounds runs a function again and again in a thread of its own, each time `every` after the last
// one ended, for the first time after `every`. Destroying it waits for a round that runs. Declare
// it behind everything that the function uses.
class Rounds {
 public:
  Rounds(std::chrono::nanoseconds every, std::function<void()> round);
  ~Rounds();
  Rounds(const Rounds&) = delete;
  Rounds& operator=(const Rounds&) = delete;

 private:
  void Run();

  const std::chrono::nanoseconds every_;
  const std::function<void()> round_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace kakunin
