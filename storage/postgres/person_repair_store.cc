#include "storage/postgres/person_repair_store.h"

#include <fmt/format.h>

#include <pqxx/result>

#include "storage/postgres/database.h"
#include "storage/postgres/person_repair_apply.h"
#include "storage/postgres/repair_lock.h"
#include "storage/postgres/statement_failure.h"
#include "storage/postgres/text_value.h"

namespace kakunin {
namespace {

using enum HeldKind;

// Whatever hangs on one person ($1), kind by kind. A reference leads to its person also when
// nothing is known under it now: it may come again. Kana are alike whatever their width and
// spacing.
constexpr char kHeld[] = R"(
SELECT 1 AS kind, number_hash AS octets, NULL::bytea AS serial, NULL::text AS party,
  NULL::text AS reference, NULL::date AS month, 0::bigint AS identity, NULL::timestamptz AS at,
  NULL::text AS stream, NULL::bigint AS number, NULL::text AS facility, NULL::smallint AS form,
  NULL::date AS booking, NULL::smallint AS kinds, NULL::timestamptz AS end_at
FROM kakunin.person_number WHERE person_id = $1::uuid
UNION ALL
SELECT 2, NULL, NULL, b.insurer_number, b.coverage_reference, NULL,
  CASE WHEN c.name_kana <> '' THEN dense_rank() OVER
    (ORDER BY c.birth_date, c.sex, replace(normalize(c.name_kana, NFKC), ' ', '')) ELSE 0 END,
  NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM (SELECT DISTINCT insurer_number, coverage_reference FROM kakunin.coverage
      WHERE person_id = $1::uuid) known
JOIN kakunin.coverage_by_reference b ON b.insurer_number = known.insurer_number
  AND b.coverage_reference = known.coverage_reference AND b.person_id = $1::uuid
LEFT JOIN kakunin.coverage c ON c.person_id = $1::uuid AND c.insurer_number = b.insurer_number
  AND c.coverage_reference = b.coverage_reference AND c.known_to IS NULL
UNION ALL
SELECT 3, issuer_key_id, serial, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM kakunin.card_link WHERE person_id = $1::uuid
UNION ALL
SELECT 4, issuer_key_id, serial, NULL, NULL, NULL, 0, begin_at, stream::text, number,
  facility_code, form_of_care, appointment_day, agreed, end_at
FROM kakunin.consent_act WHERE person_id = $1::uuid
UNION ALL
SELECT 5, NULL, NULL, NULL, NULL, NULL, 0, at, stream::text, number,
  facility_code, form_of_care, appointment_day, kinds, NULL
FROM kakunin.consent_end WHERE person_id = $1::uuid
  AND (kinds <> 0 OR form_of_care IN (2, 3) AND facility_code <> '')
UNION ALL
SELECT 6, NULL, NULL, b.pushed_by, b.reference, b.month, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM (SELECT DISTINCT pushed_by, reference FROM kakunin.receipt WHERE person_id = $1::uuid) known
JOIN kakunin.receipt_by_reference b ON b.pushed_by = known.pushed_by
  AND b.reference = known.reference AND b.person_id = $1::uuid
UNION ALL
SELECT 7, NULL, NULL, b.pushed_by, b.reference, b.month, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM (SELECT DISTINCT pushed_by, reference FROM kakunin.health_check WHERE person_id = $1::uuid) known
JOIN kakunin.health_check_by_reference b ON b.pushed_by = known.pushed_by
  AND b.reference = known.reference AND b.person_id = $1::uuid
UNION ALL
SELECT 8, NULL, NULL, facility_code, number, NULL, 0, created_at, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM kakunin.reference_number WHERE person_id = $1::uuid
ORDER BY kind, party, reference, octets, serial, at, stream, number)";

std::string TextOr(const pqxx::field& field, std::string (*read)(std::string_view)) {
  return field.is_null() ? std::string() : read(field.c_str());
}
std::string Itself(std::string_view text) { return std::string(text); }

HeldRow HeldFrom(const pqxx::row& row, absl::Time at) {
  HeldRow held;
  const auto kind = static_cast<HeldKind>(row[0].as<int>());
  const std::string octets = TextOr(row[1], &ByteaFromText);
  const std::string serial = TextOr(row[2], &ByteaFromText);
  if (kind == kConsent || kind == kConsentEnd) {
    held.at = InstantFromText(row[7].c_str());
    held.audit_id = {UuidFromText<StreamId>(row[8].c_str()), row[9].as<int64_t>()};
    held.key = ConsentKey(kind, held.audit_id);
    held.facility_code = row[10].c_str();
    held.form_of_care = static_cast<FormOfCare>(row[11].as<int>());
    if (!row[12].is_null()) held.appointment_day = DayFromText(row[12].c_str());
    held.kinds = row[13].as<int>();
    held.running = kind == kConsent && InstantFromText(row[14].c_str()) > at;
    held.issuer_key_id = octets;
    held.serial = serial;
    return held;
  }
  const bool of_party = kind != kNumber && kind != kCard;
  held.key = {kind, of_party ? TextOr(row[3], &Itself) : octets,
              of_party ? TextOr(row[4], &Itself) : serial};
  if (!row[5].is_null()) held.month = absl::CivilMonth(DayFromText(row[5].c_str()));
  held.identity = row[6].as<int>();
  if (!row[7].is_null()) held.at = InstantFromText(row[7].c_str());
  return held;
}

std::string UuidArrayText(std::span<const PersonId> persons) {
  std::vector<std::string> texts;
  texts.reserve(persons.size());
  for (const PersonId& person : persons) texts.push_back(UuidText(person));
  return TextArray(texts);
}

constexpr char kRepair[] =
    "SELECT repair_id::text, kind, state, person_id::text, other_id::text, undoes::text,"
    " only_named, number_from, number_to, number_key_id, replaced_on, case_id::text, proposed_at,"
    " proposed_by, proposed_name, decided_at, decided_by, decided_name FROM kakunin.person_repair";

template <class Id>
std::optional<Id> IdOr(const pqxx::field& field) {
  if (field.is_null()) return std::nullopt;
  return UuidFromText<Id>(field.c_str());
}

PersonRepair RepairFrom(const pqxx::row& row) {
  PersonRepair repair{.id = UuidFromText<RepairId>(row[0].c_str()),
                      .kind = static_cast<RepairKind>(row[1].as<int>()),
                      .state = static_cast<RepairState>(row[2].as<int>()),
                      .person = UuidFromText<PersonId>(row[3].c_str()),
                      .other = IdOr<PersonId>(row[4]),
                      .undoes = IdOr<RepairId>(row[5]),
                      .only_named = row[6].as<bool>(),
                      .case_id = IdOr<CaseId>(row[11]),
                      .proposed = {.actor = row[13].c_str(),
                                   .name = row[14].c_str(),
                                   .at = InstantFromText(row[12].c_str())}};
  if (!row[7].is_null()) {
    repair.number = NumberChange{.from = {DigestFromText<32>(row[7].c_str()), row[9].c_str()},
                                 .to = {DigestFromText<32>(row[8].c_str()), row[9].c_str()},
                                 .day = DayFromText(row[10].c_str())};
  }
  if (!row[15].is_null()) {
    repair.decided = RepairName{
        .actor = row[16].c_str(), .name = row[17].c_str(), .at = InstantFromText(row[15].c_str())};
  }
  return repair;
}

std::vector<NamedRow> NamedOf(pqxx::transaction_base& work, const std::string& repair_id) {
  std::vector<NamedRow> named;
  for (const auto& row : work.exec_params(
           "SELECT kind, coalesce(party, ''), coalesce(reference, ''), number_hash, number_key_id,"
           " issuer_key_id, serial FROM kakunin.person_repair_named WHERE repair_id = $1::uuid"
           " ORDER BY ordinal",
           repair_id)) {
    NamedRow one{.key = {static_cast<HeldKind>(row[0].as<int>()), row[1].c_str(), row[2].c_str()},
                 .number_key_id = TextOr(row[4], &Itself)};
    if (one.key.kind == kNumber) one.key.owner = ByteaFromText(row[3].c_str());
    if (one.key.kind == kCard) {
      one.key.owner = ByteaFromText(row[5].c_str());
      one.key.name = ByteaFromText(row[6].c_str());
    }
    named.push_back(std::move(one));
  }
  return named;
}

void PutNamed(pqxx::transaction_base& work, const PersonRepair& repair) {
  using Text = std::optional<std::string>;
  int ordinal = 0;
  for (const NamedRow& named : repair.named) {
    const HeldKey& key = named.key;
    const bool number = key.kind == kNumber;
    const bool card = key.kind == kCard;
    const Text none;
    work.exec_params(
        "INSERT INTO kakunin.person_repair_named (repair_id, ordinal, kind, party, reference,"
        " number_hash, number_key_id, issuer_key_id, serial) VALUES ($1::uuid, $2, $3, $4, $5,"
        " $6::bytea, $7, $8::bytea, $9::bytea)",
        UuidText(repair.id), ++ordinal, static_cast<int>(key.kind),
        number || card ? none : Text(key.owner), number || card ? none : Text(key.name),
        number ? Text(ByteaText(key.owner)) : none, number ? Text(named.number_key_id) : none,
        card ? Text(ByteaText(key.owner)) : none, card ? Text(ByteaText(key.name)) : none);
  }
}

absl::StatusOr<std::optional<PersonId>> OnePerson(const pqxx::result& rows) {
  if (rows.empty()) return std::nullopt;
  return UuidFromText<PersonId>(rows[0][0].c_str());
}

}  // namespace

