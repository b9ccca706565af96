#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "storage/feed_store.h"

namespace kakunin {

// MemoryFeedStore keeps feeds in memory, for tests of what stands above the store. It knows no
// transactions; `publish_status` makes Publish fail on purpose, and `publishing` may hold it up.
// Thread-safe.
class MemoryFeedStore final : public FeedStore {
 public:
  struct Kept {
    FeedRow row;
    std::map<int64_t, ChunkRecord> chunks;
    std::vector<StagedCoverage> rows;  // of a feed of coverages
    int64_t staged = 0;                // of any
    std::vector<Finding> findings;
  };

  absl::StatusOr<FeedRow> Begin(Transaction&, const std::string& party, FeedKind kind,
                                int64_t feed_number, const FeedId& id, absl::Time at) override {
    const std::lock_guard lock(mutex);
    for (const auto& [known, kept] : feeds) {
      if (kept.row.party == party && kept.row.feed_number == feed_number) {
        return kept.row;
      }
    }
    FeedRow row{.id = id, .party = party, .kind = kind, .feed_number = feed_number, .began = at};
    feeds[id].row = row;
    return row;
  }

  absl::StatusOr<std::optional<FeedRow>> Find(Transaction&, const std::string& party,
                                              const FeedId& id, bool) override {
    const std::lock_guard lock(mutex);
    const auto found = feeds.find(id);
    if (found == feeds.end() || found->second.row.party != party) {
      return std::nullopt;
    }
    return found->second.row;
  }

  absl::StatusOr<std::optional<ChunkRecord>> FindChunk(Transaction&, const FeedId& id,
                                                       int64_t chunk) override {
    const std::lock_guard lock(mutex);
    const auto& chunks = feeds.at(id).chunks;
    const auto found = chunks.find(chunk);
    if (found == chunks.end()) return std::nullopt;
    return found->second;
  }

  absl::Status AppendChunk(Transaction&, const FeedRow& feed, const ChunkRecord& chunk,
                           const StagedRows& rows, std::span<const Finding> findings) override {
    const std::lock_guard lock(mutex);
    Kept& kept = feeds.at(feed.id);
    kept.chunks[chunk.number] = chunk;
    if (const auto* coverages = std::get_if<std::vector<StagedCoverage>>(&rows)) {
      kept.rows.insert(kept.rows.end(), coverages->begin(), coverages->end());
    }
    kept.staged +=
        std::visit([](const auto& staged) { return static_cast<int64_t>(staged.size()); }, rows);
    kept.findings.insert(kept.findings.end(), findings.begin(), findings.end());
    kept.row.next_chunk = chunk.number + 1;
    kept.row.row_count += chunk.rows;
    return absl::OkStatus();
  }

  absl::StatusOr<FeedRow> Publish(Transaction&, const FeedRow& feed, absl::Time at,
                                  const CopyBuilders&) override {
    if (publishing) publishing();
    const std::lock_guard lock(mutex);
    if (!publish_status.ok()) return publish_status;
    Kept& kept = feeds.at(feed.id);
    kept.row.state = FeedState::kPublished;
    kept.row.published = at;
    kept.row.counts.new_rows = kept.staged;
    return kept.row;
  }

  absl::Status SetState(Transaction&, const FeedId& id, FeedState state, absl::Time) override {
    const std::lock_guard lock(mutex);
    feeds.at(id).row.state = state;
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<Finding>> Findings(Transaction&, const FeedId& id, int64_t after_chunk,
                                                int32_t after_row, int limit) override {
    const std::lock_guard lock(mutex);
    std::vector<Finding> page;
    for (const Finding& finding : feeds.at(id).findings) {
      if (std::pair(finding.chunk, finding.row_index) <= std::pair(after_chunk, after_row) &&
          after_chunk != 0) {
        continue;
      }
      if (static_cast<int>(page.size()) < limit) page.push_back(finding);
    }
    return page;
  }

  std::mutex mutex;
  std::map<FeedId, Kept> feeds;
  absl::Status publish_status;
  std::function<void()> publishing;  // called as a publication begins
};

}  // namespace kakunin
