// Random deliveries of three insurers about the same persons, told to the service and to its model.
#pragma once

#include <fmt/format.h>

#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "server/rpc/coverage_octets.h"
#include "tests/postgres/feed_driver.h"
#include "tests/postgres/naive_truth.h"
#include "tests/support/test_seed.h"

namespace kakunin {

inline constexpr const char* kInsurers[] = {"06139994", "33120015", "39131156"};
inline constexpr size_t kLongestHistory = 100;

// Events is how many rows are told or taken back.
inline int Events() { return std::getenv("KAKUNIN_LONG") != nullptr ? 100'000 : 4'000; }
inline int Persons() { return Events() / 80; }

class NaiveTruthFixture : public testing::Test {
 protected:
  struct Delivery {
    int number = 0;
    int insurer = 0;
    FeedId id;
    std::vector<NaiveTruth::Row> rows;
  };

  int Draw(int least, int most) { return std::uniform_int_distribution(least, most)(random_); }
  bool OneIn(int n) { return Draw(1, n) == 1; }
  // Days lie close together, so that periods meet, overlap and swap.
  absl::CivilDay DrawDay() { return absl::CivilDay(2026, 1, 1) + Draw(0, 12) * 30 + Draw(-1, 1); }
  absl::Time DrawInstant() {
    // Now and then no time passes, or another server's clock is behind.
    now_ += OneIn(10) ? absl::ZeroDuration() : absl::Minutes(Draw(1, 600));
    return OneIn(10) ? now_ - absl::Hours(Draw(1, 30)) : now_;
  }

  int DrawPerson() {
    for (;;) {
      const int who = Draw(1, Persons());
      // Undos need some room.
      if (truth_.ChangesOf(who) + 15 < kLongestHistory && rows_of_[who] < kLongestHistory)
        return who;
    }
  }

  NaiveTruth::Key DrawKey(int insurer, int who) {
    // One of a thousand rows names a coverage of the next person.
    const int whose = OneIn(1000) ? who % Persons() + 1 : who;
    return {insurer, whose * 10 + Draw(0, 2)};
  }

  NaiveTruth::Row DrawRow(int insurer) {
    const int who = DrawPerson();
    ++rows_of_[who];
    NaiveTruth::Row row{.key = DrawKey(insurer, who), .who = who};
    if (const auto last = last_.find(row.key); last != last_.end() && OneIn(6)) return last->second;
    row.has_number = !OneIn(25);
    row.coverage = SampleRow(kInsurers[insurer], fmt::format("R{}", row.key.reference), who).record;
    Coverage& coverage = row.coverage;
    const auto known = last_.find(row.key);
    if (known != last_.end() && !OneIn(4)) coverage = known->second.coverage;  // change a little
    row.action = known == last_.end() || OneIn(12) ? RowAction::kNew : RowAction::kChanged;
    if (known != last_.end() && OneIn(4)) row.action = RowAction::kLost;
    coverage.number = std::to_string(++stamp_);
    coverage.partial_contribution_percent = stamp_ % 30'000;
    if (row.action == RowAction::kLost) {
      coverage.disqualification_date = DrawDay();
      coverage.reason_of_loss = Draw(1, 5);
      return row;
    }
    coverage.qualification_date = DrawDay();
    coverage.disqualification_date.reset();
    coverage.reason_of_loss = 0;
    if (OneIn(3)) coverage.disqualification_date = coverage.qualification_date + Draw(0, 200);
    coverage.certificate_valid_through.reset();
    if (OneIn(4)) coverage.certificate_valid_through = DrawDay();
    coverage.address = fmt::format("東京都{}番地", Draw(1, 9));
    if (OneIn(10)) coverage.sex = coverage.sex == Sex::kMale ? Sex::kFemale : Sex::kMale;
    if (OneIn(10)) coverage.birth_date += Draw(-1, 1);
    if (known == last_.end() || OneIn(8)) {
      coverage.key_without_branch = SampleKey(2 * ++key_);
      coverage.key_with_branch = SampleKey(2 * key_ + 1);
    }
    return row;
  }

