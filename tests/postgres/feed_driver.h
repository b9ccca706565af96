#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "storage/postgres/database.h"
#include "storage/postgres/feed_store.h"
#include "tests/support/test_database.h"

namespace kakunin {

inline constexpr char kInsurerA[] = "33120015";
inline constexpr char kInsurerB[] = "06139994";

// SampleNumber is the hash of one invented person's individual number.
inline IndividualNumberHash SampleNumber(int who) {
  IndividualNumberHash number{.hash = {}, .key_id = "k1"};
  for (size_t i = 0; i < 4; ++i) number.hash[i] = static_cast<uint8_t>(who >> (8 * i));
  number.hash[31] = 1;
  return number;
}

// SampleKey is one look-up key.
inline KeyHash SampleKey(int key) {
  KeyHash hash{{9}};
  for (size_t i = 0; i < 4; ++i) hash.octets[i + 1] = static_cast<uint8_t>(key >> (8 * i));
  return hash;
}

// SampleRow is a plain coverage of person `who` under look-up keys 2 * who and 2 * who + 1.
inline StagedCoverage SampleRow(const std::string& insurer, const std::string& reference, int who,
                                RowAction action = RowAction::kNew) {
  Coverage coverage;
  coverage.insurer_number = insurer;
  coverage.coverage_reference = reference;
  coverage.card_classification = CardClassification::kGeneral;
  coverage.symbol = "1234";
  coverage.number = std::to_string(who);
  coverage.name = {"確認　太郎", "カクニン　タロウ"};
  coverage.sex = Sex::kMale;
  coverage.birth_date = absl::CivilDay(1970, 1, 1);
  coverage.address = "東京都";
  coverage.qualification_date = absl::CivilDay(2018, 7, 1);
  coverage.insurer_name = "試験用の保険者";
  coverage.key_without_branch = SampleKey(2 * who);
  coverage.key_with_branch = SampleKey(2 * who + 1);
  return {.action = action, .individual = SampleNumber(who), .record = coverage};
}

// SampleAnswer is an answer row that a test can read: "insurer/reference/address/loss;" a coverage.
inline std::string SampleAnswer(std::span<const Coverage> coverages) {
  std::string answer;
  for (const Coverage& coverage : coverages) {
    answer += coverage.insurer_number + "/" + coverage.coverage_reference + "/" + coverage.address +
              "/" + (coverage.disqualification_date ? "lost" : "") + ";";
  }
  return answer;
}

// FeedDriver delivers feeds of one insurer in the four steps of the real one.
class FeedDriver {
 public:
  FeedDriver(const TestDatabase& database, std::string insurer, AnswerBuilder build = &SampleAnswer)
      : pool_(database.Open("kakunin_insurer", 4)),
        insurer_(std::move(insurer)),
        build_{.answer = std::move(build)} {}
  FeedDriver(const TestDatabase& database, std::string party, FeedKind kind, CopyBuilders build)
      : pool_(database.Open("kakunin_insurer", 4)),
        insurer_(std::move(party)),
        kind_(kind),
        build_(std::move(build)) {}

  Database& pool() { return *pool_; }
  PostgresFeedStore& store() { return store_; }

  FeedRow Begin(int64_t feed_number) {
    FeedRow feed;
    Must(pool_->Write(Soon(), [&](Transaction& tx) {
      FeedId id{{7, static_cast<uint8_t>(feed_number), static_cast<uint8_t>(feed_number >> 8)}};
      std::copy_n(insurer_.begin(), insurer_.size(), id.octets.begin() + 8);
      auto begun = store_.Begin(tx, insurer_, kind_, feed_number, id, TestInstant());
      if (begun.ok()) feed = *begun;
      return begun.status();
    }));
    return feed;
  }