absl::StatusOr<std::optional<PersonId>> PostgresPersonRepairStore::PersonOf(
    Transaction& tx, const Digest32& number_hash) {
  return RunStatements([&]() -> absl::StatusOr<std::optional<PersonId>> {
    return OnePerson(PostgresTransaction::Work(tx).exec_params(
        "SELECT person_id::text FROM kakunin.person_number WHERE number_hash = $1::bytea",
        ByteaText(number_hash)));
  });
}

absl::StatusOr<std::optional<PersonId>> PostgresPersonRepairStore::PersonOf(
    Transaction& tx, const std::string& insurer_number, const std::string& reference) {
  return RunStatements([&]() -> absl::StatusOr<std::optional<PersonId>> {
    return OnePerson(PostgresTransaction::Work(tx).exec_params(
        "SELECT person_id::text FROM kakunin.coverage_by_reference"
        " WHERE insurer_number = $1 AND coverage_reference = $2",
        insurer_number, reference));
  });
}

absl::Status PostgresPersonRepairStore::Hold(Transaction& tx, std::span<const PersonId> persons) {
  return RunStatements([&] {
    pqxx::transaction_base& work = PostgresTransaction::Work(tx);
    const std::string ids = UuidArrayText(persons);
    HoldEverybodyOff(work);
    work.exec_params(
        "SELECT FROM kakunin.person_number WHERE person_id = ANY($1::uuid[])"
        " ORDER BY number_hash FOR UPDATE",
        ids);
    work.exec_params(
        "SELECT FROM kakunin.answer WHERE person_id = ANY($1::uuid[])"
        " ORDER BY person_id FOR UPDATE",
        ids);
    // As hold_consents does, in its order.
    work.exec_params(
        "SELECT pg_advisory_xact_lock(k) FROM (SELECT uuid_hash_extended(p, 0) AS k"
        " FROM unnest($1::uuid[]) AS p ORDER BY 1) AS keys",
        ids);
    return absl::OkStatus();
  });
}

