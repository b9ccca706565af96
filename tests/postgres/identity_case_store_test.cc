// Coverages in doubt: hidden, each with a case, until the insurer corrects or releases them.

#include "storage/postgres/identity_case_store.h"

#include <gtest/gtest.h>

#include "domain/error.h"
#include "domain/resident_identity.h"
#include "storage/postgres/answer_rows.h"
#include "tests/postgres/feed_driver.h"

namespace kakunin {
namespace {

class IdentityCaseTest : public testing::Test {
 protected:
  static StagedCoverage Row(int who, const std::string& reference,
                            RowAction action = RowAction::kNew) {
    return SampleRow(kInsurerA, reference, who, action);
  }
  static StagedCoverage InDoubt(int who, const std::string& reference,
                                int fields = kIdentityName | kIdentityKana,
                                const std::string& name = "別人　花子") {
    StagedCoverage row = Row(who, reference);
    row.record.name = {name, "ベツジン　ハナコ"};
    row.doubt = IdentityDoubt{fields, SampleKey(1000 + who)};
    return row;
  }
  FeedCounts Deliver(int64_t number, const std::vector<StagedCoverage>& rows) {
    return a_.Deliver(number, rows);
  }

  template <class Act>
  auto In(PostgresDatabase& pool, Act&& act) {
    decltype(act(std::declval<Transaction&>())) result = absl::UnknownError("not run");
    EXPECT_TRUE(pool.Write(Soon(),
                           [&](Transaction& tx) {
                             result = act(tx);
                             return result.status();
                           })
                    .ok() == result.ok());
    return result;
  }
  std::vector<IdentityCase> Cases(bool open_only = true) {
    auto cases = In(*insurer_, [&](Transaction& tx) {
      return cases_.List(tx, {.insurer_number = kInsurerA, .open_only = open_only}, 100);
    });
    EXPECT_TRUE(cases.ok()) << cases.status();
    return cases.ok() ? *cases : std::vector<IdentityCase>();
  }
  PersonsInCases Persons(PostgresDatabase& pool) {
    auto persons = In(pool, [&](Transaction& tx) { return cases_.Persons(tx); });
    EXPECT_TRUE(persons.ok()) << persons.status();
    return persons.ok() ? *persons : PersonsInCases();
  }
  absl::StatusOr<int64_t> Release(const IdentityCase& released, int64_t hour) {
    return In(*insurer_, [&](Transaction& tx) -> absl::StatusOr<int64_t> {
      const auto found = cases_.Find(tx, released.id, /*lock=*/true);
      if (!found.ok()) return found.status();
      return cases_.Release(tx, **found,
                            {.at = FeedDriver::InstantOf(hour),
                             .actor_kind = ActorKind::kInsurer,
                             .actor = kInsurerA,
                             .decided_by = "係{員}'"},
                            CopyBuilders{.answer = &SampleAnswer});
    });
  }

  std::string Text(const std::string& sql) { return database_.Exec(sql)[0][0].c_str(); }
  std::string Visible() {
    return Text(
        "SELECT coalesce(string_agg(coverage_reference || '-' || name, ' ' ORDER BY"
        " coverage_reference), '') FROM kakunin.coverage WHERE known_to IS NULL AND visible");
  }
  std::string Hidden() {
    return Text(
        "SELECT coalesce(string_agg(coverage_reference, ' ' ORDER BY coverage_reference), '')"
        " FROM kakunin.hidden_coverage WHERE known_to IS NULL");
  }
  void ExpectCopiesRight() {
    const auto pool = database_.Open("kakunin_job", 1);
    EXPECT_TRUE(pool->Read(Soon(),
                           [&](Transaction& tx) {
                             const auto differences = CompareAnswers(tx, &SampleAnswer);
                             EXPECT_TRUE(differences.ok());
                             EXPECT_EQ(differences->answers_differ, 0);
                             return differences.status();
                           })
                    .ok());
  }

