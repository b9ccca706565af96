#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>

namespace kakunin {

// FeedWork is what the server does with the rows of feeds.
enum class FeedWork {
  kRead,     // rows as they came are read, checked and hashed
  kCompare,  // their hashes are held against those that are known
  kGate,     // coverages are held against the register of residents
  kStage,    // what is left is stored, durably
  kJudge,    // all rows of a feed are held against the truth
  kPublish,  // what was accepted becomes the truth, with every copy of it
};

// kFeedWorkNames are the steps as metrics and the bench name them, in order.
inline constexpr std::array<const char*, 6> kFeedWorkNames = {"read",  "compare", "gate",
                                                              "stage", "judge",   "publish"};

// FeedTimes adds up how long the steps take, by the clock on the wall: they wait for the database.
// Thread-safe.
class FeedTimes {
 public:
  // Timer adds the time from its making to its end.
  class Timer {
   public:
    Timer(FeedTimes* times, FeedWork work) : times_(times), work_(work) {}
    ~Timer() {
      if (times_ != nullptr) times_->Add(work_, std::chrono::steady_clock::now() - begin_);
    }
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

   private:
    FeedTimes* const times_;  // null: nobody asks
    const FeedWork work_;
    const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  };

  double Seconds(FeedWork work) const {
    return 1e-9 * static_cast<double>(nanos_[Index(work)].load(std::memory_order_relaxed));
  }

 private:
  static size_t Index(FeedWork work) { return static_cast<size_t>(work); }
  void Add(FeedWork work, std::chrono::nanoseconds taken) {
    nanos_[Index(work)].fetch_add(taken.count(), std::memory_order_relaxed);
  }

  std::array<std::atomic<int64_t>, kFeedWorkNames.size()> nanos_{};
};

}  // namespace kakunin
