// Two persons found to be one, and one found to be two: what hangs on them goes row by row, the
// copies are what the truth gives, and what was known before stays explainable.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "auth/digest.h"
#include "server/rpc/record_octets.h"
#include "storage/postgres/answer_rows.h"
#include "storage/postgres/card_link_store.h"
#include "storage/postgres/coverage_history_store.h"
#include "storage/postgres/month_records.h"
#include "storage/postgres/number_store.h"
#include "storage/postgres/person_repair_store.h"
#include "storage/postgres/text_value.h"
#include "tests/postgres/feed_driver.h"
#include "tests/support/test_seed.h"

namespace kakunin {
namespace {

using enum HeldKind;

constexpr char kReviewer[] = "113";
constexpr absl::CivilMonth kMonth(2026, 4);

class PersonRepairTest : public testing::Test {
 protected:
  static StagedReceipt ReceiptRow(int who, const std::string& reference,
                                  absl::CivilMonth month = kMonth) {
    Receipt receipt;
    receipt.reviewer_number = kReviewer;
    receipt.reference = reference;
    receipt.treatment_month = month;
    receipt.kind = ReceiptKind::kOutpatient;
    receipt.facility = {"1312345678", "見本診療所"};
    receipt.treatments.push_back({.code = "114001110", .name = "再診料"});
    return {.action = RowAction::kNew, .individual = SampleNumber(who), .record = receipt};
  }
  static StagedHealthCheck CheckRow(int who, const std::string& reference) {
    HealthCheck check;
    check.registrar_number = kInsurerA;
    check.reference = reference;
    check.examination_day = absl::CivilDay(2026, 4, 3);
    check.registrar_name = "見本組合";
    check.facility = {"1312345678", "見本診療所"};
    return {.action = RowAction::kNew, .individual = SampleNumber(who), .record = check};
  }

  // One person under number `who`: a coverage at each of two insurers, a card, a receipt and a
  // check-up; an hour later each.
  void Live(int who, const std::string& kana = "カクニン　タロウ") {
    StagedCoverage first = SampleRow(kInsurerA, fmt::format("R{}", who), who);
    StagedCoverage second = SampleRow(kInsurerB, fmt::format("R{}", who), who);
    first.record.name.kana = second.record.name.kana = kana;
    second.record.key_without_branch = SampleKey(1000 + 2 * who);
    second.record.key_with_branch = SampleKey(1001 + 2 * who);
    a_.Deliver(++hour_, {first});
    b_.Deliver(++hour_, {second});
    receipts_.Deliver(++hour_, std::vector{ReceiptRow(who, fmt::format("C{}", who))});
    checks_.Deliver(++hour_, std::vector{CheckRow(who, fmt::format("E{}", who))});
    LinkCard(who, fmt::format("s{}", who));
  }

  void LinkCard(int who, const std::string& serial) {
    PostgresCardLinkStore links;
    const CardLinkRow link{.issuer_key_id = std::string(32, 'i'),
                           .serial = serial,
                           .medium = 1,
                           .individual = SampleNumber(who)};
    Must(operators_->Write(Soon(), [&](Transaction& tx) {
      return links.Put(tx, std::span(&link, 1), Now()).status();
    }));
  }

  // An agreement to everything, by a card or orally; `number` names its audit row.
  void Agree(const PersonId& person, int number, const std::string& facility,
             const std::string& serial, absl::Duration length = absl::Hours(24 * 365)) {
    database_.Exec(fmt::format(
        "INSERT INTO kakunin.consent_act VALUES ('{}', '{}', '{}', {}, '{}', 1, NULL, 63, 0, {},"
        " '{}', {}, {}, 1, '{}')",
        UuidText(person), InstantText(Now()), UuidText(StreamId{{5}}), number, facility,
        serial.empty() ? 2 : 1, InstantText(Now() + length),
        serial.empty() ? "NULL" : "'\\x" + HexText(std::string(32, 'i')) + "'",
        serial.empty() ? "NULL" : "'\\x" + HexText(serial) + "'",
        InstantText(Now() + absl::Hours(9000))));
  }
  void Revoke(const PersonId& person, int number, const std::string& facility) {
    database_.Exec(fmt::format(
        "INSERT INTO kakunin.consent_end VALUES ('{}', '{}', '{}', {}, '{}', 1, NULL, 63, 2)",
        UuidText(person), InstantText(Now()), UuidText(StreamId{{5}}), number, facility));
  }