  // Stage delivers the rows, those that are known by their hash by their names alone.
  void Stage(Delivery& delivery) {
    FeedDriver& driver = *drivers_[static_cast<size_t>(delivery.insurer)];
    delivery.id = driver.Begin(delivery.number).id;
    std::vector<StagedCoverage> staged;
    std::vector<ToldRow> told;
    for (const NaiveTruth::Row& row : delivery.rows) {
      const auto index = static_cast<int32_t>(staged.size());
      staged.push_back(
          {.row_index = index,
           .action = row.action,
           .individual = row.has_number ? std::optional(SampleNumber(row.who)) : std::nullopt,
           .row_hash = HashOf(row),
           .record = row.coverage});
      told.push_back({index, row.coverage.coverage_reference, HashOf(row)});
    }
    const absl::Status status = driver.pool().Write(Soon(), [&](Transaction& tx) -> absl::Status {
      const auto unchanged = driver.store().FindUnchanged(tx, kInsurers[delivery.insurer], told);
      if (!unchanged.ok()) return unchanged.status();
      Divide(delivery, *unchanged, staged, told);
      const auto feed = driver.store().Find(tx, kInsurers[delivery.insurer], delivery.id, true);
      if (!feed.ok()) return feed.status();
      return driver.store().AppendChunk(
          tx, **feed,
          {.number = 1, .digest = {1}, .rows = static_cast<int64_t>(delivery.rows.size())},
          StagedRows(staged), told, {});
    });
    ASSERT_TRUE(status.ok()) << status;
  }

  void Divide(Delivery& delivery, const std::vector<bool>& unchanged,
              std::vector<StagedCoverage>& staged, std::vector<ToldRow>& told) {
    std::vector<StagedCoverage> to_stage;
    std::vector<ToldRow> to_tell;
    for (size_t i = 0; i < unchanged.size(); ++i) {
      delivery.rows[i].by_hash = unchanged[i];
      if (!unchanged[i]) {
        to_stage.push_back(staged[i]);
        continue;
      }
      to_tell.push_back(told[i]);
      ++by_hash_;
      // What the service does not look at would change nothing.
      EXPECT_EQ(truth_.Judge(delivery.number, {delivery.rows[i]})[0].verdict,
                NaiveTruth::Verdict::kUnchanged);
      EXPECT_FALSE(truth_.HiddenAt(delivery.rows[i].key, absl::InfiniteFuture()));
    }
    staged = std::move(to_stage);
    told = std::move(to_tell);
  }

  // The hash of a row as it came: of everything in it, which here its stamp and action number.
  static KeyHash HashOf(const NaiveTruth::Row& row) {
    KeyHash hash = SampleKey(std::stoi(row.coverage.number));
    hash.octets[6] = static_cast<uint8_t>(row.action);
    hash.octets[7] = row.has_number ? 1 : 0;
    hash.octets[8] = static_cast<uint8_t>(row.who);
    return hash;
  }

  void Publish(const Delivery& delivery) {
    const absl::Time at = DrawInstant();
    const FeedCounts expected =
        truth_.Publish(delivery.number, delivery.insurer, delivery.rows, at);
    const auto published =
        drivers_[static_cast<size_t>(delivery.insurer)]->Publish(delivery.id, at);
    ASSERT_TRUE(published.ok()) << published.status();
    const FeedCounts& counts = published->counts;
    const auto of = [](const FeedCounts& c) {
      return std::tuple(c.new_rows, c.changed_rows, c.corrected_rows, c.lost_rows, c.hidden_rows,
                        c.unchanged_rows + c.refused_rows);
    };
    EXPECT_EQ(of(counts), of(expected)) << "feed " << delivery.number;
    // A row that is known by its hash alone is refused when the truth has moved beside it.
    EXPECT_LE(counts.unchanged_rows, expected.unchanged_rows);
    outdated_ += expected.unchanged_rows - counts.unchanged_rows;
    for (const NaiveTruth::Row& row : delivery.rows) last_[row.key] = row;
    refused_ += counts.refused_rows;
    hidden_ += counts.hidden_rows;
    corrected_ += counts.corrected_rows;
    standing_.push_back(delivery);
  }

