#include "storage/postgres/person_repair_apply.h"

#include <fmt/format.h>

#include <array>
#include <pqxx/result>
#include <set>

#include "storage/postgres/answer_rows.h"
#include "storage/postgres/array_parameters.h"
#include "storage/postgres/coverage_row.h"
#include "storage/postgres/feed_publish.h"
#include "storage/postgres/month_records.h"
#include "storage/postgres/record_row.h"
#include "storage/postgres/text_value.h"

namespace kakunin {
namespace {

using enum HeldKind;

// The statements go from the repair's own moves to the rows that they name, each by its key: few
// moves point into large tables. {repair}, {from}, {to} and {at} are the repair's own values.

constexpr char kInstant[] = R"(
SELECT greatest({at},
  (SELECT last_at FROM kakunin.person_repair_progress) + interval '1 microsecond',
  (SELECT max(c.known_from) + interval '1 microsecond' FROM kakunin.person_repair_move m
   JOIN kakunin.coverage c ON c.person_id = m.from_person AND c.insurer_number = m.party
     AND c.coverage_reference = m.reference AND c.known_to IS NULL
   WHERE m.repair_id = {repair} AND m.kind = 2),
  (SELECT max(c.known_from) + interval '1 microsecond' FROM kakunin.person_repair_move m
   JOIN kakunin.receipt c ON c.person_id = m.from_person AND c.month = m.month
     AND c.pushed_by = m.party AND c.reference = m.reference AND c.known_to IS NULL
   WHERE m.repair_id = {repair} AND m.kind = 6),
  (SELECT max(c.known_from) + interval '1 microsecond' FROM kakunin.person_repair_move m
   JOIN kakunin.health_check c ON c.person_id = m.from_person AND c.month = m.month
     AND c.pushed_by = m.party AND c.reference = m.reference AND c.known_to IS NULL
   WHERE m.repair_id = {repair} AND m.kind = 7)))";

// A person whom a split makes; its answer row follows with the others.
constexpr char kMakePerson[] =
    "INSERT INTO kakunin.person (person_id, created_at) VALUES ({to}, {at})"
    " ON CONFLICT (person_id) DO NOTHING";

// {truth}, {kind}, {of}: which row of the truth `m` names; {content}, {known}, {more}: its columns.
constexpr char kClose[] =
    "UPDATE kakunin.{truth} c SET known_to = {at} FROM kakunin.person_repair_move m"
    " WHERE m.repair_id = {repair} AND m.kind = {kind} AND c.person_id = m.from_person AND {of}"
    " AND c.known_to IS NULL";
constexpr char kOpen[] =
    "INSERT INTO kakunin.{truth} (person_id, {content}{more}, feed_id, known_from)"
    " SELECT m.to_person, {known}{more}, c.feed_id, {at}"
    " FROM kakunin.person_repair_move m JOIN kakunin.{truth} c ON c.person_id = m.from_person"
    " AND {of} AND c.known_to = {at}"
    " WHERE m.repair_id = {repair} AND m.kind = {kind}";
constexpr char kLead[] =
    "UPDATE kakunin.{truth}_by_reference b SET person_id = m.to_person"
    " FROM kakunin.person_repair_move m WHERE m.repair_id = {repair} AND m.kind = {kind}"
    " AND b.{party} = m.party AND b.{reference} = m.reference";

constexpr char kNoteReferences[] =
    "INSERT INTO kakunin.repaired_reference (party, kind, reference, moved_at, from_person,"
    " to_person) SELECT party, kind, reference, {at}, from_person, to_person"
    " FROM kakunin.person_repair_move WHERE repair_id = {repair} AND kind IN (2, 6, 7)";

// Of both persons, moved or not: whatever a row tells of them is compared again.
constexpr char kForgetHashes[] =
    "UPDATE kakunin.coverage_by_reference b SET row_hash = NULL FROM"
    " (SELECT DISTINCT insurer_number, coverage_reference FROM kakunin.coverage"
    "  WHERE person_id IN ({from}, {to})) c"
    " WHERE b.insurer_number = c.insurer_number AND b.coverage_reference = c.coverage_reference"
    " AND b.row_hash IS NOT NULL";

constexpr char kInsertLookups[] =
    "INSERT INTO kakunin.insured_lookup (key_hash, person_id)"
    " SELECT DISTINCT k, c.person_id FROM kakunin.coverage c"
    " CROSS JOIN LATERAL (VALUES (c.key_without_branch), (c.key_with_branch)) v (k)"
    " WHERE c.person_id IN ({from}, {to}) AND c.known_to IS NULL AND c.visible"
    " ON CONFLICT (key_hash, person_id) DO NOTHING";
constexpr char kDeleteLookups[] =
    "DELETE FROM kakunin.insured_lookup l USING"
    " (SELECT DISTINCT k, c.person_id FROM kakunin.coverage c"
    "  CROSS JOIN LATERAL (VALUES (c.key_without_branch), (c.key_with_branch)) v (k)"
    "  WHERE c.person_id IN ({from}, {to})) gone"
    " WHERE l.key_hash = gone.k AND l.person_id = gone.person_id AND NOT EXISTS"
    " (SELECT FROM kakunin.coverage c WHERE c.person_id = gone.person_id AND c.known_to IS NULL"
    "  AND c.visible AND gone.k IN (c.key_without_branch, c.key_with_branch))";

constexpr char kMoveNumbers[] =
    "UPDATE kakunin.person_number n SET person_id = m.to_person FROM kakunin.person_repair_move m"
    " WHERE m.repair_id = {repair} AND m.kind = 1 AND m.effect = 1"
    " AND n.number_hash = m.number_hash";
constexpr char kAddNumbers[] =
    "INSERT INTO kakunin.person_number (number_hash, key_id, person_id, known_from)"
    " SELECT number_hash, number_key_id, to_person, {at}"
    " FROM kakunin.person_repair_move WHERE repair_id = {repair} AND kind = 1 AND effect = 4";
constexpr char kMoveCards[] =
    "UPDATE kakunin.card_link l SET person_id = m.to_person FROM kakunin.person_repair_move m"
    " WHERE m.repair_id = {repair} AND m.kind = 3 AND l.issuer_key_id = m.issuer_key_id"
    " AND l.serial = m.serial";
constexpr char kMoveConsents[] =
    "UPDATE kakunin.consent_act a SET person_id = m.to_person FROM kakunin.person_repair_move m"
    " WHERE m.repair_id = {repair} AND m.kind = 4 AND m.effect = 1 AND a.person_id = m.from_person"
    " AND a.begin_at = m.at AND a.stream = m.stream AND a.number = m.number";
// An end that a merge had brought may be there already.
constexpr char kCopyEnds[] =
    "INSERT INTO kakunin.consent_end (person_id, at, stream, number, facility_code, form_of_care,"
    " appointment_day, kinds, reason, request_id, request_digest)"
    " SELECT m.to_person, e.at, e.stream, e.number, e.facility_code, e.form_of_care,"
    "  e.appointment_day, e.kinds, e.reason, e.request_id, e.request_digest"
    " FROM kakunin.person_repair_move m JOIN kakunin.consent_end e ON e.person_id = m.from_person"
    "  AND e.at = m.at AND e.stream = m.stream AND e.number = m.number"
    " WHERE m.repair_id = {repair} AND m.kind = 5"
    " ON CONFLICT (person_id, at, stream, number) DO NOTHING";
// The other person may have the same number of the same facility already.
constexpr char kMoveReferenceNumbers[] =
    "INSERT INTO kakunin.reference_number (person_id, facility_code, number, created_at, stream,"
    " audit_number) SELECT m.to_person, n.facility_code, n.number, n.created_at, n.stream,"
    "  n.audit_number"
    " FROM kakunin.person_repair_move m JOIN kakunin.reference_number n"
    "  ON n.person_id = m.from_person AND n.facility_code = m.party AND n.number = m.reference"
    " WHERE m.repair_id = {repair} AND m.kind = 8 AND m.effect = 1"
    " ON CONFLICT (person_id, facility_code, number) DO NOTHING";
constexpr char kDropReferenceNumbers[] =
    "DELETE FROM kakunin.reference_number n USING kakunin.person_repair_move m"
    " WHERE m.repair_id = {repair} AND m.kind = 8 AND n.person_id = m.from_person"
    " AND n.facility_code = m.party AND n.number = m.reference";
// No other code of OQSCD031 says it better than change of use (3). An end of ours stands under the
// repair's id and the ordinal of its move.
constexpr char kEndConsents[] =
    "INSERT INTO kakunin.consent_end (person_id, at, stream, number, facility_code, form_of_care,"
    " appointment_day, kinds, reason)"
    " SELECT from_person, {at}, repair_id, ordinal, facility_code, form_of_care,"
    "  appointment_day, kinds, 3"
    " FROM kakunin.person_repair_move WHERE repair_id = {repair} AND kind = 4 AND effect = 3";
// Ends that end nothing. A batch of records that read before has counted fewer, and reads again
// (hold_consents): so no answer leaves after the repair that was decided before it.
constexpr char kTurnBatchesBack[] =
    "INSERT INTO kakunin.consent_end (person_id, at, stream, number, facility_code, form_of_care,"
    " kinds, reason) SELECT p, {at}, {repair}, 0, '', 1, 0, 3"
    " FROM unnest(ARRAY[{from}, {to}]) AS p";

// Whoever is found to be, or to have been taken for, a protected patient stays protected until an
// operator says otherwise.
constexpr char kProtectBoth[] =
    "WITH g AS (UPDATE kakunin.protection_generation SET generation = generation + 1"
    "  WHERE EXISTS (SELECT FROM kakunin.person_protection WHERE person_id = {from})"
    "  RETURNING generation)"
    "INSERT INTO kakunin.person_protection AS held"
    " (person_id, hide_address, hide_facility_names, changed_at, generation)"
    " SELECT {to}, p.hide_address, p.hide_facility_names, {at}, g.generation"
    " FROM kakunin.person_protection p, g WHERE p.person_id = {from}"
    " ON CONFLICT (person_id) DO UPDATE"
    " SET hide_address = held.hide_address OR excluded.hide_address,"
    "  hide_facility_names = held.hide_facility_names OR excluded.hide_facility_names,"
    "  changed_at = excluded.changed_at, generation = excluded.generation";

// Whoever is withheld for another case stays so, whoever it turns out to be. The number of persons
// in cases is counted when the repair's own case ends.
constexpr char kFollowCases[] =
    "INSERT INTO kakunin.identity_case_person (person_id, case_id)"
    " SELECT {to}, case_id FROM kakunin.identity_case_person"
    " WHERE person_id = {from} AND ended_at IS NULL ON CONFLICT (person_id, case_id) DO NOTHING";

constexpr char kProgress[] =
    "UPDATE kakunin.person_repair_progress SET applied = applied + 1, last_at = {at}";

// The timed jobs look through it for notices (NoticeKind::kPersonRepaired).
constexpr char kLeaveNoticeWork[] =
    "INSERT INTO kakunin.notice_work (work_id, kind, source, changed_at)"
    " VALUES (gen_random_uuid(), 3, {repair}, {at})";

constexpr char kReadMoves[] =
    "SELECT kind, effect, party, reference, month, number_hash, issuer_key_id, serial, at,"
    " stream::text, number, facility_code, form_of_care, appointment_day, kinds"
    " FROM kakunin.person_repair_move WHERE repair_id = $1::uuid ORDER BY ordinal";

std::string Replaced(std::string text, std::string_view word, std::string_view by) {
  for (size_t at = 0; (at = text.find(word, at)) != std::string::npos; at += by.size()) {
    text.replace(at, word.size(), by);
  }
  return text;
}

// TruthTable is one of the three tables of the truth.
struct TruthTable {
  const char* name;
  HeldKind kind;
  const char* party;
  const char* reference;
  const char* content;
  const char* month;  // and the month
  const char* more;

