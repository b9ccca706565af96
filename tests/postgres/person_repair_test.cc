// Two persons found to be one, and one found to be two: what hangs on them goes row by row, the
// copies are what the truth gives, and what was known before stays explainable.

#include <thread>

#include "tests/postgres/person_repair_fixture.h"
#include "tests/support/protected_person.h"

namespace kakunin {
namespace {

using enum HeldKind;

TEST_F(PersonRepairTest, AMergeLeadsEverythingToOnePersonAndASplitBackAgain) {
  Live(1);
  Live(2);
  const PersonId one = PersonOf(1);
  const PersonId two = PersonOf(2);
  Agree(one, 1, "F", "s1");
  Agree(two, 2, "G", "s2");
  const auto of_two = Names(two);
  EXPECT_EQ(of_two, (std::set<std::string>{"1 2", "2 R2", "3 s2", "4 2", "6 C2", "7 E2"}));
  const std::string served = Served();
  const absl::Time before = Now();
  const std::string known_before = KnownAt(before);

  const RepairId merge = Merge(one, two);
  EXPECT_EQ(PersonOf(2), one);
  EXPECT_EQ(PersonOf(kInsurerB, "R2"), one);
  EXPECT_EQ(Names(two), std::set<std::string>{});
  EXPECT_EQ(Names(one), (std::set<std::string>{"1 1", "1 2", "2 R1", "2 R2", "3 s1", "3 s2", "4 1",
                                               "4 2", "6 C1", "6 C2", "7 E1", "7 E2"}));
  ExpectCopiesAreTheTruth("merged");
  EXPECT_EQ(KnownAt(before), known_before);
  const absl::Time between = Now();
  const std::string known_between = KnownAt(between);

  ASSERT_TRUE(Split(one, two, {.merged = MovedBy(merge)}).ok());
  EXPECT_EQ(Names(two), of_two);
  EXPECT_EQ(Served(), served);
  ExpectCopiesAreTheTruth("split back");
  EXPECT_EQ(KnownAt(before), known_before);
  EXPECT_EQ(KnownAt(between), known_between);
}

TEST_F(PersonRepairTest, EveryMovedRowIsKeptWithWhoseItWas) {
  Live(1);
  Live(2);
  const PersonId one = PersonOf(1);
  const PersonId two = PersonOf(2);
  const RepairId merge = Merge(one, two);
  const auto rows = database_.Exec(
      "SELECT kind, effect, from_person::text, to_person::text, party, reference, month,"
      " number_hash, serial FROM kakunin.person_repair_move ORDER BY ordinal");
  ASSERT_EQ(rows.size(), 6u);
  EXPECT_EQ(MovedBy(merge).size(), 6u);
  for (const auto& row : rows) {
    EXPECT_EQ(row[1].as<int>(), 1);
    EXPECT_EQ(UuidFromText<PersonId>(row[2].c_str()), two);
    EXPECT_EQ(UuidFromText<PersonId>(row[3].c_str()), one);
  }
  EXPECT_EQ(ByteaFromText(rows[0][7].c_str())[0], '\2');
  EXPECT_STREQ(rows[1][4].c_str(), kInsurerB);
  EXPECT_STREQ(rows[1][5].c_str(), "R2");
  EXPECT_EQ(ByteaFromText(rows[3][8].c_str()), "s2");
  EXPECT_STREQ(rows[4][6].c_str(), "2026-04-01");
  EXPECT_EQ(Text("SELECT count(*) FROM kakunin.repaired_reference"), "4");
  // Nothing was deleted: both persons are there, and what was known of the one given up.
  EXPECT_EQ(Text("SELECT count(*) FROM kakunin.person"), "2");
  EXPECT_EQ(Text("SELECT count(*) FROM kakunin.coverage WHERE person_id = '" + UuidText(two) +
                 "' AND known_to IS NOT NULL"),
            "2");
}

TEST_F(PersonRepairTest, ThePastIsExplainedByReferenceAndByCard) {
  Live(1);
  Live(2);
  const PersonId one = PersonOf(1);
  const PersonId two = PersonOf(2);
  const absl::Time before = Now();
  Merge(one, two);
  PostgresCoverageHistoryStore histories;
  Must(operators_->Read(Soon(), [&](Transaction& tx) -> absl::Status {
    for (const auto& persons : {histories.PersonsByReference(tx, kInsurerB, "R2"),
                                histories.PersonsByKey(tx, SampleKey(1004))}) {
      EXPECT_EQ(std::set(persons->begin(), persons->end()), (std::set{one, two}));
      const auto versions = histories.History(tx, *persons, kInsurerB);
      const auto answered = [&](absl::Time at) {
        std::set<std::string> told;
        for (const CoverageVersion& version : *versions) {
          if (version.coverage_reference == "R2" && WasKnown(version, at)) {
            told.insert(UuidText(version.person));
          }
        }
        return told;
      };
      EXPECT_EQ(answered(before), std::set{UuidText(two)});
      EXPECT_EQ(answered(Now()), std::set{UuidText(one)});
    }
    return absl::OkStatus();
  }));
}

TEST_F(PersonRepairTest, AnInsurersNextFeedIsAboutTheOnePersonAndComparedAnew) {
  Live(1);
  Live(2);
  database_.Exec("UPDATE kakunin.coverage_by_reference SET row_hash = gen_random_uuid()");
  const PersonId one = PersonOf(1);
  Merge(one, PersonOf(2));
  EXPECT_EQ(Text("SELECT count(row_hash) FROM kakunin.coverage_by_reference"), "0");
  StagedCoverage changed = SampleRow(kInsurerA, "R2", 2, RowAction::kChanged);
  changed.record.address = "大阪府";
  EXPECT_EQ(a_.Deliver(++hour_, {changed, SampleRow(kInsurerA, "R9", 2)}).refused_rows, 0);
  EXPECT_EQ(PersonOf(kInsurerA, "R9"), one);
  ExpectCopiesAreTheTruth("pushed again");
}

TEST_F(PersonRepairTest, WhatAFeedToldAsUnchangedBeforeARepairIsLookedAtAgain) {
  Live(1);
  Live(2);
  const KeyHash hash = SampleKey(777);
  database_.Exec("UPDATE kakunin.coverage_by_reference SET row_hash = '" + UuidText(hash) + "'");
  const FeedId id = a_.Begin(++hour_).id;
  const ToldRow told{.row_index = 0, .reference = "R2", .hash = hash};
  Must(a_.pool().Write(Soon(), [&](Transaction& tx) {
    const auto feed = a_.store().Find(tx, kInsurerA, id, true);
    const ChunkRecord chunk{.number = 1, .rows = 1};
    return a_.store().AppendChunk(tx, **feed, chunk, StagedRows(std::vector<StagedCoverage>()),
                                  std::vector{told}, {});
  }));
  Merge(PersonOf(1), PersonOf(2));
  const auto published = a_.Publish(id, FeedDriver::InstantOf(++hour_));
  ASSERT_TRUE(published.ok()) << published.status();
  EXPECT_EQ(published->counts.unchanged_rows, 0);
  ASSERT_EQ(a_.Findings(id).size(), 1u);
  EXPECT_EQ(a_.Findings(id)[0].reason, "ROW_OUTDATED");
}

TEST_F(PersonRepairTest, AnUndoneFeedBringsARowBackToWhomItIsOfByNow) {
  Live(1);
  Live(2);
  StagedCoverage changed = SampleRow(kInsurerA, "R2", 2, RowAction::kChanged);
  changed.record.address = "大阪府";
  const FeedId wrong = a_.Stage(++hour_, std::vector{changed});
  ASSERT_TRUE(a_.Publish(wrong, Now()).ok());
  const PersonId one = PersonOf(1);
  Merge(one, PersonOf(2));
  ++hour_;
  Must(a_.pool().Write(Soon(), [&](Transaction& tx) -> absl::Status {
    const auto feed = a_.store().Find(tx, kInsurerA, wrong, true);
    const auto undone = a_.store().Undo(tx, **feed, Now(), build_, UndoMode::kUntouched);
    EXPECT_TRUE(undone.ok() && undone->done) << undone.status();
    return undone.status();
  }));
  EXPECT_EQ(Text("SELECT person_id || address FROM kakunin.coverage WHERE known_to IS NULL"
                 " AND insurer_number = '33120015' AND coverage_reference = 'R2'"),
            Text("SELECT '" + UuidText(one) + "'::uuid || '東京都'"));
  EXPECT_EQ(PersonOf(kInsurerA, "R2"), one);
  ExpectCopiesAreTheTruth("undone");
}

TEST_F(PersonRepairTest, ASplitTakesWhatIsNamedAndCoveragesOfTheSameHuman) {
  Live(1);
  StagedCoverage other = SampleRow(kInsurerA, "R2", 1);
  other.record.name.kana = "ミホン　ハナコ";
  other.record.key_without_branch = SampleKey(700);
  other.record.key_with_branch = SampleKey(701);
  StagedCoverage narrow = other;
  narrow.record.coverage_reference = "R3";
  narrow.record.insurer_number = kInsurerB;
  narrow.record.name.kana = "ﾐﾎﾝ ﾊﾅｺ";
  a_.Deliver(++hour_, {other});
  b_.Deliver(++hour_, {narrow});
  const PersonId one = PersonOf(1);
  const PersonId two{auth::RandomArray<16>()};
  ASSERT_TRUE(
      Split(one, two, {.named = {{kCoverage, kInsurerA, "R2"}, {kReceipt, kReviewer, "C1"}}}).ok());
  EXPECT_EQ(Names(two), (std::set<std::string>{"2 R2", "2 R3", "6 C1"}));
  EXPECT_EQ(Names(one), (std::set<std::string>{"1 1", "2 R1", "3 s1", "7 E1"}));
  EXPECT_EQ(PersonOf(kInsurerB, "R3"), two);
  ExpectCopiesAreTheTruth("split");
}

// It ended the relation at home of who had declined every kind; the others name nobody's facility,
// or a relation that there is none of.
TEST_F(PersonRepairTest, AnEndOfNoKindsAtHomeGoesAlong) {
  Live(1);
  Live(2);
  const PersonId one = PersonOf(1);
  const PersonId two = PersonOf(2);
  const auto end = [&](int number, const std::string& facility, int form) {
    database_.Exec(fmt::format(
        "INSERT INTO kakunin.consent_end VALUES ('{}', '{}', '{}', {}, '{}', {}, NULL, 0, 2)",
        UuidText(two), InstantText(Now()), UuidText(StreamId{{5}}), number, facility, form));
  };
  end(1, "VISITS", 2);
  end(2, "DESK", 1);
  Merge(one, two);
  EXPECT_EQ(Text("SELECT string_agg(facility_code, ' ' ORDER BY facility_code) FROM"
                 " kakunin.consent_end WHERE facility_code <> '' AND person_id = '" +
                 UuidText(one) + "'"),
            "VISITS");
}

// As a batch would leave it that had read the card before a repair moved it.
TEST_F(PersonRepairTest, AConsentOfOneWithTheCardOfAnotherIsFound) {
  Live(1);
  Live(2);
  Agree(PersonOf(1), 1, "1310000019", "s1");
  Agree(PersonOf(1), 2, "1310000019", "");
  Agree(PersonOf(1), 3, "1310000019", "unlinked");
  EXPECT_EQ(ConsentsOfOthers(), 0);
  Agree(PersonOf(1), 4, "1310000019", "s2");
  EXPECT_EQ(ConsentsOfOthers(), 1);
}

TEST_F(PersonRepairTest, ConsentsGoWithTheirCardAndWhatNobodyCanBeSaidToHaveGivenEnds) {
  Live(1);
  LinkCard(1, "theirs");
  const PersonId one = PersonOf(1);
  const PersonId two{auth::RandomArray<16>()};
  Agree(one, 1, "F", "s1");
  Agree(one, 2, "F", "theirs");
  Agree(one, 3, "G", "");
  Agree(one, 4, "H", "", absl::ZeroDuration());
  Revoke(one, 5, "F");
  ASSERT_TRUE(Split(one, two, {.named = {{kCard, std::string(32, 'i'), "theirs"}}}).ok());
  const auto rows = [&](const std::string& sql) {
    std::string told;
    for (const auto& row : database_.Exec(sql)) told += std::string(row[0].c_str()) + " ";
    return told;
  };
  const auto of = [](const PersonId& person) {
    return " WHERE person_id = '" + UuidText(person) + "'";
  };
  EXPECT_EQ(rows("SELECT number FROM kakunin.consent_act" + of(one) + " ORDER BY 1"), "1 3 4 ");
  EXPECT_EQ(rows("SELECT number FROM kakunin.consent_act" + of(two)), "2 ");
  // The revocation stands with both, the oral consent has ended, and batches of records read again.
  const std::string ends =
      "SELECT facility_code || kinds || '/' || reason FROM kakunin.consent_end";
  EXPECT_EQ(rows(ends + of(one) + " ORDER BY facility_code"), "0/3 F63/2 G63/3 ");
  EXPECT_EQ(rows(ends + of(two) + " ORDER BY facility_code"), "0/3 F63/2 ");
}

TEST_F(PersonRepairTest, WhoeverIsInAnotherCaseStaysInItWhoeverItTurnsOutToBe) {
  Live(1);
  Live(2);
  const PersonId one = PersonOf(1);
  const PersonId two = PersonOf(2);
  const std::string open = UuidText(CaseId{{1}});
  const std::string ended = UuidText(CaseId{{2}});
  database_.Exec(
      fmt::format("INSERT INTO kakunin.identity_case_person VALUES ('{0}', '{1}', NULL),"
                  " ('{0}', '{2}', now())",
                  UuidText(two), open, ended));
  Merge(one, two);
  EXPECT_EQ(Text("SELECT string_agg(case_id::text, ' ') FROM kakunin.identity_case_person"
                 " WHERE person_id = '" +
                 UuidText(one) + "' AND ended_at IS NULL"),
            Text("SELECT '" + open + "'::uuid::text"));
}

TEST_F(PersonRepairTest, AProtectedPatientStaysProtectedWhoeverItIs) {
  Live(1);
  Live(2);
  const PersonId one = PersonOf(1);
  const PersonId two = PersonOf(2);
  ProtectPerson(database_, UuidText(two), true, false);
  ProtectPerson(database_, UuidText(one), false, true);
  Merge(one, two);
  EXPECT_EQ(Text("SELECT hide_address AND hide_facility_names FROM kakunin.person_protection"
                 " WHERE person_id = '" +
                 UuidText(one) + "'"),
            "t");
  const PersonId three{auth::RandomArray<16>()};
  ASSERT_TRUE(Split(one, three, {.named = {{kCard, std::string(32, 'i'), "s2"}}}).ok());
  EXPECT_EQ(Text("SELECT hide_address AND hide_facility_names FROM kakunin.person_protection"
                 " WHERE person_id = '" +
                 UuidText(three) + "'"),
            "t");
}

TEST_F(PersonRepairTest, FacilitiesThatWereShownTheOthersDataAreNoted) {
  Live(1);
  const PersonId one = PersonOf(1);
  const auto ask = [&](int number, const char* facility, absl::Time at) {
    database_.Exec(
        fmt::format("INSERT INTO kakunin.confirmation VALUES ('{}', '{}', '{}', {}, '{}', "
                    "'2026-04-01', 1, '{}')",
                    UuidText(one), InstantText(at), UuidText(StreamId{{6}}), number, facility,
                    UuidText(StreamId{{7}})));
  };
  const auto look = [&](int number, const char* facility, absl::Time at, const char* reason) {
    database_.Exec(fmt::format(
        "INSERT INTO kakunin.record_access VALUES ('{}', '{}', '{}', {}, '{}', 'u', 50, '{}')",
        UuidText(one), InstantText(at), UuidText(StreamId{{6}}), number, facility, reason));
  };
  ask(1, "EARLY", Now());  // before the other coverage was known
  look(2, "EARLY", Now(), "");
  StagedCoverage other = SampleRow(kInsurerA, "R2", 1);
  other.record.name.kana = "ミホン　ハナコ";
  a_.Deliver(++hour_, {other});
  receipts_.Deliver(++hour_, std::vector{ReceiptRow(1, "C2")});
  ask(3, "DESK", Now());
  ask(4, "DESK", Now() + absl::Minutes(1));
  look(5, "ROOM", Now(), "");
  look(6, "REFUSED", Now(), "NO_CONSENT");
  ask(7, "HOME", Now());  // the patient, who showed the facility nothing
  look(8, "HOME", Now(), "");
  for (const char* table : {"confirmation", "record_access"}) {
    database_.Exec(
        fmt::format("UPDATE kakunin.{} SET own_act = true WHERE facility_code = 'HOME'", table));
  }
  const auto done = Split(one, PersonId{auth::RandomArray<16>()},
                          {.named = {{kCoverage, kInsurerA, "R2"}, {kReceipt, kReviewer, "C2"}}});
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_EQ(done->exposures, 2);
  EXPECT_EQ(Text("SELECT string_agg(facility_code || what || '/' || calls, ' ' ORDER BY what)"
                 " FROM kakunin.repair_exposure"),
            "DESK1/2 ROOM2/1");
}

TEST_F(PersonRepairTest, ARepairComesAfterEverythingAndFeedsAfterARepairWhateverTheClocksSay) {
  Live(1);
  Live(2);
  const int64_t now = hour_;
  hour_ = 0;
  Merge(PersonOf(1), PersonOf(2));
  EXPECT_EQ(Text("SELECT bool_and(known_to > known_from) FROM kakunin.coverage"
                 " WHERE known_to IS NOT NULL"),
            "t");
  StagedCoverage changed = SampleRow(kInsurerA, "R2", 2, RowAction::kChanged);
  changed.record.address = "大阪府";
  const auto published =
      a_.Publish(a_.Stage(now + 1, std::vector{changed}), FeedDriver::InstantOf(0));
  ASSERT_TRUE(published.ok()) << published.status();
  EXPECT_EQ(published->counts.changed_rows, 1);
  ExpectCopiesAreTheTruth("backward clocks");
}

TEST_F(PersonRepairTest, ARepairWaitsForFeedsUnderWayAndFeedsForIt) {
  Live(1);
  Live(2);
  const FeedId id = a_.Stage(++hour_, std::vector{SampleRow(kInsurerA, "R5", 2)});
  const PersonId one = PersonOf(1);
  const PersonId two = PersonOf(2);
  std::thread feed;
  const PersonRepair repair = RepairOf(RepairKind::kMerge, one, two);
  Must(operators_->Write(Soon(), [&](Transaction& tx) -> absl::Status {
    if (auto kept = store_.Propose(tx, repair); !kept.ok()) return kept;
    const PersonId persons[] = {one, two};
    if (auto locked = store_.Hold(tx, persons); !locked.ok()) return locked;
    feed = std::thread([&] { EXPECT_TRUE(a_.Publish(id, Now()).ok()); });
    AwaitBlocked(database_, 1);
    const auto held = store_.Held(tx, two, Now());
    return store_.Apply(tx, repair, PlanMerge(*held), Now(), build_).status();
  }));
  feed.join();
  // What the feed said of the number is the one person's: nothing was left with the other.
  EXPECT_EQ(PersonOf(kInsurerA, "R5"), one);
  EXPECT_EQ(Names(two), std::set<std::string>{});
  ExpectCopiesAreTheTruth("a feed that waited");
}

}  // namespace
}  // namespace kakunin
