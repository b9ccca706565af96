#include "storage/audit_fence.h"

#include <algorithm>
#include <utility>

namespace kakunin {

void AuditFence::Saw(const SeenHead& head) {
  const std::lock_guard lock(mutex_);
  const int64_t order = changes_.fetch_add(1, std::memory_order_relaxed) + 1;
  const auto [entry, is_new] = streams_.try_emplace(head.id.stream);
  if (!is_new && head.id.number < entry->second.number) return;
  entry->second = {.number = head.id.number, .at = head.at, .hash = head.hash, .order = order};
  if (streams_.size() > kMostStreams) DropOldest();
}

void AuditFence::DropOldest() {
  streams_.erase(std::ranges::min_element(streams_, {},
                                          [](const auto& stream) { return stream.second.order; }));
}

void AuditFence::BeginWith(std::span<const SeenHead> heads) {
  {
    const std::lock_guard lock(mutex_);
    streams_.clear();
    ++epoch_;
    older_.store(false, std::memory_order_relaxed);
  }
  for (size_t i = heads.size(); i > 0; --i) Saw(heads[i - 1]);
}

void AuditFence::Found(const FenceQuestion& question, bool everything) {
  if (everything) return;
  const std::lock_guard lock(mutex_);
  if (question.epoch == epoch_) older_.store(true, std::memory_order_relaxed);
}

void AuditFence::RaiseAlarm() { older_.store(true, std::memory_order_relaxed); }

bool AuditFence::empty() const {
  const std::lock_guard lock(mutex_);
  return streams_.empty();
}

FenceQuestion AuditFence::Question(size_t most) const {
  const std::lock_guard lock(mutex_);
  return {.heads = NewestLocked(most), .epoch = epoch_};
}

std::vector<SeenHead> AuditFence::Newest(size_t most) const {
  const std::lock_guard lock(mutex_);
  return NewestLocked(most);
}

std::vector<SeenHead> AuditFence::NewestLocked(size_t most) const {
  std::vector<std::pair<int64_t, SeenHead>> all;
  all.reserve(streams_.size());
  for (const auto& [stream, entry] : streams_) {
    all.emplace_back(entry.order, SeenHead{.id = {.stream = stream, .number = entry.number},
                                           .at = entry.at,
                                           .hash = entry.hash});
  }
  std::ranges::sort(all, std::ranges::greater(), [](const auto& head) { return head.first; });
  std::vector<SeenHead> newest;
  newest.reserve(std::min(most, all.size()));
  for (const auto& [order, head] : all) {
    if (newest.size() == most) break;
    newest.push_back(head);
  }
  return newest;
}

}  // namespace kakunin