  std::string Of(std::string_view sql) const {
    const std::string row =
        fmt::format("c.{} = m.party AND c.{} = m.reference{}", party, reference, month);
    const std::pair<std::string_view, std::string> words[] = {
        {"{truth}", name},
        {"{kind}", std::to_string(static_cast<int>(kind))},
        {"{of}", row},
        {"{party}", party},
        {"{reference}", reference},
        {"{content}", content},
        {"{known}", ColumnsOf(content, "c")},
        {"{more}", more}};
    std::string text(sql);
    for (const auto& [word, by] : words) text = Replaced(std::move(text), word, by);
    return text;
  }
};

constexpr TruthTable kTruths[] = {
    {"coverage", kCoverage, "insurer_number", "coverage_reference", kCoverageColumns, "",
     kCarriedColumns},
    {"receipt", kReceipt, "pushed_by", "reference", kReceiptColumns, " AND c.month = m.month", ""},
    {"health_check", kHealthCheck, "pushed_by", "reference", kHealthCheckColumns,
     " AND c.month = m.month", ""}};

bool IsRecord(HeldKind kind) { return kind == kReceipt || kind == kHealthCheck; }
bool IsOfParty(HeldKind kind) {
  return kind == kCoverage || IsRecord(kind) || kind == kReferenceNumber;
}
bool IsOfConsent(HeldKind kind) { return kind == kConsent || kind == kConsentEnd; }

// Adds `text` where the kind of row has the column.
void AddWhere(bool there, BinaryArray& array, std::string_view text) {
  if (there) {
    array.Octets(text);
  } else {
    array.Null();
  }
}

// MoveArrays are the moves as one array a column of person_repair_move, from `kind` on.
class MoveArrays {
 public:
  explicit MoveArrays(size_t count) {
    for (size_t i = 0; i < arrays_.size(); ++i) arrays_[i].Begin(kTypes[i], count);
  }