  absl::Time Now() const { return FeedDriver::InstantOf(hour_); }

  PersonId PersonOf(int who) {
    PersonId person{};
    Must(operators_->Read(Soon(), [&](Transaction& tx) -> absl::Status {
      const auto found = store_.PersonOf(tx, SampleNumber(who).hash);
      if (found.ok() && *found) person = **found;
      return found.status();
    }));
    return person;
  }
  PersonId PersonOf(const char* insurer, const std::string& reference) {
    PersonId person{};
    Must(operators_->Read(Soon(), [&](Transaction& tx) -> absl::Status {
      const auto found = store_.PersonOf(tx, insurer, reference);
      if (found.ok() && *found) person = **found;
      return found.status();
    }));
    return person;
  }
  std::vector<HeldRow> Held(const PersonId& person) {
    std::vector<HeldRow> held;
    Must(operators_->Read(Soon(), [&](Transaction& tx) {
      const auto found = store_.Held(tx, person, Now());
      if (found.ok()) held = *found;
      return found.status();
    }));
    return held;
  }
  std::set<std::string> Names(const PersonId& person) {
    std::set<std::string> names;
    for (const HeldRow& row : Held(person)) {
      names.insert(fmt::format("{} {}", static_cast<int>(row.key.kind),
                               row.key.kind == kNumber
                                   ? std::to_string(static_cast<uint8_t>(row.key.owner[0]))
                                   : row.key.name));
    }
    return names;
  }

  PersonRepair RepairOf(RepairKind kind, const PersonId& person, const PersonId& other) {
    PersonRepair repair;
    repair.id = RepairId{auth::RandomArray<16>()};
    repair.kind = kind;
    repair.person = person;
    repair.other = other;
    repair.proposed = {.actor = "operator-1", .name = "係長", .at = Now()};
    return repair;
  }

  // Proposes and applies `repair` as the plan of `plan` over what its person holds says.
  absl::StatusOr<RepairDone> Apply(
      PersonRepair repair,
      const std::function<absl::StatusOr<std::vector<RowMove>>(std::span<const HeldRow>)>& plan) {
    absl::StatusOr<RepairDone> done;
    const absl::Status status = operators_->Write(Soon(), [&](Transaction& tx) -> absl::Status {
      if (auto kept = store_.Propose(tx, repair); !kept.ok()) return kept;
      const PersonId persons[] = {repair.person, *repair.other};
      if (auto locked = store_.Hold(tx, persons); !locked.ok()) return locked;
      const bool merge = repair.kind == RepairKind::kMerge;
      const auto held = store_.Held(tx, merge ? *repair.other : repair.person, Now());
      if (!held.ok()) return held.status();
      const auto moves = plan(*held);
      if (!moves.ok()) return moves.status();
      done = store_.Apply(tx, repair, *moves, Now(), CopiesOfThisFormat());
      if (!done.ok()) return done.status();
      repair.state = RepairState::kApplied;
      repair.decided = RepairName{.actor = "operator-2", .name = "課長", .at = done->at};
      return store_.Decide(tx, repair);
    });
    if (!status.ok()) return status;
    return done;
  }
  RepairId Merge(const PersonId& into, const PersonId& from) {
    const PersonRepair repair = RepairOf(RepairKind::kMerge, into, from);
    ++hour_;
    const auto done = Apply(repair, [](std::span<const HeldRow> held) { return PlanMerge(held); });
    EXPECT_TRUE(done.ok()) << done.status();
    return repair.id;
  }
  absl::StatusOr<RepairDone> Split(const PersonId& person, const PersonId& other,
                                   const SplitChoice& choice) {
    ++hour_;
    return Apply(RepairOf(RepairKind::kSplit, person, other),
                 [&](std::span<const HeldRow> held) { return PlanSplit(held, choice); });
  }
  std::vector<HeldKey> MovedBy(const RepairId& id) {
    std::vector<HeldKey> keys;
    Must(operators_->Read(Soon(), [&](Transaction& tx) {
      const auto moves = store_.Moves(tx, id);
      if (moves.ok()) {
        for (const RowMove& move : *moves) keys.push_back(move.row.key);
      }
      return moves.status();
    }));
    return keys;
  }

