// What a database is asked before it is served: whether it has the audit rows that were seen.
#include "storage/postgres/audit_heads.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "auth/hash_function.h"
#include "server/audit_head_watch.h"
#include "storage/postgres/bulk_lane_store.h"
#include "storage/postgres/confirmation_store.h"
#include "storage/store_error.h"
#include "tests/support/test_database.h"

namespace kakunin {
namespace {

AuditRecord Record(absl::Time at = TestInstant()) {
  AuditRecord record;
  record.at = at;
  record.operation = 12;
  record.actor = "1312345678/T1";
  return record;
}

class AuditHeadsTest : public testing::Test {
 protected:
  AuditHeadsTest() : pool_(Open(&fence_)) {}

  std::unique_ptr<PostgresDatabase> Open(AuditFence* fence) const {
    PostgresOptions options = database_.Options("kakunin_terminal", 1);
    options.fence = fence;
    return std::make_unique<PostgresDatabase>(options);
  }

  static absl::Status Append(Database& pool, absl::Time at = TestInstant()) {
    return pool.Write(Soon(), [&](Transaction& tx) { return tx.AppendAudit(Record(at)).status(); });
  }

  std::vector<size_t> NotKept(const std::vector<SeenHead>& heads) const {
    std::vector<size_t> missing;
    const absl::Status status = Open(nullptr)->Read(Soon(), [&](Transaction& tx) -> absl::Status {
      auto found = AuditHeadsNotKept(tx, heads);
      if (found.ok()) missing = *std::move(found);
      return found.status();
    });
    EXPECT_TRUE(status.ok()) << status;
    return missing;
  }

  // The head that the pool wrote last.
  SeenHead Last() const { return fence_.Newest(1).at(0); }

  void Forget(const SeenHead& head) const {
    database_.Exec("DELETE FROM kakunin.audit_event WHERE number >= " +
                   std::to_string(head.id.number));
  }

