#pragma once

#include <algorithm>
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
    std::vector<ToldRow> unchanged;    // not staged
    std::vector<Finding> findings;
    std::vector<RiskFinding> risk;
    std::vector<FeedRelease> releases;
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

  absl::StatusOr<std::optional<int64_t>> NumberAfter(Transaction&, const std::string& party,
                                                     FeedKind kind, int64_t feed_number) override {
    const std::lock_guard lock(mutex);
    std::optional<int64_t> next;
    for (const auto& [known, kept] : feeds) {
      if (kept.row.party != party || kept.row.kind != kind) continue;
      if (kept.row.feed_number == feed_number) return std::nullopt;
      next = std::max(next.value_or(0), kept.row.feed_number + 1);
    }
    return next;
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

  absl::StatusOr<std::vector<bool>> FindUnchanged(Transaction&, const std::string&,
                                                  std::span<const ToldRow> rows) override {
    const std::lock_guard lock(mutex);
    std::vector<bool> unchanged;
    for (const ToldRow& row : rows) {
      const auto found = known.find(row.reference);
      unchanged.push_back(found != known.end() && found->second == row.hash);
    }
    return unchanged;
  }

  absl::Status AppendChunk(Transaction&, const FeedRow& feed, const ChunkRecord& chunk,
                           const StagedRows& rows, std::span<const ToldRow> unchanged,
                           std::span<const Finding> findings) override {
    const std::lock_guard lock(mutex);
    Kept& kept = feeds.at(feed.id);
    kept.chunks[chunk.number] = chunk;
    if (const auto* coverages = std::get_if<std::vector<StagedCoverage>>(&rows)) {
      kept.rows.insert(kept.rows.end(), coverages->begin(), coverages->end());
    }
    kept.staged +=
        std::visit([](const auto& staged) { return static_cast<int64_t>(staged.size()); }, rows);
    kept.unchanged.insert(kept.unchanged.end(), unchanged.begin(), unchanged.end());
    kept.findings.insert(kept.findings.end(), findings.begin(), findings.end());
    kept.row.next_chunk = chunk.number + 1;
    kept.row.row_count += chunk.rows;
    return absl::OkStatus();
  }

  absl::StatusOr<FeedFigures> Judge(Transaction&, const FeedRow& feed, absl::Time) override {
    const std::lock_guard lock(mutex);
    Kept& kept = feeds.at(feed.id);
    FeedFigures judged = figures;
    judged.counts.new_rows = kept.staged;
    kept.row.counts = judged.counts;
    return judged;
  }

  absl::Status PutRisk(Transaction&, const FeedRow& feed, const FeedRisk& risk, FeedState state,
                       absl::Time) override {
    const std::lock_guard lock(mutex);
    Kept& kept = feeds.at(feed.id);
    kept.row.state = state;
    kept.row.risk_score = risk.score;
    ++kept.row.judgement;
    kept.risk = risk.findings;
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
    return kept.row;
  }

  absl::StatusOr<FeedUndone> Undo(Transaction&, const FeedRow& feed, absl::Time at,
                                  const CopyBuilders&, UndoMode mode) override {
    const std::lock_guard lock(mutex);
    FeedUndone told = undone;
    if (mode == UndoMode::kLook || (mode == UndoMode::kUntouched && told.touched_later > 0)) {
      return told;
    }
    feeds.at(feed.id).row.state = FeedState::kUndone;
    feeds.at(feed.id).row.undone = at;
    told.done = true;
    return told;
  }

  absl::Status SetState(Transaction&, const FeedRow& feed, FeedState state, absl::Time) override {
    const std::lock_guard lock(mutex);
    feeds.at(feed.id).row.state = state;
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<RiskFinding>> Risk(Transaction&, const FeedId& id) override {
    const std::lock_guard lock(mutex);
    return feeds.at(id).risk;
  }

  absl::StatusOr<std::vector<SampledRow>> Sample(Transaction&, const FeedId&) override {
    return std::vector<SampledRow>();
  }

  absl::Status PutRelease(Transaction&, const FeedRow& feed, const FeedRelease& release) override {
    const std::lock_guard lock(mutex);
    for (const FeedRelease& known : feeds.at(feed.id).releases) {
      if (known.judgement == release.judgement && known.actor_kind == release.actor_kind) {
        return absl::OkStatus();
      }
    }
    feeds.at(feed.id).releases.push_back(release);
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<FeedRelease>> Releases(Transaction&, const FeedRow& feed) override {
    const std::lock_guard lock(mutex);
    std::vector<FeedRelease> current;
    for (const FeedRelease& release : feeds.at(feed.id).releases) {
      if (release.judgement == feed.judgement) current.push_back(release);
    }
    return current;
  }

  absl::StatusOr<std::vector<FeedRow>> List(Transaction&, const std::string& party,
                                            absl::Time before, const FeedId& before_id,
                                            int limit) override {
    const std::lock_guard lock(mutex);
    std::vector<FeedRow> listed;
    for (const auto& [id, kept] : feeds) {
      if (kept.row.party == party && std::pair(kept.row.began, id) < std::pair(before, before_id)) {
        listed.push_back(kept.row);
      }
    }
    std::sort(listed.begin(), listed.end(), [](const FeedRow& a, const FeedRow& b) {
      return std::pair(b.began, b.id) < std::pair(a.began, a.id);
    });
    if (static_cast<int>(listed.size()) > limit) listed.resize(limit);
    return listed;
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
  FeedFigures figures;                   // what Judge finds, beside the rows
  std::map<std::string, KeyHash> known;  // what FindUnchanged knows of references
  FeedUndone undone;                     // what Undo finds
  absl::Status publish_status;
  std::function<void()> publishing;  // called as a publication begins
};

}  // namespace kakunin
