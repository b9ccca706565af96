#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "server/clock.h"
#include "server/registry.h"
#include "server/usecases/bulk_run.h"

namespace kakunin {

// RegisteredTerminal is a list's terminal as the registry has it (TerminalNow).
absl::StatusOr<Terminal> RegisteredTerminal(const Registry& registry, const BulkHeader& header,
                                            absl::Time at);

// BulkWorker runs lists in a thread of its own, over a connection of its own: the one that waited
// longest first, to its end, round after round. A list of which a round failed stands back for a
// while, so that lists that always fail keep no other from running. Before each round it gives way
// to the desk. Several servers may have one on the same database: a list is run by one of them.
class BulkWorker {
 public:
  using Backend = BulkRun::Backend;

  // All references outlive the worker. `desk_waits` tells whether a desk's call waits right now; it
  // is asked from the worker's thread.
  BulkWorker(std::unique_ptr<BulkLaneStore> store, Backend backend, const Clock& clock,
             std::function<bool()> desk_waits);
  ~BulkWorker();

  // BeginStop tells the thread to end and does not wait for it.
  void BeginStop();
  // Stop ends behind the round under way. Safe to repeat.
  void Stop();

  // Drop tells it of a list whose content is not needed any more: it goes step by step, giving way
  // to the desk. What it cannot remove goes when the list's time is up. Never blocks. Thread-safe.
  void Drop(const BulkId& id);

  // Wake tells it that a list waits. Never blocks. Thread-safe.
  void Wake();

  // Rounds is how many rounds were answered since the start.
  int64_t Rounds() const { return rounds_.load(std::memory_order_relaxed); }

 private:
  void Run();
  // RunLists runs what waits; false: something failed, try again later.
  bool RunLists();
  bool RunList(const BulkId& id);
  // DropContent removes what is not needed of a list, DropWaiting of those that Drop was told of.
  bool DropContent(const BulkId& id);
  bool DropWaiting();
  // GiveWay waits while a desk is served, not for ever; tells whether one was served lately.
  bool GiveWay();
  bool DeskIsThere();
  bool Stopping();
  // Pause has a list stand back: longer each time that nothing of it could be answered.
  void Pause(const BulkId& id, bool went_on);

  struct Paused {
    std::chrono::steady_clock::time_point until;
    std::chrono::steady_clock::duration span{};
  };

  std::unique_ptr<BulkLaneStore> store_;
  BulkRun run_;
  const Clock& clock_;
  const std::function<bool()> desk_waits_;
  std::atomic<int64_t> rounds_{0};
  // The worker's thread alone.
  absl::flat_hash_map<BulkId, Paused> paused_;
  std::optional<std::chrono::steady_clock::time_point> desk_seen_;  // when it was last busy
  std::chrono::steady_clock::duration last_round_{};
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false;            // under mutex_
  bool woken_ = false;           // under mutex_
  std::vector<BulkId> dropped_;  // under mutex_
  std::thread thread_;
};

}  // namespace kakunin
