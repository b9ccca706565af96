#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/usecases/administrative_write.h"
#include "server/usecases/feed_row.h"
#include "server/usecases/feed_times.h"
#include "server/usecases/resident_identities.h"
#include "storage/feed_store.h"
#include "storage/registry_store.h"

namespace kakunin {

// kMostRowsInChunk bounds a chunk, so that a transaction and a message stay small.
inline constexpr int kMostRowsInChunk = 2000;

// FeedIdOf names a feed after its content, so that one number cannot stand for two contents: keyed
// by the look-up key, which unlike the others is never replaced. `content_digest` is the party's.
FeedId FeedIdOf(const FeedKeys& keys, const std::string& party, FeedKind kind, int64_t feed_number,
                const Digest32& content_digest);

// BeginFeed opens a feed of the party, or returns the one that it already has under that number,
// within `tx`. `id` is the FeedIdOf a party that tells its content's digest. Returns
// FEED_KIND_NOT_ALLOWED for what such a party does not push (MayPush), FEED_NUMBER_REUSED when the
// number's feed was begun under another id than `id`, FEED_NUMBER_GAP with the number expected when
// the party has feeds of the kind and this one is not the next, or a StoreError.
absl::StatusOr<FeedRow> BeginFeed(Transaction& tx, AuditRecord& record, FeedStore& feeds,
                                  ActorKind party_kind, const std::string& party, FeedKind kind,
                                  int64_t feed_number, const std::optional<FeedId>& id = {});

// Chunk is one numbered part of a feed. `digest` is keyed and stands for all its rows: a repeated
// chunk is recognised by it.
struct Chunk {
  FeedId feed;
  int64_t number = 0;
  Digest32 digest{};
  IncomingRows rows;
  int64_t told_rows = 0;  // how many it was made with; 0: not told
  // Coverages only: every row as it came, in its order. `rows` are then those of them that
  // FindUnchanged does not know, in the same order.
  std::vector<ToldRow> told;
  std::vector<bool> unchanged;
};

// FindUnchanged mixes the insurer's name, under which its coverages are shown, into the hashes of
// `told`, and tells which of the rows are what is known already, so that nobody need read them.
// Returns a StoreError. Thread-safe.
absl::StatusOr<std::vector<bool>> FindUnchanged(Database& database, FeedStore& feeds,
                                                RegistryStore& registry, const FeedKeys& keys,
                                                const WriteCall& call, std::vector<ToldRow>& told);

// ChunkReceipt acknowledges a chunk: its rows are durable.
struct ChunkReceipt {
  int64_t number = 0;
  int64_t rows = 0;
  int64_t refused = 0;
};

// TakeChunk judges a chunk's rows and stores them with one audit row. A chunk that is stored
// already is acknowledged again, also after the feed was sealed. `residents` null: coverages are
// compared with no register; `times` null: nobody asks how long it takes. Returns
// FEED_CHUNK_TOO_LARGE, FEED_CHUNK_TRUNCATED, RESIDENTS_UNAVAILABLE (unaudited: nothing was
// decided), FEED_NOT_FOUND, FEED_CHUNK_GAP with the expected number, FEED_CHUNK_DIFFERS,
// FEED_NOT_OPEN, or a StoreError. Thread-safe.
absl::StatusOr<ChunkReceipt> TakeChunk(Database& database, FeedStore& feeds,
                                       RegistryStore& registry, const FeedKeys& keys,
                                       const WriteCall& call, Chunk chunk,
                                       ResidentIdentities* residents = nullptr,
                                       FeedTimes* times = nullptr);

// FeedReport is the state of a feed, what its last judgement came to, and one page of its findings.
struct FeedReport {
  FeedRow feed;
  std::vector<RiskFinding> risks;
  std::vector<SampledRow> sample;
  std::vector<FeedRelease> releases;
  std::vector<Finding> findings;
  bool more = false;  // findings follow the last one's row
};

// ReportFeed reads a feed and the findings after the row (after_chunk, after_row), within `tx`: at
// least `page_size` when there are that many, and never half of a row's. Returns FEED_NOT_FOUND or
// a StoreError.
absl::StatusOr<FeedReport> ReportFeed(Transaction& tx, AuditRecord& record, FeedStore& feeds,
                                      const std::string& party, const FeedId& feed,
                                      int64_t after_chunk, int32_t after_row, int page_size);

}  // namespace kakunin