  const TestDatabase database_;
  AuditFence fence_;
  const std::unique_ptr<PostgresDatabase> pool_;
};

TEST_F(AuditHeadsTest, TheFenceSeesWhatIsCommittedAndNothingElse) {
  ASSERT_TRUE(Append(*pool_).ok());
  EXPECT_EQ(Last().id.number, 1);
  const absl::Status given_up = pool_->Write(Soon(), [&](Transaction& tx) {
    EXPECT_TRUE(tx.AppendAudit(Record()).ok());
    return absl::CancelledError("given up");
  });
  EXPECT_FALSE(given_up.ok());
  EXPECT_EQ(fence_.changes(), 1);
  ASSERT_TRUE(Append(*pool_).ok());
  EXPECT_EQ(Last().id.number, 2);
  EXPECT_TRUE(NotKept(fence_.Newest(10)).empty());
}

TEST_F(AuditHeadsTest, OnlyTheVeryRowIsKept) {
  ASSERT_TRUE(Append(*pool_).ok());
  ASSERT_TRUE(Append(*pool_).ok());
  const SeenHead good = Last();
  SeenHead later = good;
  later.id.number += 1;
  SeenHead changed = good;
  changed.hash[31] ^= 1;
  SeenHead moved = good;
  moved.at += absl::Microseconds(1);
  SeenHead elsewhere = good;
  elsewhere.id.stream.octets[0] ^= 1;
  EXPECT_EQ(NotKept({good, later, changed, moved, elsewhere, good}),
            (std::vector<size_t>{1, 2, 3, 4}));
  EXPECT_TRUE(NotKept({}).empty());
}

TEST_F(AuditHeadsTest, ARowOfNoMonthIsFoundToo) {
  ASSERT_TRUE(Append(*pool_, TestInstant() + absl::Hours(24 * 900)).ok());  // default partition
  EXPECT_TRUE(NotKept({Last()}).empty());
}

// The months of an idle stream go when their time is over.
TEST_F(AuditHeadsTest, WhatRetentionDroppedIsNotMissing) {
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(Append(*pool_).ok());
  const SeenHead head = Last();
  Forget(SeenHead{.id = {.stream = head.id.stream, .number = 1}});
  EXPECT_EQ(NotKept({head}).size(), 1u);
  for (const auto& [anchored, missing] : {std::pair{2, 1u}, std::pair{3, 0u}, std::pair{4, 0u}}) {
    database_.Exec("DELETE FROM kakunin.audit_anchor");
    database_.Exec("INSERT INTO kakunin.audit_anchor SELECT '" +
                   AuditIdText(head.id).substr(0, 32) + "', " + std::to_string(anchored) +
                   ", sha256(''), gen_random_uuid(), '2036-05-01'");
    EXPECT_EQ(NotKept({head}).size(), missing) << anchored;
  }
}

TEST_F(AuditHeadsTest, ADatabaseFromBeforeTheQuestionLacksEverything) {
  const TestDatabase empty(TestDatabase::Start::kEmpty);
  PostgresOptions options = empty.Options("kakunin_migrate", 1);
  std::vector<size_t> missing;
  const absl::Status status =
      PostgresDatabase(options).Read(Soon(), [&](Transaction& tx) -> absl::Status {
        auto found = AuditHeadsNotKept(tx, std::vector<SeenHead>(2));
        if (found.ok()) missing = *std::move(found);
        return found.status();
      });
  EXPECT_EQ(missing, (std::vector<size_t>{0, 1})) << status;
  fence_.Saw(SeenHead{.id = {.number = 1}});
  options.fence = &fence_;
  EXPECT_EQ(StoreFailureOf(Append(*std::make_unique<PostgresDatabase>(options))),
            StoreFailure::kUnavailable);
  EXPECT_TRUE(fence_.older());
}

TEST_F(AuditHeadsTest, NoConnectionIsOpenedToAnOlderDatabase) {
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(Append(*pool_).ok());
  const SeenHead head = Last();
  EXPECT_TRUE(Append(*Open(&fence_)).ok());
  EXPECT_FALSE(fence_.older());
  Forget(head);
  EXPECT_EQ(StoreFailureOf(Append(*Open(&fence_))), StoreFailure::kUnavailable);
  EXPECT_TRUE(fence_.older());
  EXPECT_TRUE(Append(*Open(nullptr)).ok()) << "whoever saw nothing has nothing to miss";

  const auto lane = MakeConfirmationStore(database_.ConnInfo("kakunin_terminal"),
                                          "kakunin_terminal", "lane", &fence_);
  EXPECT_EQ(StoreFailureOf(lane->Reconnect(Soon())), StoreFailure::kUnavailable);
  EXPECT_FALSE(lane->Connected());
  fence_.BeginWith({});
  EXPECT_TRUE(lane->Reconnect(Soon()).ok()) << "an operator accepted it";
  EXPECT_TRUE(Append(*Open(&fence_)).ok());
}

TEST_F(AuditHeadsTest, ALaneTellsTheFenceWhatItCommitted) {
  const auto lane = MakeConfirmationStore(database_.ConnInfo("kakunin_terminal"),
                                          "kakunin_terminal", "lane", &fence_);
  ASSERT_TRUE(lane->Reconnect(Soon()).ok());
  AuditChain chain(StreamId{{7}}, auth::kSha256);
  const auto write = [&](int rows) {
    std::vector<AuditRecord> audit(static_cast<size_t>(rows), Record());
    for (AuditRecord& record : audit) chain.Link(record);
    return lane->Write(audit, {}, {}, {}, Soon());
  };
  ASSERT_TRUE(write(3).ok());
  EXPECT_EQ(Last().id.stream, StreamId{{7}});
  EXPECT_EQ(Last().id.number, 3);
  chain.ReturnTo({.number = 2});  // a number for the second time
  EXPECT_FALSE(write(1).ok()) << "the key refuses it";
  ASSERT_TRUE(lane->Connected());
  EXPECT_TRUE(lane->ReadPersons({}, Soon()).ok());
  EXPECT_EQ(Last().id.number, 3) << "a refused batch was not committed by what came after it";
  EXPECT_TRUE(NotKept({Last()}).empty());

  // A second lane reaches the same database.
  const auto second = MakeConfirmationStore(database_.ConnInfo("kakunin_terminal"),
                                            "kakunin_terminal", "lane", &fence_);
  EXPECT_TRUE(second->Reconnect(Soon()).ok());
}

TEST_F(AuditHeadsTest, ARoundOfAListThatWasCancelledMeanwhileIsNotCommitted) {
  const auto lane = MakeBulkLaneStore(database_.ConnInfo("kakunin_terminal"), "kakunin_terminal",
                                      "bulk lane", &fence_);
  ConfirmationStore& store = lane->Confirmations();
  ASSERT_TRUE(store.Reconnect(Soon()).ok());
  AuditChain chain(StreamId{{7}}, auth::kSha256);
  std::vector<AuditRecord> audit = {Record()};
  chain.Link(audit.front());
  lane->Attach(BulkId{{9}}, {});  // a list that runs no more
  EXPECT_FALSE(store.Write(audit, {}, {}, {}, Soon()).ok());
  ASSERT_TRUE(store.Connected());
  EXPECT_TRUE(fence_.empty()) << "what was rolled back is missed for ever";
}

// The tests make the rounds themselves.
constexpr std::chrono::hours kNoRounds(1);

// AuditHeadWatch over a database that loses rows and gets them back.
class AuditHeadWatchTest : public AuditHeadsTest {
 protected:
  AuditHeadWatchTest() : file_(testing::TempDir() + "/head-of-" + database_.name()) {}
  ~AuditHeadWatchTest() override {
    std::filesystem::remove(file_);
    std::filesystem::remove(file_.string() + ".lock");
    std::filesystem::remove(file_.string() + ".turn");
  }