  const TestDatabase database_;
  FeedDriver a_{database_, kInsurerA};
  const std::unique_ptr<PostgresDatabase> insurer_ = database_.Open("kakunin_insurer", 2);
  const std::unique_ptr<PostgresDatabase> terminal_ = database_.Open("kakunin_terminal", 1);
  PostgresIdentityCaseStore cases_;
};

TEST_F(IdentityCaseTest, ARowInDoubtIsHiddenWithACaseAndAFinding) {
  const FeedCounts counts = Deliver(1, {Row(1, "R1"), InDoubt(2, "R2")});
  EXPECT_EQ(counts.new_rows, 1);
  EXPECT_EQ(counts.hidden_rows, 1);
  EXPECT_EQ(Visible(), "R1-確認　太郎");
  EXPECT_EQ(Hidden(), "R2");

  const auto cases = Cases();
  ASSERT_EQ(cases.size(), 1u);
  EXPECT_EQ(cases[0].kind, IdentityCaseKind::kRowDisagrees);
  EXPECT_EQ(cases[0].reason, "IDENTITY_MISMATCH");
  EXPECT_EQ(cases[0].fields, kIdentityName | kIdentityKana);
  ASSERT_TRUE(cases[0].row);
  EXPECT_EQ(cases[0].row->reference, "R2");
  EXPECT_EQ(cases[0].row->row_index, 1);
  EXPECT_EQ(cases[0].opened, FeedDriver::InstantOf(1));
  EXPECT_FALSE(cases[0].end);

  const auto findings = a_.Findings(cases[0].row->feed);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].reason, "IDENTITY_MISMATCH");
  EXPECT_EQ(findings[0].reference, "R2");
  EXPECT_TRUE(findings[0].hidden);
  ExpectCopiesRight();
}

TEST_F(IdentityCaseTest, TellsTheTerminalsWhomACaseConcernsAndWhenTheyChange) {
  const int64_t before = Persons(*terminal_).generation;
  Deliver(1, {Row(1, "R1")});
  EXPECT_EQ(Persons(*terminal_).generation, before);
  // Whoever has the number, and a resident of whom nothing was known yet.
  Deliver(2, {InDoubt(1, "R2"), InDoubt(3, "R3")});
  const PersonsInCases persons = Persons(*terminal_);
  EXPECT_EQ(persons.generation, before + 1);
  EXPECT_EQ(persons.persons.size(), 2u);
  EXPECT_EQ(Cases()[0].persons.size(), 1u);
  const auto generation = In(*terminal_, [&](Transaction& tx) { return cases_.Generation(tx); });
  EXPECT_EQ(*generation, before + 1);
  ExpectCopiesRight();
  // What they have beside the case stays visible.
  EXPECT_EQ(Visible(), "R1-確認　太郎");
}

TEST_F(IdentityCaseTest, ANumberThatNobodyKnowsMakesNoPerson) {
  Deliver(1, {InDoubt(1, "R1", kResidentUnknown)});
  ASSERT_EQ(Cases().size(), 1u);
  EXPECT_EQ(Cases()[0].reason, "RESIDENT_UNKNOWN");
  EXPECT_EQ(Cases()[0].fields, 0);
  EXPECT_TRUE(Cases()[0].persons.empty());
  EXPECT_EQ(Text("SELECT count(*) FROM kakunin.person"), "0");
}

TEST_F(IdentityCaseTest, CorrectedDataMakeTheRowVisibleAndCloseTheCase) {
  Deliver(1, {InDoubt(1, "R1")});
  Deliver(2, {Row(2, "R1")});
  EXPECT_EQ(Visible(), "R1-確認　太郎");
  EXPECT_EQ(Hidden(), "");
  EXPECT_TRUE(Cases().empty());
  const auto all = Cases(/*open_only=*/false);
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].state, IdentityCaseState::kClosed);
  ASSERT_TRUE(all[0].end);
  EXPECT_EQ(all[0].end->at, FeedDriver::InstantOf(2));
  EXPECT_TRUE(Persons(*terminal_).persons.empty());
  ExpectCopiesRight();
}