  void Add(const RowMove& move, const PersonId& from, const PersonId& to,
           std::string_view number_key_id) {
    const HeldRow& row = move.row;
    const HeldKind kind = row.key.kind;
    arrays_[0].Int2(static_cast<int>(kind));
    arrays_[1].Int2(static_cast<int>(move.effect));
    arrays_[2].Uuid(from);
    arrays_[3].Uuid(move.effect == MoveEffect::kEnd ? from : to);
    AddWhere(IsOfParty(kind), arrays_[4], row.key.owner);
    AddWhere(IsOfParty(kind), arrays_[5], row.key.name);
    arrays_[6].Day(IsRecord(kind) ? std::optional(absl::CivilDay(row.month)) : std::nullopt);
    AddWhere(kind == kNumber, arrays_[7], row.key.owner);
    AddWhere(kind == kNumber && move.effect == MoveEffect::kAdd, arrays_[8], number_key_id);
    AddWhere(kind == kCard, arrays_[9], row.key.owner);
    AddWhere(kind == kCard, arrays_[10], row.key.name);
    if (IsOfConsent(kind) || kind == kReferenceNumber) {
      arrays_[11].Instant(row.at);
    } else {
      arrays_[11].Null();
    }
    AddConsent(row, IsOfConsent(kind));
  }