  std::unique_ptr<AuditHeadWatch> OpenWatch() const {
    auto watch = AuditHeadWatch::Open(file_, Open(nullptr));
    EXPECT_TRUE(watch.ok()) << watch.status();
    return *std::move(watch);
  }

  const std::filesystem::path file_;
};

TEST_F(AuditHeadWatchTest, ARestartRefusesADatabaseThatLostRowsUntilItIsAccepted) {
  {
    const auto watch = OpenWatch();
    ASSERT_TRUE(watch->CheckAtStart(Soon()).ok());
    ASSERT_TRUE(watch->Begin(Soon(), kNoRounds).ok());
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(Append(*Open(&watch->fence())).ok());
  }  // its end writes the file
  ASSERT_EQ(ReadAuditHead(file_)->heads.size(), 3u);
  EXPECT_TRUE(OpenWatch()->CheckAtStart(Soon()).ok());
  EXPECT_TRUE(OpenWatch()->CheckAtStart(Soon()).ok()) << "looking changes nothing";

  const SeenHead newest = ReadAuditHead(file_)->heads.front();
  database_.Exec("DELETE FROM kakunin.audit_event WHERE stream = '" +
                 AuditIdText(newest.id).substr(0, 32) + "'");
  const absl::Status refused = OpenWatch()->CheckAtStart(Soon());
  EXPECT_EQ(refused.code(), absl::StatusCode::kDataLoss);
  EXPECT_NE(refused.ToString().find("lacks 1 of the 3"), std::string::npos) << refused;
  EXPECT_NE(refused.ToString().find("accept-older-database"), std::string::npos) << refused;
  EXPECT_EQ(ReadAuditHead(file_)->heads.size(), 3u) << "a refusal forgets nothing";

  ASSERT_TRUE(WriteAuditHead(file_, {.accepted = {{.by = "operator-1", .reason = "lost"}}}).ok());
  EXPECT_TRUE(OpenWatch()->CheckAtStart(Soon()).ok());
}

TEST_F(AuditHeadWatchTest, AServerThatRunsNoticesAndWritesNothingUntilItIsAccepted) {
  const auto watch = OpenWatch();
  ASSERT_TRUE(watch->Begin(Soon(), kNoRounds).ok());
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(Append(*Open(&watch->fence())).ok());
  watch->Round();
  EXPECT_EQ(watch->Check().look().health, Health::kFine);
  EXPECT_EQ(ReadAuditHead(file_)->heads.size(), 3u);

  const auto rows = database_.Exec(
      "CREATE TABLE public.kept AS SELECT * FROM kakunin.audit_event;"
      "DELETE FROM kakunin.audit_event");
  watch->Round();
  EXPECT_TRUE(watch->fence().older());
  EXPECT_EQ(watch->Check().look().health, Health::kFault);
  EXPECT_EQ(ReadAuditHead(file_)->heads.size(), 3u);

  database_.Exec("INSERT INTO kakunin.audit_event SELECT * FROM public.kept");
  watch->Round();
  EXPECT_EQ(watch->Check().look().health, Health::kFault) << "the right one is back: who says so?";
  const auto kept = ReadAuditHead(file_);
  EXPECT_TRUE(kept->alarm);
  ASSERT_TRUE(
      WriteAuditHead(file_, {.heads = kept->heads, .accepted = {{.by = "a", .reason = "back"}}})
          .ok());
  watch->Round();
  EXPECT_EQ(watch->Check().look().health, Health::kFine) << "an operator does";
  EXPECT_EQ(watch->fence().Newest(10).size(), 3u);
  watch->Round();
  EXPECT_FALSE(ReadAuditHead(file_)->alarm);
  EXPECT_EQ(ReadAuditHead(file_)->accepted.size(), 1u);

  database_.Exec("DELETE FROM kakunin.audit_event");
  watch->Round();
  ASSERT_TRUE(watch->fence().older());
  ASSERT_TRUE(WriteAuditHead(file_, {.accepted = {{.by = "a", .reason = "back"},
                                                  {.by = "operator-1", .reason = "lost"}}})
                  .ok());
  watch->Round();
  EXPECT_FALSE(watch->fence().older()) << "accepted while it runs";
  EXPECT_TRUE(Append(*Open(&watch->fence())).ok());
}

TEST_F(AuditHeadWatchTest, WhatWasSeenSinceTheLastRoundIsMissedAfterARestartToo) {
  {
    const auto watch = OpenWatch();
    ASSERT_TRUE(watch->Begin(Soon(), kNoRounds).ok());
    ASSERT_TRUE(Append(*Open(&watch->fence())).ok());
    database_.Exec("DELETE FROM kakunin.audit_event");
    watch->Round();
    EXPECT_TRUE(watch->fence().older());
  }
  EXPECT_EQ(OpenWatch()->CheckAtStart(Soon()).code(), absl::StatusCode::kDataLoss);
}

// The watch keeps its connection to the one that has everything; what is opened anew reaches the
// other.
TEST_F(AuditHeadWatchTest, OfTwoPrimariesTheWatchsOwnDoesNotEndTheAlarm) {
  const TestDatabase other;
  {
    const auto watch = OpenWatch();
    ASSERT_TRUE(watch->Begin(Soon(), kNoRounds).ok());
    ASSERT_TRUE(Append(*Open(&watch->fence())).ok());
    PostgresOptions options = other.Options("kakunin_terminal", 1);
    options.fence = &watch->fence();
    EXPECT_EQ(StoreFailureOf(Append(*std::make_unique<PostgresDatabase>(options))),
              StoreFailure::kUnavailable);
    for (int i = 0; i < 3; ++i) watch->Round();
    EXPECT_TRUE(watch->fence().older()) << "the watch found its own database whole";
    const CheckFinding finding = watch->Check().look();
    EXPECT_EQ(finding.health, Health::kFault);
    EXPECT_NE(finding.text.find("no second one"), std::string::npos) << finding.text;
  }
  const absl::Status refused = OpenWatch()->CheckAtStart(Soon());
  EXPECT_EQ(refused.code(), absl::StatusCode::kDataLoss) << "a restart accepts nothing";
  EXPECT_NE(refused.ToString().find("nobody has accepted"), std::string::npos) << refused;
}

TEST_F(AuditHeadWatchTest, AFileThatIsLostIsMissedAndANewServerBegins) {
  {
    const auto watch = OpenWatch();
    ASSERT_TRUE(watch->CheckAtStart(Soon()).ok()) << "a new server";
    ASSERT_TRUE(watch->Begin(Soon(), kNoRounds).ok());
    ASSERT_TRUE(Append(*Open(&watch->fence())).ok());
  }
  std::filesystem::remove(file_);
  const absl::Status refused = OpenWatch()->CheckAtStart(Soon());
  EXPECT_EQ(refused.code(), absl::StatusCode::kDataLoss);
  EXPECT_NE(refused.ToString().find("is missing"), std::string::npos) << refused;
  EXPECT_FALSE(std::filesystem::exists(file_)) << "a refusal makes none";
  const auto second = AuditHeadWatch::Open(file_.string() + "-2", Open(nullptr));
  EXPECT_TRUE((*second)->CheckAtStart(Soon()).ok()) << "another server has had none";
  std::filesystem::remove(file_.string() + "-2.lock");
  ASSERT_TRUE(WriteAuditHead(file_, {.accepted = {{.by = "operator-1", .reason = "disk"}}}).ok());
  EXPECT_TRUE(OpenWatch()->CheckAtStart(Soon()).ok());
}

// A server of the binary before, whose file is there.
TEST_F(AuditHeadWatchTest, AFileFromBeforeIsRememberedFromItsNextStartOn) {
  ASSERT_TRUE(WriteAuditHead(file_, {}).ok());
  ASSERT_TRUE(OpenWatch()->Begin(Soon(), kNoRounds).ok());
  std::filesystem::remove(file_);
  EXPECT_EQ(OpenWatch()->CheckAtStart(Soon()).code(), absl::StatusCode::kDataLoss);
}

TEST_F(AuditHeadWatchTest, AnAlarmThatCannotBeWrittenIsTriedUntilItIs) {
  const std::filesystem::path folder = file_.string() + ".d";
  const std::filesystem::path away = file_.string() + ".away";
  std::filesystem::create_directory(folder);
  {
    auto watch = AuditHeadWatch::Open(folder / "head", Open(nullptr));
    ASSERT_TRUE(watch.ok());
    ASSERT_TRUE((*watch)->Begin(Soon(), kNoRounds).ok());
    ASSERT_TRUE(Append(*Open(&(*watch)->fence())).ok());
    database_.Exec("DELETE FROM kakunin.audit_event");
    std::filesystem::rename(folder, away);
    (*watch)->Round();
    ASSERT_TRUE((*watch)->fence().older());
    std::filesystem::rename(away, folder);
    EXPECT_TRUE(ReadAuditHead(folder / "head")->heads.empty()) << "not written yet";
    (*watch)->Round();
    EXPECT_EQ(ReadAuditHead(folder / "head")->heads.size(), 1u);
    EXPECT_TRUE(ReadAuditHead(folder / "head")->alarm);
  }
  std::filesystem::remove_all(folder);
}

TEST_F(AuditHeadWatchTest, AnAcceptanceIsNeverWrittenOver) {
  const auto watch = OpenWatch();
  ASSERT_TRUE(watch->Begin(Soon(), kNoRounds).ok());
  // Before the server knows that there was anything to accept, with something to write.
  ASSERT_TRUE(Append(*Open(&watch->fence())).ok());
  ASSERT_TRUE(WriteAuditHead(file_, {.accepted = {{.by = "operator-1", .reason = "lost"}}}).ok());
  watch->Round();
  EXPECT_EQ(ReadAuditHead(file_)->accepted.size(), 1u);
  ASSERT_TRUE(Append(*Open(&watch->fence())).ok());
  watch->Round();
  EXPECT_EQ(ReadAuditHead(file_)->accepted.size(), 1u);
  EXPECT_EQ(ReadAuditHead(file_)->heads.size(), 1u);

  // While an operator's command is between its look and its writing.
  ASSERT_TRUE(Append(*Open(&watch->fence())).ok());
  {
    const auto turn = TakeAuditHeadTurn(file_, /*wait=*/false);
    ASSERT_TRUE(turn.ok());
    watch->Round();
    EXPECT_EQ(ReadAuditHead(file_)->heads.size(), 1u) << "it waits for its turn";
    EXPECT_EQ(watch->Check().look().health, Health::kWarning);
  }
  watch->Round();
  EXPECT_EQ(ReadAuditHead(file_)->heads.size(), 2u);
  EXPECT_EQ(watch->Check().look().health, Health::kFine);
}

TEST_F(AuditHeadWatchTest, TwoServersOnOneDatabaseKeepFilesOfTheirOwn) {
  const auto watch = OpenWatch();
  EXPECT_EQ(AuditHeadWatch::Open(file_, Open(nullptr)).status().code(),
            absl::StatusCode::kFailedPrecondition);
  const auto other = AuditHeadWatch::Open(file_.string() + "-2", Open(nullptr));
  ASSERT_TRUE(other.ok()) << other.status();
  ASSERT_TRUE(Append(*Open(&watch->fence())).ok());
  ASSERT_TRUE(Append(*Open(&(*other)->fence())).ok());
  watch->Round();
  (*other)->Round();
  EXPECT_FALSE(watch->fence().older());
  EXPECT_FALSE((*other)->fence().older());
  std::filesystem::remove(file_.string() + "-2");
  std::filesystem::remove(file_.string() + "-2.lock");
}

TEST_F(AuditHeadWatchTest, ADatabaseThatCannotBeAskedIsNoOlderOne) {
  PostgresOptions options = database_.Options("kakunin_terminal", 1);
  options.conninfo = "host=/nonexistent dbname=none";
  auto watch = AuditHeadWatch::Open(file_, std::make_unique<PostgresDatabase>(options));
  ASSERT_TRUE(watch.ok());
  (*watch)->fence().Saw(SeenHead{.id = {.number = 1}});
  (*watch)->Round();
  EXPECT_FALSE((*watch)->fence().older());
  EXPECT_EQ(StoreFailureOf((*watch)->CheckAtStart(Soon())), StoreFailure::kUnavailable);
}

}  // namespace
}  // namespace kakunin
