// Bulk inquiry as it runs: whatever ends, no row is lost or answered twice.
#include <cstdlib>
#include <set>

#include "storage/postgres/reference_number_store.h"
#include "tests/rpc/bulk_service_fixture.h"

namespace kakunin {
namespace {

TEST_F(BulkServiceTest, TellsWhatHasChangedSinceTheFacilityAskedLast) {
  Insure(3);
  worker_ = Worker();
  const auto changes = [&] {
    clock_.Advance(absl::Hours(24));
    header_ = Header();
    EXPECT_TRUE(Send(Rows(3), 10).ok());
    Await(v1::BULK_STATE_DONE);
    std::vector<v1::BulkChange> told;
    for (const v1::BulkResult& result : Results()) told.push_back(result.answer().change());
    return told;
  };
  using Changes = std::vector<v1::BulkChange>;
  EXPECT_EQ(changes(), Changes(3, v1::BULK_CHANGE_FIRST_TIME));
  EXPECT_EQ(changes(), Changes(3, v1::BULK_CHANGE_SAME));
  // An address is nothing to a reception, a copay ratio is.
  std::vector<StagedCoverage> rows = {Insured(1, RowAction::kChanged),
                                      Insured(2, RowAction::kChanged)};
  rows[0].record.address = "大阪府";
  rows[1].record.partial_contribution_percent = 20;
  clock_.Advance(absl::Seconds(1));
  FeedDriver driver(database_, kTestInsurer, FeedKind::kCoverages, CopiesOfThisFormat());
  ASSERT_TRUE(driver.Publish(driver.Stage(2, rows), clock_.Now()).ok());
  EXPECT_EQ(changes(),
            (Changes{v1::BULK_CHANGE_SAME, v1::BULK_CHANGE_CHANGED, v1::BULK_CHANGE_SAME}));
  EXPECT_EQ(changes(), Changes(3, v1::BULK_CHANGE_SAME));
}

TEST_F(BulkServiceTest, ARowHasWhatThisFacilityCallsThePatientBy) {
  Insure(2);
  const auto terminals = database_.Open("kakunin_terminal");
  PostgresReferenceNumberStore numbers;
  const auto set = [&](int who, const char* facility, const char* number) {
    const absl::Status status = terminals->Write(Soon(), [&](Transaction& tx) -> absl::Status {
      RETURN_IF_ERROR(numbers.Begin(tx, facility, CivilDayAt(clock_.Now())));
      const std::variant<PersonId, KeyHash> key = Insured(who).record.key_without_branch;
      ASSIGN_OR_RETURN(const auto found, numbers.Find(tx, std::span(&key, 1)));
      const ReferenceNumberRow row{.person = found.at(0).at(0), .number = number};
      return numbers.Change(tx, facility, {}, std::span(&row, 1), clock_.Now());
    });
    EXPECT_TRUE(status.ok()) << status;
  };
  set(1, kTestFacility, "A-1");
  set(1, kTestFacility, "A-2");
  set(2, "1318000002", "B-2");
  worker_ = Worker();
  ASSERT_TRUE(Send(Rows(3), 10).ok());
  Await(v1::BULK_STATE_DONE);
  std::vector<std::vector<std::string>> told;
  for (const v1::BulkResult& result : Results()) {
    const auto& of_row = result.answer().reference_numbers();
    told.emplace_back(of_row.begin(), of_row.end());
  }
  EXPECT_EQ(told, (std::vector<std::vector<std::string>>{{"A-1", "A-2"}, {}, {}}));
}

TEST_F(BulkServiceTest, TheWorkersEndAtAnyPointLosesAndRepeatsNothing) {
  const bool whole = std::getenv("KAKUNIN_LONG") != nullptr;
  const int persons = whole ? 200'000 : 3000;
  const int64_t between = whole ? persons / 20 : 1;
  Insure(persons);
  ASSERT_TRUE(Send(Rows(persons), 1000).ok());
  int ends = 0;
  const auto bound = Soon() + std::chrono::seconds(whole ? 500 : 50);
  while (Get(Number()).state() == v1::BULK_STATE_RUNNING &&
         std::chrono::steady_clock::now() < bound) {
    worker_ = Worker([] { return true; });  // in short rounds: many of them to end in
    const int64_t before = Get(Number()).answered_rows();
    while (Get(Number()).answered_rows() < before + between &&
           Get(Number()).state() == v1::BULK_STATE_RUNNING &&
           std::chrono::steady_clock::now() < bound) {
    }
    // As a server that is killed: its connection goes in the middle of whatever it does.
    database_.Exec(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname ="
        " current_database() AND application_name = 'bulk lane'");
    worker_.reset();
    ++ends;
  }
  EXPECT_GE(ends, whole ? 10 : 3);
  const auto results = Results();
  EXPECT_TRUE(complete_);
  ASSERT_EQ(results.size(), static_cast<size_t>(persons));
  std::set<std::string> ids;
  std::set<std::string> audits;
  for (size_t i = 0; i < results.size(); ++i) {
    EXPECT_EQ(results[i].row_number(), static_cast<int64_t>(i) + 1);
    EXPECT_EQ(results[i].answer().validity(), v1::VALIDITY_VALID);
    ids.insert(results[i].row_id());
    audits.insert(results[i].answer().audit_id());
  }
  EXPECT_EQ(ids.size(), static_cast<size_t>(persons));
  EXPECT_EQ(audits.size(), static_cast<size_t>(persons));
  EXPECT_EQ(Count("audit_event WHERE operation = 90 AND code = 0"), persons);
  EXPECT_EQ(Count("confirmation"), persons);
}

TEST_F(BulkServiceTest, TwoServersNeverRunOneListTwice) {
  Insure(2000);
  const auto other = Worker();
  worker_ = Worker();
  ASSERT_TRUE(Send(Rows(2000), 500).ok());
  other->Wake();
  Await(v1::BULK_STATE_DONE);
  EXPECT_EQ(Count("audit_event WHERE operation = 90"), 2000);
  EXPECT_EQ(Results().size(), 2000u);
}

TEST_F(BulkServiceTest, WhatRanIsNotKeptAsItWasAsked) {
  Insure(1);
  worker_ = Worker();
  ASSERT_TRUE(Send(Rows(1), 10).ok());
  Await(v1::BULK_STATE_DONE);
  const auto bound = Soon();
  while (Count("bulk_rows") > 0 && std::chrono::steady_clock::now() < bound) {
  }
  EXPECT_EQ(Count("bulk_rows") + Count("bulk_chunk"), 0);
  const auto results = Results();
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(results[0].answer().coverages(0).address(), "");
}

TEST_F(BulkServiceTest, ANumberThatWasNotAskedByBeforeIsAChange) {
  Insure(1);
  worker_ = Worker();
  ASSERT_TRUE(Send(Rows(1), 10).ok());
  Await(v1::BULK_STATE_DONE);
  clock_.Advance(absl::Seconds(1));
  StagedCoverage row = Insured(2);
  row.individual = SampleNumber(1);
  row.record.coverage_reference = "R-new";
  StagedCoverage lost = Insured(1, RowAction::kLost);
  lost.record.disqualification_date = CivilDayAt(clock_.Now());
  row.record.qualification_date = CivilDayAt(clock_.Now());
  FeedDriver driver(database_, kTestInsurer, FeedKind::kCoverages, CopiesOfThisFormat());
  ASSERT_TRUE(driver.Publish(driver.Stage(2, std::vector{lost, row}), clock_.Now()).ok());
  clock_.Advance(absl::Seconds(1));
  header_ = Header();
  ASSERT_TRUE(Send({Row(2)}, 10).ok());
  Await(v1::BULK_STATE_DONE);
  EXPECT_EQ(Results()[0].answer().change(), v1::BULK_CHANGE_CHANGED);
}

TEST_F(BulkServiceTest, ARoundThatCannotBeWrittenIsTriedAgainAndOthersGoOn) {
  Insure(1);
  database_.Exec("REVOKE INSERT ON kakunin.bulk_results FROM kakunin_terminal");
  worker_ = Worker();
  ASSERT_TRUE(Send(Rows(1), 10).ok());
  const auto bound = Soon();
  while (worker_->Rounds() == 0 && Count("confirmation") == 0 &&
         std::chrono::steady_clock::now() < bound - std::chrono::seconds(8)) {
  }
  EXPECT_EQ(Get(Number()).answered_rows(), 0);
  EXPECT_EQ(Count("audit_event WHERE operation = 90"), 0);
  EXPECT_LE(worker_->Rounds(), 5);
  database_.Exec("GRANT INSERT ON kakunin.bulk_results TO kakunin_terminal");
  EXPECT_EQ(Await(v1::BULK_STATE_DONE).error_rows(), 0);
  EXPECT_EQ(Count("audit_event WHERE operation = 90"), 1);
}

TEST_F(BulkServiceTest, ATerminalThatMayNotCallAsksNoMore) {
  Insure(1);
  const std::pair<const char*, const char*> terminals[] = {{"revoked-1", "TERMINAL_REVOKED"},
                                                           {"lapsed-1", "CERTIFICATE_EXPIRED"},
                                                           {"no-such", "TERMINAL_REVOKED"}};
  for (const auto& [terminal, reason] : terminals) {
    worker_.reset();
    header_ = Header();
    ASSERT_TRUE(Send(Rows(1), 10).ok());
    database_.Exec(
        fmt::format("UPDATE kakunin.bulk_inquiry SET terminal_id = '{}' WHERE bulk_id ="
                    " '{}'",
                    terminal, Number()));
    worker_ = Worker();
    EXPECT_EQ(Await(v1::BULK_STATE_STOPPED).reason(), reason) << terminal;
  }
  EXPECT_EQ(Count("confirmation"), 0);
}

TEST_F(BulkServiceTest, BesideADeskRoundsAreShortAndComeToTheirEndAllTheSame) {
  Insure(300);
  worker_ = Worker([] { return true; });
  ASSERT_TRUE(Send(Rows(300), 300).ok());
  EXPECT_EQ(Await(v1::BULK_STATE_DONE).answered_rows(), 300);
  EXPECT_EQ(Count("bulk_results"), 10);  // 256 rows in eight rounds, 44 in two
  EXPECT_EQ(Count("bulk_results WHERE rows > 32"), 0);
  header_ = Header();
  worker_ = Worker();
  ASSERT_TRUE(Send(Rows(300), 300).ok());
  Await(v1::BULK_STATE_DONE);
  EXPECT_EQ(Count("bulk_results WHERE rows = 256"), 1);
}

TEST_F(BulkServiceTest, AListOfGuessesIsStopped) {
  Insure(100);
  worker_ = Worker();
  ASSERT_TRUE(Send(Rows(5000), 1000).ok());
  const v1::BulkInquiry stopped = Await(v1::BULK_STATE_STOPPED);
  EXPECT_EQ(stopped.reason(), "INQUIRY_LIMIT");
  EXPECT_GE(stopped.answered_rows(), 1000);
  EXPECT_LT(stopped.answered_rows(), 1000 + 2 * kBulkRoundRows);
  // Nor are those who know the rule let on: errors do not count, and the next list is no new day.
  v1::BulkServiceDeleteRequest remove;
  remove.set_reception_number(Number());
  v1::BulkServiceDeleteResponse removed;
  grpc::ClientContext context;
  ASSERT_TRUE(Stub()->Delete(&context, remove, &removed).ok());
  header_ = Header();
  ASSERT_TRUE(Send(Rows(10), 10).ok());
  EXPECT_EQ(Await(v1::BULK_STATE_STOPPED).answered_rows(), 0);
  clock_.Advance(kBulkCountedFor + absl::Seconds(1));
  header_ = Header();
  ASSERT_TRUE(Send(Rows(10), 10).ok());
  Await(v1::BULK_STATE_DONE);
}

}  // namespace
}  // namespace kakunin
