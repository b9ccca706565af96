#include "storage/postgres/answer_rows.h"

#include <fmt/format.h>

#include <map>
#include <thread>

#include "auth/digest.h"
#include "domain/answer_row.h"
#include "server/housekeeping.h"
#include "server/rpc/convert_feed.h"
#include "server/rpc/coverage_octets.h"
#include "server/rpc/record_octets.h"
#include "server/synth/nation.h"
#include "server/usecases/coverage_rows.h"
#include "server/usecases/feed_intake.h"
#include "storage/postgres/card_link_store.h"
#include "storage/postgres/housekeeping_store.h"
#include "tests/postgres/feed_driver.h"

namespace kakunin {
namespace {

constexpr int64_t kPersons = 2'000;
constexpr absl::CivilDay kToday(2026, 4, 1);

// PublishedNation is a synthetic nation, its test persons included, after every insurer delivered
// its feed, two at a time. Every row went the way of a pushed one. Made once for all tests.
class PublishedNation {
 public:
  PublishedNation() {
    nation_.ForEachRow([&](size_t insurer, const v1::CoverageRow& row) {
      v1::CoverageRow copy = row;
      rows_[insurer].push_back(ReadCoverageRow(copy));
    });
    LinkCards();
    std::vector<size_t> insurers;
    for (const auto& [insurer, rows] : rows_) insurers.push_back(insurer);
    std::thread other([&] { Deliver(insurers, 1); });
    Deliver(insurers, 0);
    other.join();
  }

  const TestDatabase& database() const { return database_; }

 private:
  // Delivers the feeds of every other insurer.
  void Deliver(const std::vector<size_t>& insurers, size_t first) {
    for (size_t i = first; i < insurers.size(); i += 2) {
      const std::string& insurer = nation_.Insurers()[insurers[i]].number;
      FeedDriver feed(database_, insurer, &BuildAnswerRow);
      const FeedId id = feed.Begin(1).id;
      std::vector<IncomingCoverage>& rows = rows_.at(insurers[i]);
      int64_t chunk = 0;
      for (size_t begin = 0; begin < rows.size(); begin += kMostRowsInChunk) {
        const size_t end = std::min(rows.size(), begin + kMostRowsInChunk);
        std::vector<IncomingCoverage> part(std::make_move_iterator(rows.begin() + begin),
                                           std::make_move_iterator(rows.begin() + end));
        Judged<Coverage> judged = JudgeCoverages(std::move(part), ++chunk, insurer, keys_, kToday);
        const absl::Status status =
            feed.Append(id, std::move(judged.staged), judged.findings, judged.refused);
        ASSERT_TRUE(status.ok()) << status;
      }
      const auto published = feed.Publish(id);
      ASSERT_TRUE(published.ok()) << published.status();
      EXPECT_EQ(published->counts.refused_rows, 0) << insurer;
    }
  }
  // Every holder of a card is somebody, insured or not.
  void LinkCards() {
    std::vector<CardLinkRow> links;
    nation_.ForEachCard([&](const synth::CardRecord& card, const std::string& number) {
      const auto individual = IndividualNumber::Parse(number);
      ASSERT_TRUE(individual.has_value());
      links.push_back({.issuer_key_id = std::string(32, static_cast<char>(card.generation)),
                       .serial = std::to_string(card.serial),
                       .medium = card.medium,
                       .individual = HashOf(number_key_, *individual)});
    });
    PostgresCardLinkStore store;
    const absl::Status status =
        database_.Open("kakunin_operator")->Write(Soon(), [&](Transaction& tx) {
          return store.Put(tx, links, TestInstant()).status();
        });
    ASSERT_TRUE(status.ok()) << status;
  }

  const TestDatabase database_;
  const synth::Nation nation_{{.seed = 42, .persons = kPersons, .today = kToday}};
  const auth::HmacKey number_key_{"the installation's key", "individual number"};
  const auth::HmacKey look_up_key_{"the installation's key", "look-up"};
  const auth::HmacKey audit_key_{"the installation's key", "audit"};
  const FeedKeys keys_{number_key_, look_up_key_, audit_key_};
  std::map<size_t, std::vector<IncomingCoverage>> rows_;
};

class AnswerRowsTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { nation_ = new PublishedNation; }
  static void TearDownTestSuite() { delete nation_; }

