// Rows by which a reference of one person would become another's: refused, and both are in
// question until the one who delivers it tells it as it is known, or the feed is undone.

#include <fmt/format.h>

#include "domain/identity_case.h"
#include "kakunin/v1/record_service.pb.h"
#include "server/rpc/record_octets.h"
#include "storage/postgres/text_value.h"
#include "tests/postgres/feed_driver.h"

namespace kakunin {
namespace {

class ConflictCaseTest : public testing::Test {
 protected:
  // Of person `who`, under another's reference when `of` is another. Hashed as it comes.
  static StagedCoverage Row(int who, int of, RowAction action = RowAction::kChanged) {
    StagedCoverage row = SampleRow(kInsurerA, "R" + std::to_string(of), who, action);
    row.row_hash = SampleKey(1000 * who + 10 * of + (action == RowAction::kLost ? 1 : 0));
    return row;
  }
  static StagedCoverage New(int who) { return Row(who, who, RowAction::kNew); }
  static StagedLimit LimitRow(int who, const std::string& reference, int of,
                              RowAction action = RowAction::kNew) {
    return {.action = action,
            .individual = SampleNumber(who),
            .record = {reference,
                       "R" + std::to_string(of),
                       {.classification = 1,
                        .classification_flag = "A01",
                        .valid_from = absl::CivilDay(2026, 4, 1)}}};
  }
  static StagedHealthCheck CheckRow(int who, RowAction action = RowAction::kNew) {
    HealthCheck check;
    check.registrar_number = kInsurerA;
    check.registrar_name = "試験用の保険者";
    check.reference = "R1";
    check.examination_day = absl::CivilDay(2026, 3, 3);
    check.facility = {"1310000019", "試験診療所"};
    return {.action = action, .individual = SampleNumber(who), .record = check};
  }

  template <class Record>
  FeedId Publish(FeedDriver& driver, const std::vector<Staged<Record>>& rows) {
    const FeedId id = driver.Stage(++number_, rows);
    const auto published = driver.Publish(id, FeedDriver::InstantOf(number_));
    EXPECT_TRUE(published.ok()) << published.status();
    return id;
  }
  void Undo(FeedDriver& driver, const std::string& party, const FeedId& id) {
    const absl::Status status = driver.pool().Write(Soon(), [&](Transaction& tx) {
      const auto feed = driver.store().Find(tx, party, id, true);
      return driver.store()
          .Undo(tx, **feed, FeedDriver::InstantOf(++number_), CopiesOfThisFormat(),
                UndoMode::kUntouched)
          .status();
    });
    EXPECT_TRUE(status.ok()) << status;
  }
  bool IsKnownByHash(const StagedCoverage& row) {
    const ToldRow told{0, row.record.coverage_reference, *row.row_hash};
    bool known = false;
    const absl::Status status = a_.pool().Read(Soon(), [&](Transaction& tx) {
      const auto found = a_.store().FindUnchanged(tx, kInsurerA, std::span(&told, 1));
      if (found.ok()) known = found->at(0);
      return found.status();
    });
    EXPECT_TRUE(status.ok()) << status;
    return known;
  }

  std::string Text(const std::string& sql) { return database_.Exec(sql)[0][0].c_str(); }
  // The persons of open cases by what their number's hash begins with.
  std::string InQuestion() {
    return Text(
        "SELECT coalesce(string_agg(DISTINCT get_byte(n.number_hash, 0)::text, ' '), '')"
        " FROM kakunin.identity_case_person c JOIN kakunin.person_number n USING (person_id)"
        " WHERE c.ended_at IS NULL");
  }
  std::string OpenCases() {
    return Text(
        "SELECT coalesce(string_agg(coverage_reference || ':' || reason || ':' || opened_by_kind,"
        " ' ' ORDER BY coverage_reference, opened_at), '') FROM kakunin.identity_case"
        " WHERE state = 1");
  }
  std::string Generation() {
    return Text("SELECT generation FROM kakunin.identity_case_generation");
  }