absl::StatusOr<std::vector<HeldRow>> PostgresPersonRepairStore::Held(Transaction& tx,
                                                                     const PersonId& person,
                                                                     absl::Time at) {
  return RunStatements([&]() -> absl::StatusOr<std::vector<HeldRow>> {
    std::vector<HeldRow> held;
    for (const auto& row : PostgresTransaction::Work(tx).exec_params(kHeld, UuidText(person))) {
      held.push_back(HeldFrom(row, at));
    }
    return held;
  });
}

absl::StatusOr<bool> PostgresPersonRepairStore::Waiting(Transaction& tx,
                                                        std::span<const PersonId> persons) {
  return RunStatements([&]() -> absl::StatusOr<bool> {
    return PostgresTransaction::Work(tx)
        .exec_params(
            "SELECT EXISTS (SELECT FROM kakunin.person_repair WHERE state = 1"
            " AND (person_id = ANY($1::uuid[]) OR other_id = ANY($1::uuid[])))",
            UuidArrayText(persons))
        .front()[0]
        .as<bool>();
  });
}

absl::Status PostgresPersonRepairStore::Propose(Transaction& tx, const PersonRepair& repair) {
  return RunStatements([&] {
    pqxx::transaction_base& work = PostgresTransaction::Work(tx);
    using Text = std::optional<std::string>;
    const auto id = [](const auto& value) { return value ? Text(UuidText(*value)) : Text(); };
    const auto& number = repair.number;
    work.exec_params(
        "INSERT INTO kakunin.person_repair (repair_id, kind, state, person_id, other_id, undoes,"
        " only_named, number_from, number_to, number_key_id, replaced_on, case_id, proposed_at,"
        " proposed_by, proposed_name) VALUES ($1::uuid, $2, $3, $4::uuid, $5::uuid, $6::uuid, $7,"
        " $8::bytea, $9::bytea, $10, $11::date, $12::uuid, $13::timestamptz, $14, $15)",
        UuidText(repair.id), static_cast<int>(repair.kind), static_cast<int>(repair.state),
        UuidText(repair.person), id(repair.other), id(repair.undoes), repair.only_named,
        number ? Text(ByteaText(number->from.hash)) : Text(),
        number ? Text(ByteaText(number->to.hash)) : Text(),
        number ? Text(number->to.key_id) : Text(), number ? Text(DayText(number->day)) : Text(),
        id(repair.case_id), InstantText(repair.proposed.at), repair.proposed.actor,
        repair.proposed.name);
    PutNamed(work, repair);
    return absl::OkStatus();
  });
}

