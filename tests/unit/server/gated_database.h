#pragma once

#include <condition_variable>
#include <mutex>
#include <vector>

#include "storage/database.h"
#include "storage/store_error.h"

namespace kakunin {

// GatedDatabase runs acts one at a time, keeps the audit rows of those that end in OK, and can be
// shut: then acts fail as if no server were there. Thread-safe.
class GatedDatabase final : public Database {
 public:
  absl::Status Write(MonotonicTime, const std::function<absl::Status(Transaction&)>& act) override {
    const std::lock_guard lock(mutex_);
    ++attempts_;
    changed_.notify_all();
    if (!open_) return StoreError(StoreFailure::kUnavailable);
    Rows tx;
    const absl::Status status = act(tx);
    if (status.ok()) audit_.insert(audit_.end(), tx.rows.begin(), tx.rows.end());
    changed_.notify_all();
    return status;
  }
  absl::Status Read(MonotonicTime deadline,
                    const std::function<absl::Status(Transaction&)>& act) override {
    return Write(deadline, act);
  }

  void Open(bool open) {
    const std::lock_guard lock(mutex_);
    open_ = open;
  }
  // WaitForAttempts waits for so many acts, failed ones included, since the beginning.
  bool WaitForAttempts(int count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20), [&] { return attempts_ >= count; });
  }
  // WaitForRows waits for so many audit rows and returns them; fewer after 20 s.
  std::vector<AuditRecord> WaitForRows(size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(20), [&] { return audit_.size() >= count; });
    return audit_;
  }
  int attempts() {
    const std::lock_guard lock(mutex_);
    return attempts_;
  }

 private:
  struct Rows final : Transaction {
    absl::StatusOr<AuditId> AppendAudit(AuditRecord record) override {
      rows.push_back(std::move(record));
      return AuditId{.number = static_cast<int64_t>(rows.size())};
    }
    std::vector<AuditRecord> rows;
  };

  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = true;
  int attempts_ = 0;
  std::vector<AuditRecord> audit_;
};

}  // namespace kakunin