  // Everything that can be asked is what the truth gives, for every person there is.
  void ExpectCopiesAreTheTruth(const std::string& when) {
    SCOPED_TRACE(when);
    Must(database_.Open("kakunin_migrate")->Read(Soon(), [&](Transaction& tx) -> absl::Status {
      const auto answers = CompareAnswers(tx, CopiesOfThisFormat().answer);
      if (!answers.ok()) return answers.status();
      EXPECT_EQ(answers->answers_differ, 0);
      EXPECT_EQ(answers->lookups_missing, 0);
      EXPECT_EQ(answers->lookups_unfounded, 0);
      const auto months = CompareMonthRecords(tx, CopiesOfThisFormat());
      if (!months.ok()) return months.status();
      EXPECT_EQ(months->differ, 0);
      EXPECT_EQ(months->missing, 0);
      EXPECT_EQ(months->unfounded, 0);
      return absl::OkStatus();
    }));
    // Whose a row is, its reference says, too.
    for (const char* sql :
         {"SELECT count(*) FROM kakunin.coverage c JOIN kakunin.coverage_by_reference b"
          " USING (insurer_number, coverage_reference) WHERE known_to IS NULL"
          " AND b.person_id <> c.person_id",
          "SELECT count(*) FROM kakunin.receipt c JOIN kakunin.receipt_by_reference b"
          " USING (pushed_by, reference) WHERE known_to IS NULL"
          " AND (b.person_id <> c.person_id OR b.month <> c.month)",
          "SELECT count(*) FROM kakunin.health_check c JOIN kakunin.health_check_by_reference b"
          " USING (pushed_by, reference) WHERE known_to IS NULL AND b.person_id <> c.person_id"}) {
      EXPECT_EQ(Text(sql), "0") << sql;
    }
  }

  // What was known at an instant, by person: coverages and records.
  std::string KnownAt(absl::Time at) {
    const std::string known = fmt::format(
        "known_from <= '{0}' AND (known_to IS NULL OR known_to > '{0}')", InstantText(at));
    return Text(
        "SELECT coalesce(string_agg(told, ' ' ORDER BY told), '') FROM ("
        "SELECT person_id || insurer_number || coverage_reference || address AS told"
        " FROM kakunin.coverage WHERE " +
        known +
        " UNION ALL SELECT person_id || pushed_by || reference FROM kakunin.receipt WHERE " +
        known +
        " UNION ALL SELECT person_id || pushed_by || reference FROM kakunin.health_check"
        " WHERE " +
        known + ") t");
  }
  // Everything that a desk or a consulting room is answered from, whoever is asked about.
  std::string Served() {
    return Text(
        "SELECT string_agg(told, ' ' ORDER BY told) FROM ("
        "SELECT 'l' || key_hash || person_id AS told FROM kakunin.insured_lookup UNION ALL "
        "SELECT 'a' || person_id || encode(octets, 'hex') FROM kakunin.answer UNION ALL "
        "SELECT 'm' || person_id || kind || month || encode(octets, 'hex')"
        " FROM kakunin.month_record UNION ALL "
        "SELECT 'c' || encode(serial, 'hex') || person_id FROM kakunin.card_link UNION ALL "
        "SELECT 'n' || encode(number_hash, 'hex') || person_id FROM kakunin.person_number UNION "
        "ALL "
        "SELECT 'g' || person_id || stream || number FROM kakunin.consent_act) t");
  }

  std::string Text(const std::string& sql) { return database_.Exec(sql)[0][0].c_str(); }
  static void Must(const absl::Status& status) { EXPECT_TRUE(status.ok()) << status; }

