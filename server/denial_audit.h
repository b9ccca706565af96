#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <thread>

#include "server/rpc/dispatch.h"
#include "storage/database.h"

namespace kakunin {

// DenialAuditWriter writes the audit rows of refused calls in batches from a thread of its own, so
// that a flood of strangers cannot slow those who are let in. The queue is bounded; what does not
// fit is counted, and the next row that is written carries the count ("dropped=N"). Thread-safe.
class DenialAuditWriter final : public DenialAudit {
 public:
  // `database` outlives the writer.
  explicit DenialAuditWriter(Database& database);
  // Writes what is queued, at most for 2 s, and stops.
  ~DenialAuditWriter() override;

  void Add(AuditRecord record) override;

  // Dropped is how many rows did not fit since the start.
  int64_t Dropped() const;

 private:
  void Run();
  absl::Status WriteBatch(std::deque<AuditRecord>& batch);

  Database& database_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<AuditRecord> queue_;
  int64_t dropped_ = 0;
  int64_t dropped_untold_ = 0;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace kakunin
