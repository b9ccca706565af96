#include "server/denial_audit.h"

#include <algorithm>
#include <chrono>

namespace kakunin {
namespace {

constexpr size_t kMostQueued = 4096;
constexpr size_t kMostInBatch = 256;
constexpr auto kWriteBound = std::chrono::seconds(1);
constexpr auto kRetryAfter = std::chrono::milliseconds(200);

}  // namespace

DenialAuditWriter::DenialAuditWriter(Database& database)
    : database_(database), thread_([this] { Run(); }) {}

DenialAuditWriter::~DenialAuditWriter() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void DenialAuditWriter::Add(AuditRecord record) {
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() >= kMostQueued) {
      ++dropped_;
      ++dropped_untold_;
      return;
    }
    if (dropped_untold_ > 0) {
      record.details += "dropped=" + std::to_string(dropped_untold_);
      dropped_untold_ = 0;
    }
    queue_.push_back(std::move(record));
  }
  wake_.notify_one();
}

int64_t DenialAuditWriter::Dropped() const {
  const std::lock_guard lock(mutex_);
  return dropped_;
}

absl::Status DenialAuditWriter::WriteBatch(std::deque<AuditRecord>& batch) {
  return database_.Write(std::chrono::steady_clock::now() + kWriteBound,
                         [&](Transaction& tx) -> absl::Status {
                           for (const AuditRecord& record : batch) {
                             if (auto id = tx.AppendAudit(record); !id.ok()) return id.status();
                           }
                           return absl::OkStatus();
                         });
}

void DenialAuditWriter::Run() {
  std::unique_lock lock(mutex_);
  auto give_up = MonotonicTime::max();
  for (;;) {
    wake_.wait(lock, [this] { return stop_ || !queue_.empty(); });
    if (stop_ && give_up == MonotonicTime::max()) {
      give_up = std::chrono::steady_clock::now() + std::chrono::seconds(2);
    }
    if (queue_.empty() || std::chrono::steady_clock::now() >= give_up) return;
    std::deque<AuditRecord> batch;
    const size_t taken = std::min(queue_.size(), kMostInBatch);
    std::move(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(taken),
              std::back_inserter(batch));
    queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(taken));
    lock.unlock();
    const bool written = WriteBatch(batch).ok();
    lock.lock();
    if (!written) {
      // Back to the front, in order; the bound holds because Add counts what is queued.
      queue_.insert(queue_.begin(), std::make_move_iterator(batch.begin()),
                    std::make_move_iterator(batch.end()));
      // Neither more work nor the end makes the database come back sooner.
      wake_.wait_for(lock, kRetryAfter, [] { return false; });
    }
  }
}

}  // namespace kakunin