  const TestDatabase database_;
  const CopyBuilders build_ = CopiesOfThisFormat();
  FeedDriver a_{database_, kInsurerA, FeedKind::kCoverages, build_};
  FeedDriver b_{database_, kInsurerB, FeedKind::kCoverages, build_};
  FeedDriver receipts_{database_, kReviewer, FeedKind::kReceipts, build_};
  FeedDriver checks_{database_, kInsurerA, FeedKind::kHealthChecks, build_};
  const std::unique_ptr<PostgresDatabase> operators_ = database_.Open("kakunin_operator");
  PostgresPersonRepairStore store_;
  int64_t hour_ = 0;
};

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
  database_.Exec("INSERT INTO kakunin.person_protection VALUES ('" + UuidText(two) +
                 "', true, false, now()), ('" + UuidText(one) + "', false, true, now())");
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

// Random repairs of a few persons, with feeds between them: whatever they come to, every copy is
// what the truth gives, and what was known at each step stays known as of then.
TEST_F(PersonRepairTest, WhateverIsMergedAndSplitTheCopiesStayEqualToTheTruth) {
  constexpr int kPersons = 6;
  std::mt19937_64 random(TestSeed());
  const auto draw = [&](int least, int most) {
    return std::uniform_int_distribution(least, most)(random);
  };
  for (int who = 1; who <= kPersons; ++who) {
    Live(who, who % 2 == 0 ? "ミホン　ハナコ" : "カクニン　タロウ");
    Agree(PersonOf(who), who, "F", fmt::format("s{}", who));
    if (who % 3 == 0) Agree(PersonOf(who), 100 + who, "G", "");
  }
  std::vector<RepairId> merges;
  std::vector<std::pair<absl::Time, std::string>> past;
  int splits = 0;
  for (int step = 0; step < 40 && !HasFailure(); ++step) {
    past.emplace_back(Now(), KnownAt(Now()));
    const PersonId one = PersonOf(draw(1, kPersons));
    const PersonId other = PersonOf(draw(1, kPersons));
    const int act = draw(0, 9);
    if (act < 4 && one != other) {
      merges.push_back(Merge(one, other));
    } else if (act < 8) {
      SplitChoice choice{.only_named = draw(0, 1) == 0};
      const auto held = Held(one);
      for (const HeldRow& row : held) {
        const bool nameable = row.key.kind != kConsent && row.key.kind != kConsentEnd;
        if (nameable && draw(0, 2) == 0) choice.named.push_back(row.key);
      }
      if (!merges.empty() && draw(0, 2) == 0) choice.merged = MovedBy(merges.back());
      const auto done = Split(
          one, one != other && draw(0, 1) == 0 ? other : PersonId{auth::RandomArray<16>()}, choice);
      splits += done.ok() ? 1 : 0;
    } else {
      const int who = draw(1, kPersons);
      const std::string reference = fmt::format("R{}", who);
      StagedCoverage row = SampleRow(kInsurerA, reference, who, RowAction::kChanged);
      row.record.address = fmt::format("{}丁目", step);
      row.record.key_with_branch = SampleKey(5000 + step);
      a_.Deliver(++hour_, {row});  // refused where a split has led the number elsewhere
    }
    ExpectCopiesAreTheTruth(fmt::format("{} step {}", SeedTrace(), step));
  }
  EXPECT_GT(merges.size(), 2u);
  EXPECT_GT(splits, 2);
  for (const auto& [at, known] : past) EXPECT_EQ(KnownAt(at), known);
  // No consent was lost, none is there twice, and each card's stands with whose card it is.
  EXPECT_EQ(Text("SELECT count(*) || '/' || count(DISTINCT number) FROM kakunin.consent_act"),
            "8/8");
  EXPECT_EQ(Text("SELECT count(*) FROM kakunin.consent_act a JOIN kakunin.card_link l"
                 " USING (issuer_key_id, serial) WHERE a.person_id <> l.person_id"),
            "0");
}

}  // namespace
}  // namespace kakunin
