// The records of a synthetic nation, pushed row by row as parties push them, against their truth.

#include "storage/postgres/month_records.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <thread>

#include "auth/digest.h"
#include "domain/month_record.h"
#include "server/rpc/convert_record_rows.h"
#include "server/rpc/record_octets.h"
#include "server/synth/nation.h"
#include "server/synth/record_plan.h"
#include "server/usecases/feed_intake.h"
#include "server/usecases/health_check_rows.h"
#include "server/usecases/receipt_rows.h"
#include "storage/postgres/housekeeping_store.h"
#include "tests/postgres/feed_driver.h"

namespace kakunin {
namespace {

constexpr absl::CivilDay kToday(2026, 4, 1);  // of TestInstant

class MonthRecordsTest : public testing::Test {
 protected:
  // Delivers a party's rows, judged as the server judges them, in chunks of one feed.
  template <class Record, class Judge>
  void Deliver(const std::string& party, FeedKind kind, std::vector<Incoming<Record>> rows,
               Judge judge) {
    FeedDriver driver(database_, party, kind, CopiesOfThisFormat());
    const FeedId id = driver.Begin(static_cast<int64_t>(kind)).id;
    int64_t chunk = 0;
    for (size_t begin = 0; begin < rows.size(); begin += kMostRowsInChunk) {
      const size_t end = std::min(rows.size(), begin + kMostRowsInChunk);
      std::vector<Incoming<Record>> part(std::make_move_iterator(rows.begin() + begin),
                                         std::make_move_iterator(rows.begin() + end));
      auto judged = judge(std::move(part), ++chunk, party, keys_, kToday);
      for (const Finding& finding : judged.findings) {
        ADD_FAILURE() << finding.reference << ' ' << finding.field << ' ' << finding.reason;
      }
      const absl::Status status = driver.Append(id, std::move(judged.staged));
      ASSERT_TRUE(status.ok()) << status;
    }
    const auto published = driver.Publish(id);
    ASSERT_TRUE(published.ok()) << published.status();
    EXPECT_EQ(published->counts.refused_rows, 0) << party;
  }

  void ExpectEqualToTheTruth() {
    const absl::Status status =
        database_.Open("kakunin_migrate")->Read(Soon(), [&](Transaction& tx) {
          const auto found = CompareMonthRecords(tx, CopiesOfThisFormat());
          if (found.ok()) {
            EXPECT_GT(found->persons, 100);
            EXPECT_GT(found->records, 2'000);
            EXPECT_EQ(found->differ, 0);
            EXPECT_EQ(found->missing, 0);
            EXPECT_EQ(found->unfounded, 0);
          }
          return found.status();
        });
    EXPECT_TRUE(status.ok()) << status;
  }

  // Walks over all persons as housekeeping does; returns how many records it rebuilt.
  int64_t Rebuild(int step) {
    PostgresHousekeepingStore store{CopiesOfThisFormat()};
    const auto job = database_.Open("kakunin_job");
    int64_t rebuilt = 0;
    RebuiltAnswers done;
    do {
      const absl::Status status = job->Write(Soon(), [&](Transaction& tx) -> absl::Status {
        auto next = store.RebuildMonthRecords(tx, done.last, step);
        if (next.ok()) done = *next;
        return next.status();
      });
      EXPECT_TRUE(status.ok()) << status;
      if (!status.ok()) break;
      rebuilt += done.rebuilt;
    } while (done.looked_at > 0);
    return rebuilt;
  }

  const TestDatabase database_;
  const auth::HmacKey number_key_{"the installation's key", "individual number"};
  const auth::HmacKey look_up_key_{"the installation's key", "look-up"};
  const auth::HmacKey audit_key_{"the installation's key", "audit"};
  const FeedKeys keys_{number_key_, look_up_key_, audit_key_};
};

TEST_F(MonthRecordsTest, OfASyntheticNationEqualTheTruthAndAreRebuiltFromIt) {
  const synth::Nation nation({.seed = 42, .persons = 300, .records_for = 200, .today = kToday});
  std::map<size_t, std::vector<IncomingReceipt>> receipts;
  std::map<size_t, std::vector<IncomingHealthCheck>> checks;
  nation.ForEachRecord({.receipt =
                            [&](size_t reviewer, const v1::ReceiptRow& row) {
                              v1::ReceiptRow copy = row;
                              receipts[reviewer].push_back(ReadReceiptRow(copy));
                            },
                        .health_check =
                            [&](size_t insurer, const v1::HealthCheckRow& row) {
                              v1::HealthCheckRow copy = row;
                              checks[insurer].push_back(ReadHealthCheckRow(copy));
                            }},
                       {});
  ASSERT_EQ(receipts.size(), 2u);
  // Both reviewers at once, about the same persons.
  std::thread other([&] {
    Deliver(std::string(synth::Reviewers()[1].number), FeedKind::kReceipts, std::move(receipts[1]),
            &JudgeReceipts);
  });
  Deliver(std::string(synth::Reviewers()[0].number), FeedKind::kReceipts, std::move(receipts[0]),
          &JudgeReceipts);
  other.join();
  for (auto& [insurer, rows] : checks) {
    Deliver(nation.Insurers()[insurer].number, FeedKind::kHealthChecks, std::move(rows),
            &JudgeHealthChecks);
  }
  ExpectEqualToTheTruth();
  EXPECT_EQ(database_.Exec("SELECT DISTINCT kind FROM kakunin.month_record").size(), 4u);

  // An upgrade: housekeeping makes every record of an older format anew, one of a newer format is
  // left to the server that wrote it.
  EXPECT_EQ(Rebuild(70), 0);
  const auto records =
      database_.Exec("SELECT count(*) FROM kakunin.month_record")[0][0].as<int64_t>();
  database_.Exec(fmt::format("UPDATE kakunin.month_record SET format = {}, octets = '\\x00'",
                             kMonthRecordFormat - 1));
  EXPECT_EQ(Rebuild(70), records);
  ExpectEqualToTheTruth();
  database_.Exec(
      fmt::format("UPDATE kakunin.month_record SET format = {}", kMonthRecordFormat + 1));
  EXPECT_EQ(Rebuild(70), 0);
}

}  // namespace
}  // namespace kakunin