  void Undo() {
    // Mostly one of the last few, so that it is often in nobody's way.
    const int last = static_cast<int>(standing_.size()) - 1;
    const int which = last - Draw(0, std::min(last, OneIn(4) ? last : 4));
    const Delivery delivery = standing_[static_cast<size_t>(which)];
    for (const int who : truth_.PersonsTouched(delivery.number)) {
      if (truth_.ChangesOf(who) + 3 >= kLongestHistory) return;
    }
    const bool force = OneIn(2);
    const absl::Time at = DrawInstant();
    const auto expected = truth_.Undo(delivery.number, force, at);
    FeedDriver& driver = *drivers_[static_cast<size_t>(delivery.insurer)];
    NaiveTruth::Undone undone;
    const absl::Status status = driver.pool().Write(Soon(), [&](Transaction& tx) -> absl::Status {
      const auto feed = driver.store().Find(tx, kInsurers[delivery.insurer], delivery.id, true);
      const auto done = driver.store().Undo(tx, **feed, at, CopyBuilders{.answer = &BuildAnswerRow},
                                            force ? UndoMode::kForce : UndoMode::kUntouched);
      if (!done.ok()) return done.status();
      undone = {done->done, done->restored_rows, done->removed_rows, done->touched_later};
      return absl::OkStatus();
    });
    ASSERT_TRUE(status.ok()) << status;
    EXPECT_EQ(undone, expected) << "undo of feed " << delivery.number;
    ++(!undone.done ? undos_refused_ : force && undone.touched_later > 0 ? undos_forced_ : undos_);
    if (undone.done) {
      events_ += static_cast<int>(undone.restored + undone.removed);
      standing_.erase(standing_.begin() + which);
    }
  }

  // LookBetween is called now and then while events go on.
  virtual void LookBetween() = 0;

  // Run makes events until there are enough: deliveries, some of which wait while others of the
  // same insurer are published or taken back, and undos.
  void Run(int events, int rows_of_a_feed) {
    std::optional<Delivery> waiting;
    int number = 0;
    while (events_ < events && !HasFailure()) {
      if (standing_.size() > 3 && OneIn(5)) {
        Undo();
        continue;
      }
      Delivery delivery{.number = ++number, .insurer = Draw(0, 2)};
      if (waiting && OneIn(2)) delivery.insurer = waiting->insurer;
      for (int i = 0; i < rows_of_a_feed; ++i) delivery.rows.push_back(DrawRow(delivery.insurer));
      events_ += rows_of_a_feed;
      Stage(delivery);
      if (!waiting && OneIn(5)) {
        waiting = delivery;
        continue;
      }
      Publish(delivery);
      if (waiting && OneIn(2)) {
        Publish(*waiting);
        waiting.reset();
      }
      if (number % 40 == 0) LookBetween();
    }
    feeds_ = number;
  }

  const TestDatabase database_;
  std::vector<std::unique_ptr<FeedDriver>> drivers_ = [&] {
    std::vector<std::unique_ptr<FeedDriver>> drivers;
    for (const char* insurer : kInsurers) {
      drivers.push_back(std::make_unique<FeedDriver>(database_, insurer, &BuildAnswerRow));
    }
    return drivers;
  }();
  std::mt19937_64 random_{TestSeed()};
  NaiveTruth truth_;
  absl::Time now_ = TestInstant();
  std::map<NaiveTruth::Key, NaiveTruth::Row> last_;
  std::map<int, size_t> rows_of_;
  std::vector<Delivery> standing_;
  int stamp_ = 0;
  int key_ = 0;
  int events_ = 0;
  int feeds_ = 0;
  int undos_ = 0;
  int undos_forced_ = 0;
  int undos_refused_ = 0;
  int64_t by_hash_ = 0;
  int64_t outdated_ = 0;
  int64_t refused_ = 0;
  int64_t hidden_ = 0;
  int64_t corrected_ = 0;
};

}  // namespace kakunin