absl::StatusOr<std::optional<PersonRepair>> PostgresPersonRepairStore::Find(Transaction& tx,
                                                                            const RepairId& id,
                                                                            bool lock) {
  return RunStatements([&]() -> absl::StatusOr<std::optional<PersonRepair>> {
    pqxx::transaction_base& work = PostgresTransaction::Work(tx);
    const pqxx::result rows = work.exec_params(
        fmt::format("{} WHERE repair_id = $1::uuid{}", kRepair, lock ? " FOR UPDATE" : ""),
        UuidText(id));
    if (rows.empty()) return std::nullopt;
    PersonRepair repair = RepairFrom(rows.front());
    repair.named = NamedOf(work, UuidText(id));
    return repair;
  });
}

absl::StatusOr<std::vector<PersonRepair>> PostgresPersonRepairStore::List(Transaction& tx,
                                                                          bool waiting, int limit) {
  return RunStatements([&]() -> absl::StatusOr<std::vector<PersonRepair>> {
    std::vector<PersonRepair> repairs;
    for (const auto& row : PostgresTransaction::Work(tx).exec_params(
             fmt::format("{} WHERE NOT $1 OR state = 1 ORDER BY proposed_at DESC, repair_id"
                         " LIMIT $2",
                         kRepair),
             waiting, limit)) {
      repairs.push_back(RepairFrom(row));
    }
    return repairs;
  });
}

absl::Status PostgresPersonRepairStore::Decide(Transaction& tx, const PersonRepair& repair) {
  return RunStatements([&] {
    PostgresTransaction::Work(tx).exec_params(
        "UPDATE kakunin.person_repair SET state = $2, decided_at = $3::timestamptz,"
        " decided_by = $4, decided_name = $5 WHERE repair_id = $1::uuid",
        UuidText(repair.id), static_cast<int>(repair.state), InstantText(repair.decided->at),
        repair.decided->actor, repair.decided->name);
    return absl::OkStatus();
  });
}

absl::StatusOr<RepairDone> PostgresPersonRepairStore::Apply(Transaction& tx,
                                                            const PersonRepair& repair,
                                                            std::span<const RowMove> moves,
                                                            absl::Time at,
                                                            const CopyBuilders& build) {
  return RunStatements([&]() -> absl::StatusOr<RepairDone> {
    return ApplyMoves(PostgresTransaction::Work(tx), repair, moves, at, build);
  });
}

absl::StatusOr<int64_t> PostgresPersonRepairStore::Exposures(Transaction& tx, const RepairId& id) {
  return RunStatements([&]() -> absl::StatusOr<int64_t> {
    return PostgresTransaction::Work(tx)
        .exec_params("SELECT count(*) FROM kakunin.repair_exposure WHERE repair_id = $1::uuid",
                     UuidText(id))
        .front()[0]
        .as<int64_t>();
  });
}

absl::StatusOr<std::vector<RowMove>> PostgresPersonRepairStore::Moves(Transaction& tx,
                                                                      const RepairId& id) {
  return RunStatements([&]() -> absl::StatusOr<std::vector<RowMove>> {
    return ReadMoves(PostgresTransaction::Work(tx), id);
  });
}

}  // namespace kakunin