  // Append stages `rows` as the feed's next chunk; `refused` more were refused before, about those
  // of `refused_numbers`.
  template <class Record = Coverage>
  absl::Status Append(const FeedId& id, std::vector<Staged<Record>> rows,
                      const std::vector<Finding>& findings = {}, int64_t refused = 0,
                      const std::vector<Digest32>& refused_numbers = {}) {
    for (size_t i = 0; i < rows.size(); ++i) rows[i].row_index = static_cast<int32_t>(i);
    return pool_->Write(Soon(), [&](Transaction& tx) -> absl::Status {
      const auto feed = store_.Find(tx, insurer_, id, /*lock=*/true);
      if (!feed.ok()) return feed.status();
      const ChunkRecord chunk{.number = (*feed)->next_chunk,
                              .digest = {static_cast<uint8_t>((*feed)->next_chunk)},
                              .rows = static_cast<int64_t>(rows.size()) + refused,
                              .refused = refused,
                              .refused_numbers = refused_numbers};
      return store_.AppendChunk(tx, **feed, chunk, StagedRows(rows), {}, findings);
    });
  }

  // Stage begins a feed and fills it with one chunk.
  template <class Record = Coverage>
  FeedId Stage(int64_t feed_number, const std::vector<Staged<Record>>& rows) {
    const FeedId id = Begin(feed_number).id;
    Must(Append(id, rows));
    return id;
  }

  absl::StatusOr<FeedRow> PublishIn(Transaction& tx, const FeedId& id,
                                    absl::Time at = TestInstant()) {
    const auto feed = store_.Find(tx, insurer_, id, /*lock=*/true);
    if (!feed.ok()) return feed.status();
    const auto judged = store_.Judge(tx, **feed, at);
    if (!judged.ok()) return judged.status();
    return store_.Publish(tx, **feed, at, build_);
  }

  // Publish publishes at `at`; `attempts` counts how often the transaction ran.
  absl::StatusOr<FeedRow> Publish(const FeedId& id, absl::Time at = TestInstant(),
                                  int* attempts = nullptr) {
    absl::StatusOr<FeedRow> published;
    const absl::Status status = pool_->Write(Soon(), [&](Transaction& tx) {
      if (attempts != nullptr) ++*attempts;
      published = PublishIn(tx, id, at);
      return published.status();
    });
    if (!status.ok()) return status;
    return published;
  }

  // Deliver does it all, an hour a feed number after TestInstant.
  template <class Record = Coverage>
  FeedCounts Deliver(int64_t feed_number, const std::vector<Staged<Record>>& rows) {
    const auto published = Publish(Stage(feed_number, rows), InstantOf(feed_number));
    EXPECT_TRUE(published.ok()) << published.status();
    return published.ok() ? published->counts : FeedCounts{};
  }
  static absl::Time InstantOf(int64_t feed_number) {
    return TestInstant() + absl::Hours(feed_number);
  }

  std::vector<Finding> Findings(const FeedId& id, int64_t after_chunk = 0, int32_t after_row = -1,
                                int limit = 100) {
    std::vector<Finding> findings;
    Must(pool_->Read(Soon(), [&](Transaction& tx) {
      auto found = store_.Findings(tx, id, after_chunk, after_row, limit);
      if (found.ok()) findings = *found;
      return found.status();
    }));
    return findings;
  }

 private:
  static void Must(const absl::Status& status) { EXPECT_TRUE(status.ok()) << status; }

  const std::unique_ptr<PostgresDatabase> pool_;
  PostgresFeedStore store_;
  const std::string insurer_;
  const FeedKind kind_ = FeedKind::kCoverages;
  const CopyBuilders build_;
};

// AwaitBlocked returns when `sessions` of the database's sessions wait for a lock.
inline void AwaitBlocked(const TestDatabase& database, int sessions) {
  const auto bound = Soon();
  while (database
             .Exec("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                   " AND wait_event_type = 'Lock'")[0][0]
             .as<int>() < sessions) {
    ASSERT_LT(std::chrono::steady_clock::now(), bound) << "nobody waits for a lock";
  }
}

}  // namespace kakunin