TEST_F(IdentityCaseTest, TheSameRowAgainIsTheSameCaseAndAnotherIsAnother) {
  Deliver(1, {InDoubt(1, "R1")});
  const CaseId first = Cases()[0].id;
  Deliver(2, {InDoubt(1, "R1")});
  ASSERT_EQ(Cases().size(), 1u);
  EXPECT_EQ(Cases()[0].id, first);
  Deliver(3, {InDoubt(2, "R1")});
  ASSERT_EQ(Cases().size(), 1u);
  EXPECT_NE(Cases()[0].id, first);
  EXPECT_EQ(Persons(*terminal_).persons.size(), 1u);
  EXPECT_EQ(Hidden(), "R1");
}

TEST_F(IdentityCaseTest, AllRowsOfAPersonAreHiddenWithOneAndNobodyElses) {
  StagedCoverage beside = InDoubt(1, "R2", kIdentityAddress | kDifferenceTolerated);
  // Of a namesake, who agrees in everything; of the number's owner; of others.
  StagedCoverage certain = InDoubt(1, "R3");
  certain.doubt.reset();
  StagedCoverage tolerated = InDoubt(2, "R5", kIdentityAddress | kDifferenceTolerated);
  Deliver(1, {InDoubt(1, "R1"), beside, certain, Row(1, "R4"), tolerated});
  EXPECT_EQ(Hidden(), "R1 R2");
  EXPECT_EQ(Visible(), "R3-別人　花子 R4-確認　太郎 R5-別人　花子");
  const auto cases = Cases();
  ASSERT_EQ(cases.size(), 2u);
  EXPECT_EQ(Text("SELECT string_agg(reason, ' ' ORDER BY reason) FROM kakunin.identity_case"),
            "IDENTITY_MISMATCH IDENTITY_MISMATCH_BESIDE");
}

TEST_F(IdentityCaseTest, AReleaseMakesAllRowsOfThePersonVisibleAndStaysGood) {
  StagedCoverage beside = InDoubt(1, "R2", kIdentityAddress | kDifferenceTolerated);
  const std::vector<StagedCoverage> rows = {InDoubt(1, "R1"), beside, InDoubt(5, "R5")};
  Deliver(1, rows);
  ASSERT_EQ(Cases().size(), 3u);
  const auto cases = Cases();
  const auto first = std::find_if(cases.begin(), cases.end(),
                                  [](const IdentityCase& c) { return c.row->reference == "R1"; });
  const auto released = Release(*first, 2);
  ASSERT_TRUE(released.ok()) << released.status();
  EXPECT_EQ(*released, 2);
  EXPECT_EQ(Visible(), "R1-別人　花子 R2-別人　花子");
  EXPECT_EQ(Hidden(), "R5");
  ASSERT_EQ(Cases().size(), 1u);
  EXPECT_EQ(Persons(*terminal_).persons.size(), 1u);
  const auto ended =
      In(*insurer_, [&](Transaction& tx) { return cases_.Find(tx, first->id, false); });
  ASSERT_TRUE(ended.ok() && ended->has_value());
  EXPECT_EQ((*ended)->state, IdentityCaseState::kReleased);
  EXPECT_EQ((*ended)->end->decided_by, "係{員}'");
  EXPECT_EQ((*ended)->end->actor, kInsurerA);
  ExpectCopiesRight();
  EXPECT_EQ(Text("SELECT count(*) FROM kakunin.feed_coverage_row"), "0");

  // The same rows again are what was released; another name is not.
  const FeedCounts again = Deliver(3, rows);
  EXPECT_EQ(again.unchanged_rows, 2);
  EXPECT_EQ(Cases().size(), 1u);
  StagedCoverage other = InDoubt(1, "R1");
  other.action = RowAction::kChanged;
  other.doubt->identity = SampleKey(77);
  EXPECT_EQ(Deliver(4, {other}).hidden_rows, 1);
  EXPECT_EQ(Cases().size(), 2u);
}