  static AnswerDifferences Compare() {
    AnswerDifferences found;
    const absl::Status status =
        nation_->database().Open("kakunin_migrate")->Read(Soon(), [&](Transaction& tx) {
          const auto compared = CompareAnswers(tx, &BuildAnswerRow);
          if (compared.ok()) found = *compared;
          return compared.status();
        });
    EXPECT_TRUE(status.ok()) << status;
    return found;
  }
  static int64_t Exec(const std::string& sql) {
    return nation_->database().Exec(sql).affected_rows();
  }
  static int64_t Count(const std::string& from) {
    return nation_->database().Exec("SELECT count(*) FROM kakunin." + from)[0][0].as<int64_t>();
  }
  static void ExpectNoDifference() {
    const AnswerDifferences found = Compare();
    EXPECT_EQ(found.persons, Count("person"));
    EXPECT_EQ(found.answers_differ, 0);
    EXPECT_EQ(found.lookups_missing, 0);
    EXPECT_EQ(found.lookups_unfounded, 0);
  }

  // Rebuilds all that is of another format, as an operator asks for it.
  static int64_t Rebuild(Database& database) {
    int64_t rebuilt = 0;
    RebuiltAnswers step;
    do {
      const PersonId after = step.last;
      const absl::Status status = database.Write(Soon(), [&](Transaction& tx) {
        const auto done = RebuildAnswers(tx, &BuildAnswerRow, WhichFormats::kOther, after, 300);
        if (done.ok()) step = *done;
        return done.status();
      });
      EXPECT_TRUE(status.ok()) << status;
      if (!status.ok()) return rebuilt;
      EXPECT_LE(step.looked_at, 300);
      rebuilt += step.rebuilt;
    } while (step.looked_at > 0);
    return rebuilt;
  }

