#pragma once

#include <fmt/format.h>

#include <functional>
#include <set>

#include "auth/digest.h"
#include "server/rpc/record_octets.h"
#include "storage/postgres/answer_rows.h"
#include "storage/postgres/card_link_store.h"
#include "storage/postgres/consent_persons.h"
#include "storage/postgres/coverage_history_store.h"
#include "storage/postgres/month_records.h"
#include "storage/postgres/number_store.h"
#include "storage/postgres/person_repair_store.h"
#include "storage/postgres/text_value.h"
#include "tests/postgres/feed_driver.h"

namespace kakunin {

inline constexpr char kReviewer[] = "113";
inline constexpr absl::CivilMonth kMonth(2026, 4);

// PersonRepairTest has persons with everything that can hang on one, and applies planned repairs as
// the operators' port does.
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
                               row.key.kind == HeldKind::kNumber
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

  // The consents that are kept under another person than their card's.
  int64_t ConsentsOfOthers() {
    int64_t found = -1;
    Must(database_.Open("kakunin_migrate")->Read(Soon(), [&](Transaction& tx) -> absl::Status {
      const auto counted = CountConsentsOfOthers(tx);
      if (counted.ok()) found = *counted;
      return counted.status();
    }));
    return found;
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

}  // namespace kakunin