TEST_F(IdentityCaseTest, ARowInDoubtLeavesWhatIsVisibleUnderItsReference) {
  Deliver(1, {Row(1, "R1")});
  StagedCoverage doubt = InDoubt(1, "R1");
  doubt.action = RowAction::kChanged;
  Deliver(2, {doubt});
  EXPECT_EQ(Visible(), "R1-確認　太郎");
  EXPECT_EQ(Hidden(), "R1");
  EXPECT_EQ(Persons(*terminal_).persons.size(), 1u);
  ASSERT_TRUE(Release(Cases()[0], 3).ok());
  EXPECT_EQ(Visible(), "R1-別人　花子");
  EXPECT_EQ(Text("SELECT count(*) FROM kakunin.coverage WHERE known_to IS NOT NULL"), "1");
  ExpectCopiesRight();
}

TEST_F(IdentityCaseTest, AnEndedCaseIsNotReleasedAgain) {
  Deliver(1, {InDoubt(1, "R1")});
  const IdentityCase released = Cases()[0];
  ASSERT_TRUE(Release(released, 2).ok());
  EXPECT_EQ(ReasonOf(Release(released, 3).status()), Reason::kCaseNotOpen);
  EXPECT_EQ(Visible(), "R1-別人　花子");
}

TEST_F(IdentityCaseTest, AReferenceThatNamesSomebodyElseByNowIsNotReleased) {
  Deliver(1, {InDoubt(1, "R1")});
  const IdentityCase doubt = Cases()[0];
  database_.Exec("INSERT INTO kakunin.coverage_by_reference VALUES ('" + std::string(kInsurerA) +
                 "', 'R1', gen_random_uuid(), NULL)");
  EXPECT_EQ(ReasonOf(Release(doubt, 2).status()), Reason::kPersonConflict);
  EXPECT_EQ(Cases().size(), 1u);
  EXPECT_EQ(Hidden(), "R1");
}

TEST_F(IdentityCaseTest, AnUndoneFeedTakesItsCasesAlongAndBringsThoseBeforeItBack) {
  Deliver(1, {InDoubt(1, "R1")});
  const FeedId second =
      a_.Stage(2, std::vector<StagedCoverage>{InDoubt(2, "R1"), InDoubt(3, "R3")});
  ASSERT_TRUE(a_.Publish(second, FeedDriver::InstantOf(2)).ok());
  EXPECT_EQ(Cases().size(), 2u);
  EXPECT_TRUE(insurer_
                  ->Write(Soon(),
                          [&](Transaction& tx) -> absl::Status {
                            const auto feed = a_.store().Find(tx, kInsurerA, second, true);
                            return a_.store()
                                .Undo(tx, **feed, FeedDriver::InstantOf(3),
                                      CopyBuilders{.answer = &SampleAnswer}, UndoMode::kUntouched)
                                .status();
                          })
                  .ok());
  const auto cases = Cases();
  ASSERT_EQ(cases.size(), 1u);
  EXPECT_EQ(cases[0].row->reference, "R1");
  EXPECT_EQ(cases[0].opened, FeedDriver::InstantOf(3));
  EXPECT_EQ(cases[0].persons.size(), 1u);
  EXPECT_EQ(Hidden(), "R1");
  // What came back can be released as before.
  ASSERT_TRUE(Release(cases[0], 4).ok());
  EXPECT_EQ(Visible(), "R1-別人　花子");
}