  void Exec(pqxx::transaction_base& work, const std::string& repair_id) const {
    static const std::string sql = fmt::format(
        "INSERT INTO kakunin.person_repair_move (repair_id, ordinal, kind, effect, from_person,"
        " to_person, party, reference, month, number_hash, number_key_id, issuer_key_id, serial,"
        " at, stream, number, facility_code, form_of_care, appointment_day, kinds)"
        " SELECT @repair, r.o, r.kind, r.effect, r.from_person, r.to_person, r.party,"
        "  r.reference, r.month, r.number_hash, r.number_key_id, r.issuer_key_id, r.serial, r.at,"
        "  r.stream, r.number, r.facility_code, r.form_of_care, r.appointment_day, r.kinds"
        " FROM unnest({}) WITH ORDINALITY AS r (kind, effect, from_person, to_person, party,"
        "  reference, month, number_hash, number_key_id, issuer_key_id, serial, at, stream, number,"
        "  facility_code, form_of_care, appointment_day, kinds, o)",
        UnnestParameters(kTypes, 1));
    ArrayParameters parameters;
    parameters.Add(arrays_);
    parameters.Exec(work, Replaced(sql, "@repair", work.quote(repair_id) + "::uuid"));
  }

 private:
  static constexpr ElementType kTypes[] = {
      ElementType::kInt2, ElementType::kInt2,   ElementType::kUuid,   ElementType::kUuid,
      ElementType::kText, ElementType::kText,   ElementType::kDay,    ElementType::kOctets,
      ElementType::kText, ElementType::kOctets, ElementType::kOctets, ElementType::kInstant,
      ElementType::kUuid, ElementType::kInt8,   ElementType::kText,   ElementType::kInt2,
      ElementType::kDay,  ElementType::kInt2};