  const TestDatabase database_;
  FeedDriver a_{database_, kInsurerA, FeedKind::kCoverages, CopiesOfThisFormat()};
  FeedDriver limits_{database_, kInsurerA, FeedKind::kLimitCertificates, CopiesOfThisFormat()};
  FeedDriver checks_{database_, kInsurerA, FeedKind::kHealthChecks, CopiesOfThisFormat()};
  FeedDriver receipts_{database_, "113", FeedKind::kReceipts, CopiesOfThisFormat()};
  int64_t number_ = 0;
};

TEST_F(ConflictCaseTest, ACorrectedNumberPutsBothPersonsInQuestionUntilItIsToldAsItIsKnown) {
  Publish(a_, std::vector{New(1), New(2), New(3)});
  const std::string before = Generation();
  const FeedId feed = Publish(a_, std::vector{Row(2, 1), Row(3, 3)});
  EXPECT_EQ(a_.Findings(feed).at(0).reason, kReasonOfConflict);
  EXPECT_EQ(OpenCases(), "R1:PERSON_CONFLICT:2");
  EXPECT_EQ(InQuestion(), "1 2");
  EXPECT_NE(Generation(), before) << "terminals are told";
  // What is told twice is one case, another claim another.
  Publish(a_, std::vector{Row(2, 1)});
  EXPECT_EQ(OpenCases(), "R1:PERSON_CONFLICT:2");
  Publish(a_, std::vector{Row(3, 1)});
  EXPECT_EQ(OpenCases(), "R1:PERSON_CONFLICT:2 R1:PERSON_CONFLICT:2");
  EXPECT_EQ(InQuestion(), "1 2 3");
  // The row as it is known must be looked at, however well its hash was known.
  EXPECT_FALSE(IsKnownByHash(New(1)));
  EXPECT_TRUE(IsKnownByHash(New(2)));
  Publish(a_, std::vector{New(1)});
  EXPECT_EQ(OpenCases(), "");
  EXPECT_EQ(InQuestion(), "");
  EXPECT_TRUE(IsKnownByHash(New(1)));
}

TEST_F(ConflictCaseTest, ALossOfTheWrongPersonsCoverageEndsTheCase) {
  Publish(a_, std::vector{New(1), New(2)});
  Publish(a_, std::vector{Row(2, 1)});
  EXPECT_EQ(InQuestion(), "1 2");
  StagedCoverage lost = Row(1, 1, RowAction::kLost);
  lost.record.disqualification_date = absl::CivilDay(2026, 4, 1);
  Publish(a_, std::vector{lost});
  EXPECT_EQ(InQuestion(), "");
}

TEST_F(ConflictCaseTest, ANumberThatNobodyKnowsPutsTheHolderInQuestion) {
  Publish(a_, std::vector{New(1)});
  Publish(a_, std::vector{Row(9, 1)});
  EXPECT_EQ(OpenCases(), "R1:PERSON_CONFLICT:2");
  EXPECT_EQ(InQuestion(), "1");
}

TEST_F(ConflictCaseTest, AReferenceThatStandsTwiceOpensItAllTheSame) {
  Publish(a_, std::vector{New(1), New(2)});
  Publish(a_, std::vector{Row(1, 1), Row(2, 1)});
  EXPECT_EQ(OpenCases(), "R1:PERSON_CONFLICT:2");
  EXPECT_FALSE(IsKnownByHash(New(1)));
}

// A feed that waited tells a wrong number twice; a later one has told the right one since.
TEST_F(ConflictCaseTest, OutdatedRowsPutNobodyInQuestionAlsoWhenTheyStandTwice) {
  Publish(a_, std::vector{New(1), New(2)});
  const FeedId waiting =
      a_.Stage(++number_, std::vector{Row(2, 1), Row(2, 1), Row(9, 2), Row(1, 2)});
  StagedCoverage right = Row(1, 1);
  right.record.address = "大阪府";
  Publish(a_, std::vector{right});
  ASSERT_TRUE(a_.Publish(waiting, FeedDriver::InstantOf(++number_)).ok());
  std::string findings;
  for (const Finding& finding : a_.Findings(waiting)) {
    findings += finding.reference + ":" + finding.reason + " ";
  }
  EXPECT_EQ(findings,
            "R1:ROW_OUTDATED R1:ROW_OUTDATED R2:DUPLICATE_REFERENCE R2:DUPLICATE_REFERENCE ");
  EXPECT_EQ(OpenCases(), "R2:PERSON_CONFLICT:2 R2:PERSON_CONFLICT:2");
}

TEST_F(ConflictCaseTest, AnUndoEndsItsCasesAndOpensAnewWhichTheFeedHadEnded) {
  Publish(a_, std::vector{New(1), New(2)});
  const FeedId conflict = Publish(a_, std::vector{Row(2, 1)});
  StagedCoverage moved = Row(1, 1);
  moved.record.address = "大阪府";
  moved.row_hash = SampleKey(77);
  const FeedId ending = Publish(a_, std::vector{moved});
  EXPECT_EQ(OpenCases(), "");
  Undo(a_, kInsurerA, ending);
  EXPECT_EQ(OpenCases(), "R1:PERSON_CONFLICT:2");
  EXPECT_EQ(InQuestion(), "1 2");
  EXPECT_FALSE(IsKnownByHash(New(1)));
  Undo(a_, kInsurerA, conflict);
  EXPECT_EQ(OpenCases(), "");
  EXPECT_EQ(InQuestion(), "");
}

// While nobody was in question, 2 has become one with 3, and that one with 4.
TEST_F(ConflictCaseTest, ACaseOpenedAnewNamesWhoIsThereNow) {
  Publish(a_, std::vector{New(1), New(2), New(3), New(4), New(5)});
  Publish(a_, std::vector{Row(2, 1)});
  const FeedId ending = Publish(a_, std::vector{New(1)});
  const auto repair = [&](int kind, int person, int other, const std::string& undoes) {
    const auto who = [](int number) {
      return fmt::format("(SELECT person_id FROM kakunin.person_number WHERE number_hash = '{}')",
                         ByteaText(SampleNumber(number).hash));
    };
    return std::string(
        database_
            .Exec(fmt::format(
                "INSERT INTO kakunin.person_repair (repair_id, kind, state, person_id, other_id,"
                " undoes, only_named, proposed_at, proposed_by, proposed_name, decided_at,"
                " decided_by, decided_name) VALUES (gen_random_uuid(), {0}, 2, {1}, {2}, {3},"
                " false, '{4}', 'a', 'a', '{4}', 'b', 'b') RETURNING repair_id::text",
                kind, who(person), who(other), undoes,
                InstantText(FeedDriver::InstantOf(number_) + absl::Minutes(1))))[0][0]
            .c_str());
  };
  repair(1, 3, 2, "NULL");
  repair(1, 4, 3, "NULL");
  // 1 was given up for 5, and is back.
  repair(2, 5, 1, "'" + repair(1, 5, 1, "NULL") + "'");
  Undo(a_, kInsurerA, ending);
  EXPECT_EQ(OpenCases(), "R1:PERSON_CONFLICT:2");
  EXPECT_EQ(InQuestion(), "1 4");
}

TEST_F(ConflictCaseTest, AnUndoOfWhatOnlyEndedACaseOpensItThoughTheRowIsKnownByItsHash) {
  Publish(a_, std::vector{New(1), New(2)});
  Publish(a_, std::vector{Row(2, 1)});
  const FeedId ending = Publish(a_, std::vector{New(1)});
  EXPECT_TRUE(IsKnownByHash(New(1)));
  Undo(a_, kInsurerA, ending);
  EXPECT_EQ(InQuestion(), "1 2");
  EXPECT_FALSE(IsKnownByHash(New(1)));
  Publish(a_, std::vector{New(1)});
  EXPECT_EQ(InQuestion(), "");
}

TEST_F(ConflictCaseTest, ACaseStaysWhenALaterFeedThatStandsHasToldTheSame) {
  Publish(a_, std::vector{New(1), New(2)});
  const FeedId first = Publish(a_, std::vector{Row(2, 1)});
  Publish(a_, std::vector{Row(2, 1)});
  Undo(a_, kInsurerA, first);
  EXPECT_EQ(InQuestion(), "1 2");
}

TEST_F(ConflictCaseTest, ARowInDoubtUnderTheReferenceLeavesTheConflictAlone) {
  Publish(a_, std::vector{New(1), New(2)});
  Publish(a_, std::vector{Row(2, 1)});
  StagedCoverage doubted = Row(1, 1);
  doubted.doubt = IdentityDoubt{1, SampleKey(5)};
  doubted.record.name = {"別人　花子", "ベツジン　ハナコ"};
  const FeedId hidden = Publish(a_, std::vector{doubted});
  EXPECT_EQ(OpenCases(), "R1:PERSON_CONFLICT:2 R1:IDENTITY_MISMATCH:2");
  Undo(a_, kInsurerA, hidden);
  EXPECT_EQ(OpenCases(), "R1:PERSON_CONFLICT:2");
}

TEST_F(ConflictCaseTest, CertificatesAndCheckUpsOpenTheirOwnUnderTheSameReference) {
  Publish(a_, std::vector{New(1), New(2)});
  Publish(checks_, std::vector{CheckRow(1)});
  Publish(checks_, std::vector{CheckRow(2, RowAction::kChanged)});
  EXPECT_EQ(OpenCases(), "R1:PERSON_CONFLICT:2");
  EXPECT_EQ(InQuestion(), "1 2");
  const FeedId limit = Publish(limits_, std::vector{LimitRow(2, "R1", 1)});
  EXPECT_EQ(OpenCases(), "R1:PERSON_CONFLICT:2 R1:PERSON_CONFLICT:2");
  // A coverage of that name says nothing of either.
  Publish(a_, std::vector{Row(1, 1)});
  EXPECT_EQ(OpenCases(), "R1:PERSON_CONFLICT:2 R1:PERSON_CONFLICT:2");
  Publish(checks_, std::vector{CheckRow(1, RowAction::kChanged)});
  EXPECT_EQ(OpenCases(), "R1:PERSON_CONFLICT:2");
  Undo(limits_, kInsurerA, limit);
  EXPECT_EQ(OpenCases(), "");
}

TEST_F(ConflictCaseTest, AReviewersReceiptIsTheReviewersCase) {
  Receipt receipt;
  receipt.reviewer_number = "113";
  receipt.reference = "A";
  receipt.treatment_month = absl::CivilMonth(2026, 3);
  receipt.facility = {"1310000019", "試験診療所"};
  Publish(receipts_, std::vector{StagedReceipt{.individual = SampleNumber(1), .record = receipt}});
  const FeedId feed = Publish(receipts_, std::vector{StagedReceipt{.action = RowAction::kChanged,
                                                                   .individual = SampleNumber(2),
                                                                   .record = receipt}});
  EXPECT_EQ(OpenCases(), "A:PERSON_CONFLICT:6");
  EXPECT_EQ(InQuestion(), "1");
  Undo(receipts_, "113", feed);
  EXPECT_EQ(OpenCases(), "");
}

}  // namespace
}  // namespace kakunin