TEST_F(IdentityCaseTest, AnOperatorOpensAndClosesCasesOfPersons) {
  Deliver(1, {Row(1, "R1"), Row(2, "R2")});
  const auto operator_ = database_.Open("kakunin_operator", 1);
  IdentityCase opened{.id = CaseId{{5}},
                      .kind = IdentityCaseKind::kTwoAreOne,
                      .reason = "TOLD_BY_FACILITY",
                      .opened = TestInstant(),
                      .opened_by = "operator"};
  for (const auto& row : database_.Exec("SELECT person_id::text FROM kakunin.person ORDER BY 1")) {
    PersonId person;
    const std::string hex = row[0].c_str();
    size_t at = 0;
    for (uint8_t& octet : person.octets) {
      if (hex[at] == '-') ++at;
      octet = static_cast<uint8_t>(std::stoi(hex.substr(at, 2), nullptr, 16));
      at += 2;
    }
    opened.persons.push_back(person);
  }
  const int64_t before = Persons(*terminal_).generation;
  ASSERT_TRUE(
      operator_->Write(Soon(),
                       [&](Transaction& tx) {
                         return cases_.Open(tx, {&opened, 1});
                       })
          .ok());
  EXPECT_EQ(Persons(*terminal_).persons, opened.persons);
  const auto found =
      In(*operator_, [&](Transaction& tx) { return cases_.Find(tx, opened.id, true); });
  ASSERT_TRUE(found.ok() && found->has_value());
  EXPECT_EQ((*found)->persons, opened.persons);
  EXPECT_FALSE((*found)->row);
  EXPECT_TRUE(Cases().empty()) << "no insurer's";

  const CaseEnd end{.at = TestInstant() + absl::Hours(1), .actor = "operator", .decided_by = "x"};
  ASSERT_TRUE(operator_
                  ->Write(Soon(),
                          [&](Transaction& tx) {
                            return cases_.End(tx, opened.id, IdentityCaseState::kClosed, end);
                          })
                  .ok());
  EXPECT_EQ(Persons(*terminal_).generation, before + 2);
  EXPECT_TRUE(Persons(*terminal_).persons.empty());
}

TEST_F(IdentityCaseTest, TheFiguresTellOfRowsInDoubtUntilTheyHaveACase) {
  const auto figures = [&](const FeedId& feed) {
    FeedFigures judged;
    const absl::Status status = a_.pool().Write(Soon(), [&](Transaction& tx) -> absl::Status {
      const auto found = a_.store().Find(tx, kInsurerA, feed, true);
      const auto told = a_.store().Judge(tx, **found, FeedDriver::InstantOf(9));
      if (told.ok()) judged = *told;
      return told.status();
    });
    EXPECT_TRUE(status.ok()) << status;
    return std::pair(judged.mismatched, judged.named);
  };
  StagedCoverage hidden = Row(4, "R4");
  hidden.individual.reset();
  const std::vector<StagedCoverage> rows = {Row(1, "R1"), InDoubt(2, "R2"),
                                            InDoubt(3, "R3", kResidentUnknown), hidden};
  const FeedId first = a_.Stage(1, rows);
  EXPECT_EQ(figures(first), std::pair(int64_t{2}, int64_t{3}));
  ASSERT_TRUE(a_.Publish(first, FeedDriver::InstantOf(1)).ok());
  // Told again with one more: R2 and R3 wait for the insurer as they did.
  std::vector<StagedCoverage> again = rows;
  again.push_back(InDoubt(5, "R5"));
  EXPECT_EQ(figures(a_.Stage(2, again)), std::pair(int64_t{1}, int64_t{2}));
}

TEST_F(IdentityCaseTest, OpenCasesAreCountedAndListedByTheirAge) {
  Deliver(1, {InDoubt(1, "R1")});
  Deliver(2, {InDoubt(2, "R2"), InDoubt(3, "R3")});
  const auto operators = database_.Open("kakunin_operator", 1);
  const auto counts = [&] {
    const std::vector<absl::Time> instants = {
        FeedDriver::InstantOf(1) - absl::Microseconds(1), FeedDriver::InstantOf(1),
        FeedDriver::InstantOf(2) - absl::Microseconds(1), FeedDriver::InstantOf(2)};
    return *In(*operators, [&](Transaction& tx) { return cases_.CountOpen(tx, instants); });
  };
  EXPECT_EQ(counts(), (std::vector<int64_t>{0, 1, 1, 3}));
  const auto listed = In(*operators, [&](Transaction& tx) {
    return cases_.List(tx, {.opened_through = FeedDriver::InstantOf(2) - absl::Microseconds(1)},
                       100);
  });
  ASSERT_EQ(listed->size(), 1u);
  EXPECT_EQ(listed->at(0).row->reference, "R1");
  ASSERT_TRUE(Release(listed->at(0), 3).ok());
  EXPECT_EQ(counts(), (std::vector<int64_t>{0, 0, 0, 2}));
}

}  // namespace
}  // namespace kakunin
