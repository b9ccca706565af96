#pragma once

#include "storage/feed_store.h"

namespace kakunin {

// PostgresFeedStore keeps deliveries in feed, feed_chunk, feed_finding and feed_coverage_row, and
// merges them into person, coverage, insured_lookup and answer (feed_publish.cc). Works as
// kakunin_insurer.
class PostgresFeedStore : public FeedStore {
 public:
  absl::StatusOr<FeedRow> Begin(Transaction& tx, const std::string& party, FeedKind kind,
                                int64_t feed_number, const FeedId& id, absl::Time at) override;
  absl::StatusOr<std::optional<int64_t>> NumberAfter(Transaction& tx, const std::string& party,
                                                     FeedKind kind, int64_t feed_number) override;
  absl::StatusOr<std::optional<FeedRow>> Find(Transaction& tx, const std::string& party,
                                              const FeedId& id, bool lock) override;
  absl::StatusOr<std::optional<ChunkRecord>> FindChunk(Transaction& tx, const FeedId& id,
                                                       int64_t chunk) override;
  absl::StatusOr<std::vector<bool>> FindUnchanged(Transaction& tx, const std::string& party,
                                                  std::span<const ToldRow> rows) override;
  absl::Status AppendChunk(Transaction& tx, const FeedRow& feed, const ChunkRecord& chunk,
                           const StagedRows& rows, std::span<const ToldRow> unchanged,
                           std::span<const Finding> findings) override;
  absl::StatusOr<FeedFigures> Judge(Transaction& tx, const FeedRow& feed, absl::Time at) override;
  absl::Status PutRisk(Transaction& tx, const FeedRow& feed, const FeedRisk& risk, FeedState state,
                       absl::Time at) override;
  absl::StatusOr<FeedRow> Publish(Transaction& tx, const FeedRow& feed, absl::Time at,
                                  const CopyBuilders& build) override;
  absl::StatusOr<FeedUndone> Undo(Transaction& tx, const FeedRow& feed, absl::Time at,
                                  const CopyBuilders& build, UndoMode mode) override;
  absl::Status SetState(Transaction& tx, const FeedRow& feed, FeedState state,
                        absl::Time at) override;
  absl::StatusOr<std::vector<RiskFinding>> Risk(Transaction& tx, const FeedId& id) override;
  absl::StatusOr<std::vector<SampledRow>> Sample(Transaction& tx, const FeedId& id) override;
  absl::Status PutRelease(Transaction& tx, const FeedRow& feed,
                          const FeedRelease& release) override;
  absl::StatusOr<std::vector<FeedRelease>> Releases(Transaction& tx, const FeedRow& feed) override;
  absl::StatusOr<std::vector<FeedRow>> List(Transaction& tx, const std::string& party,
                                            absl::Time before, const FeedId& before_id,
                                            int limit) override;
  absl::StatusOr<std::vector<Finding>> Findings(Transaction& tx, const FeedId& id,
                                                int64_t after_chunk, int32_t after_row,
                                                int limit) override;
};

}  // namespace kakunin