  void AddConsent(const HeldRow& row, bool is_consent) {
    if (!is_consent) {
      for (size_t i = 12; i < arrays_.size(); ++i) arrays_[i].Null();
      return;
    }
    arrays_[12].Uuid(row.audit_id.stream);
    arrays_[13].Int8(row.audit_id.number);
    arrays_[14].Octets(row.facility_code);
    arrays_[15].Int2(static_cast<int>(row.form_of_care));
    arrays_[16].Day(row.appointment_day);
    arrays_[17].Int2(row.kinds);
  }

  std::array<BinaryArray, std::size(kTypes)> arrays_;
};

// RepairApply is one repair being applied.
class RepairApply {
 public:
  RepairApply(pqxx::transaction_base& work, const PersonRepair& repair,
              std::span<const RowMove> moves, const CopyBuilders& build)
      : work_(work),
        repair_(repair),
        moves_(moves),
        build_(build),
        from_(repair.kind == RepairKind::kSplit ? repair.person : *repair.other),
        to_(repair.kind == RepairKind::kSplit ? *repair.other : repair.person) {}

  absl::StatusOr<RepairDone> Run(absl::Time at) {
    KeepMoves();
    at_ = InstantText(at);
    at_ = Exec(kInstant).front()[0].c_str();
    Exec(kMakePerson);
    for (const TruthTable& truth : kTruths) {
      for (const char* sql : {kClose, kOpen, kLead}) Exec(truth.Of(sql));
    }
    for (const char* sql : {kNoteReferences, kMoveNumbers, kAddNumbers, kMoveCards, kMoveConsents,
                            kMoveReferenceNumbers, kDropReferenceNumbers, kCopyEnds, kEndConsents,
                            kTurnBatchesBack, kProtectBoth, kFollowCases, kForgetHashes,
                            kInsertLookups, kDeleteLookups, kLeaveNoticeWork}) {
      Exec(sql);
    }
    if (absl::Status status = WriteCopies(); !status.ok()) return status;
    Exec(kProgress);
    RepairDone done{.at = InstantFromText(at_)};
    if (repair_.kind == RepairKind::kSplit) {
      done.exposures = Exec("SELECT kakunin.note_repair_exposures({repair})")[0][0].as<int64_t>();
    }
    return done;
  }

