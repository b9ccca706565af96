#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <span>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "domain/audit_record.h"

namespace kakunin {

// SeenHead is an audit row that is known to be committed, the last one of its stream.
struct SeenHead {
  AuditId id;
  absl::Time at;
  Digest32 hash{};
};

// SeenHeadOf is what is kept of a row that its writer has linked.
inline SeenHead SeenHeadOf(const AuditRecord& row) {
  return {.id = row.id, .at = row.at, .hash = row.hash};
}

// FenceQuestion is what a database is asked, and after how many acceptances: an answer to a
// question from before the last one says nothing any more.
struct FenceQuestion {
  std::vector<SeenHead> heads;  // the newest first
  int64_t epoch = 0;
};

// AuditFence remembers the audit rows that this process last knew to be committed, so that a
// database without them, one that was restored or failed over to and lost acknowledged acts, is not
// served (docs/adr/0014). PostgreSQL writes one log: a database that has the newest row has all
// before it, so that the newest of some streams are enough. Thread-safe.
class AuditFence {
 public:
  // Streams that are remembered: more than one process has connections at a time.
  static constexpr size_t kMostStreams = 256;
  // Of these so many are asked for whenever a connection is opened. More than one, since two
  // commits of the same moment may be told of in another order than they were written.
  static constexpr size_t kAskedEachTime = 16;

  // Saw tells of a committed row, and with it of all before it in its stream. On the way of every
  // batch: it takes a lock that nobody holds for long.
  void Saw(const SeenHead& head);

  // BeginWith forgets everything, an alarm too, and remembers `heads`, the newest first.
  void BeginWith(std::span<const SeenHead> heads);

  // Newest lists what was seen last, the newest first.
  std::vector<SeenHead> Newest(size_t most) const;
  bool empty() const;
  // Changes grows with everything that is seen.
  int64_t changes() const { return changes_.load(std::memory_order_relaxed); }

  // Question is what whoever opens a connection asks of its database; Found is the answer, whether
  // that has everything. One that has not is an alarm that stays, whatever another connection
  // finds: of two primaries one has everything. BeginWith alone, an operator's act, ends it.
  FenceQuestion Question(size_t most = kAskedEachTime) const;
  void Found(const FenceQuestion& question, bool everything);
  // RaiseAlarm is Found of an earlier process, which nobody has accepted.
  void RaiseAlarm();
  // older is whether there is an alarm: nobody may be answered.
  bool older() const { return older_.load(std::memory_order_relaxed); }

 private:
  struct Entry {
    int64_t number = 0;
    absl::Time at;
    Digest32 hash{};
    int64_t order = 0;  // grows
  };
  void DropOldest();
  std::vector<SeenHead> NewestLocked(size_t most) const;

  mutable std::mutex mutex_;
  absl::flat_hash_map<StreamId, Entry> streams_;  // under mutex_
  int64_t epoch_ = 0;                             // under mutex_
  std::atomic<int64_t> changes_{0};
  std::atomic<bool> older_{false};
};

}  // namespace kakunin