  static PublishedNation* nation_;
};

class FixedClock final : public Clock {
 public:
  absl::Time Now() const override { return TestInstant(); }
};

PublishedNation* AnswerRowsTest::nation_ = nullptr;

TEST_F(AnswerRowsTest, EveryPersonsAnswerAndLookUpsEqualTheTruth) {
  EXPECT_GE(Count("person"), kPersons);
  EXPECT_GE(Count("coverage"), kPersons);
  EXPECT_EQ(Count("answer"), Count("person"));
  EXPECT_GT(Count("answer a WHERE NOT EXISTS (SELECT FROM kakunin.coverage c"
                  " WHERE c.person_id = a.person_id)"),
            0);
  ExpectNoDifference();
}

TEST_F(AnswerRowsTest, APlantedDifferenceOfAnyKindIsFound) {
  const auto one_differs = [](const std::string& change, const std::string& undo) {
    EXPECT_EQ(Exec(change), 1) << change;
    EXPECT_EQ(Compare().answers_differ, 1) << change;
    EXPECT_GE(Exec(undo), 1) << undo;
    ExpectNoDifference();
  };
  const std::string person =
      "(SELECT person_id FROM kakunin.coverage ORDER BY person_id, coverage_reference LIMIT 1)";
  // The answer, the truth, the format, the row.
  one_differs("UPDATE kakunin.answer SET octets = octets || '\\x00' WHERE person_id = " + person,
              "UPDATE kakunin.answer SET octets = substr(octets, 1, octet_length(octets) - 1)"
              " WHERE person_id = " +
                  person);
  one_differs(
      "UPDATE kakunin.coverage SET visible = false WHERE (person_id, coverage_reference) ="
      " (SELECT person_id, coverage_reference FROM kakunin.coverage"
      "  ORDER BY person_id, coverage_reference LIMIT 1)",
      "UPDATE kakunin.coverage SET visible = true WHERE NOT visible");
  one_differs(
      "UPDATE kakunin.answer SET format = 99 WHERE person_id = " + person,
      fmt::format("UPDATE kakunin.answer SET format = {} WHERE format = 99", kAnswerFormat));
  Exec("CREATE TABLE kept AS SELECT * FROM kakunin.answer WHERE person_id = " + person);
  one_differs("DELETE FROM kakunin.answer WHERE person_id = " + person,
              "INSERT INTO kakunin.answer SELECT * FROM kept");
}

TEST_F(AnswerRowsTest, PlantedLookUpsAndMissingOnesAreFound) {
  Exec(
      "CREATE TABLE kept_lookups AS SELECT * FROM kakunin.insured_lookup"
      " ORDER BY key_hash, person_id LIMIT 3");
  EXPECT_EQ(Exec("DELETE FROM kakunin.insured_lookup l USING kept_lookups k"
                 " WHERE l.key_hash = k.key_hash AND l.person_id = k.person_id"),
            3);
  EXPECT_EQ(Exec("INSERT INTO kakunin.insured_lookup"
                 " SELECT gen_random_uuid(), person_id FROM kept_lookups LIMIT 2"),
            2);
  const AnswerDifferences found = Compare();
  EXPECT_EQ(found.answers_differ, 0);
  EXPECT_EQ(found.lookups_missing, 3);
  EXPECT_EQ(found.lookups_unfounded, 2);
  Exec(
      "DELETE FROM kakunin.insured_lookup l WHERE NOT EXISTS (SELECT FROM kakunin.coverage"
      " WHERE l.key_hash IN (key_without_branch, key_with_branch))");
  Exec("INSERT INTO kakunin.insured_lookup SELECT * FROM kept_lookups");
  ExpectNoDifference();
}

// Rows whose person's last octet is below 128 become rows of `format` that nobody can read.
constexpr char kPlant[] =
    "UPDATE kakunin.answer SET format = {}, octets = '\\x01'"
    " WHERE get_byte(uuid_send(person_id), 15) < 128";

TEST_F(AnswerRowsTest, HousekeepingRebuildsEveryRowOfAnOlderFormat) {
  const int64_t planted = Exec(fmt::format(kPlant, kAnswerFormat - 1));
  EXPECT_GT(planted, kPersons / 3);
  EXPECT_EQ(Compare().answers_differ, planted);
  const auto pool = nation_->database().Open("kakunin_job");
  PostgresHousekeepingStore store{CopiesOfThisFormat()};
  const FixedClock clock;
  Housekeeping housekeeping(*pool, store, clock);
  ASSERT_TRUE(housekeeping.RebuildAnswers().ok());
  EXPECT_EQ(housekeeping.Failures(), 0);
  ExpectNoDifference();
}

TEST_F(AnswerRowsTest, HousekeepingLeavesRowsOfANewerFormatToNewerServers) {
  const int64_t planted = Exec(fmt::format(kPlant, kAnswerFormat + 1));
  const auto pool = nation_->database().Open("kakunin_job");
  PostgresHousekeepingStore store{CopiesOfThisFormat()};
  const FixedClock clock;
  ASSERT_TRUE(Housekeeping(*pool, store, clock).RebuildAnswers().ok());
  EXPECT_EQ(Compare().answers_differ, planted);
  Rebuild(*pool);
  ExpectNoDifference();
}

TEST_F(AnswerRowsTest, ARebuildMendsEveryRowOfAnotherFormatAndOnlyThose) {
  const int64_t planted = Exec(fmt::format(kPlant, 99));
  EXPECT_GT(planted, kPersons / 3);
  EXPECT_EQ(Compare().answers_differ, planted);
  const std::string kept =
      "SELECT max(xmin::text::bigint) FROM kakunin.answer"
      " WHERE get_byte(uuid_send(person_id), 15) >= 128";
  const int64_t before = nation_->database().Exec(kept)[0][0].as<int64_t>();
  const auto pool = nation_->database().Open("kakunin_job");
  EXPECT_EQ(Rebuild(*pool), planted);
  EXPECT_EQ(nation_->database().Exec(kept)[0][0].as<int64_t>(), before);
  ExpectNoDifference();
}

}  // namespace
}  // namespace kakunin