 private:
  pqxx::result Exec(std::string sql) {
    for (const auto& [word, value] : {std::pair{"{repair}", UuidText(repair_.id)},
                                      {"{from}", UuidText(from_)},
                                      {"{to}", UuidText(to_)}}) {
      sql = Replaced(std::move(sql), word, work_.quote(value) + "::uuid");
    }
    return work_.exec(Replaced(std::move(sql), "{at}", work_.quote(at_) + "::timestamptz"));
  }

  void KeepMoves() {
    MoveArrays arrays(moves_.size());
    for (const RowMove& move : moves_) {
      std::string key_id;
      for (const NamedRow& named : repair_.named) {
        if (named.key == move.row.key) key_id = named.number_key_id;
      }
      arrays.Add(move, from_, to_, key_id);
    }
    arrays.Exec(work_, UuidText(repair_.id));
  }

  absl::Status WriteCopies() {
    const PersonId persons[] = {std::min(from_, to_), std::max(from_, to_)};
    absl::Status status = WriteAnswers(work_, persons, build_.answer);
    if (status.ok()) {
      status = WriteReceiptMonths(work_, MonthsOf(kReceipt), build_.receipt_month,
                                  /*may_shrink=*/true);
    }
    if (status.ok()) {
      status = WriteHealthCheckMonths(work_, MonthsOf(kHealthCheck), build_.health_check_month,
                                      /*may_shrink=*/true);
    }
    return status;
  }

  std::vector<PersonMonth> MonthsOf(HeldKind kind) const {
    std::set<PersonMonth> months;
    for (const RowMove& move : moves_) {
      if (move.row.key.kind != kind) continue;
      months.insert({from_, move.row.month});
      months.insert({to_, move.row.month});
    }
    return {months.begin(), months.end()};
  }

  pqxx::transaction_base& work_;
  const PersonRepair& repair_;
  const std::span<const RowMove> moves_;
  const CopyBuilders& build_;
  const PersonId from_;
  const PersonId to_;
  std::string at_;
};

}  // namespace

absl::StatusOr<RepairDone> ApplyMoves(pqxx::transaction_base& work, const PersonRepair& repair,
                                      std::span<const RowMove> moves, absl::Time at,
                                      const CopyBuilders& build) {
  return RepairApply(work, repair, moves, build).Run(at);
}

std::vector<RowMove> ReadMoves(pqxx::transaction_base& work, const RepairId& id) {
  std::vector<RowMove> moves;
  for (const auto& row : work.exec_params(kReadMoves, UuidText(id))) {
    RowMove move{.effect = static_cast<MoveEffect>(row[1].as<int>())};
    HeldRow& held = move.row;
    held.key.kind = static_cast<HeldKind>(row[0].as<int>());
    if (IsOfParty(held.key.kind)) {
      held.key.owner = row[2].c_str();
      held.key.name = row[3].c_str();
    } else if (held.key.kind == kNumber) {
      held.key.owner = ByteaFromText(row[5].c_str());
    } else if (held.key.kind == kCard) {
      held.key.owner = ByteaFromText(row[6].c_str());
      held.key.name = ByteaFromText(row[7].c_str());
    } else {
      held.audit_id = {UuidFromText<StreamId>(row[9].c_str()), row[10].as<int64_t>()};
      held.key = ConsentKey(held.key.kind, held.audit_id);
      held.facility_code = row[11].c_str();
      held.form_of_care = static_cast<FormOfCare>(row[12].as<int>());
      if (!row[13].is_null()) held.appointment_day = DayFromText(row[13].c_str());
      held.kinds = row[14].as<int>();
    }
    if (!row[8].is_null()) held.at = InstantFromText(row[8].c_str());
    if (!row[4].is_null()) held.month = absl::CivilMonth(DayFromText(row[4].c_str()));
    moves.push_back(std::move(move));
  }
  return moves;
}

}  // namespace kakunin
