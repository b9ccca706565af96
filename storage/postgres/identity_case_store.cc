#include "storage/postgres/identity_case_store.h"

#include <fmt/format.h>

#include <array>
#include <pqxx/result>

#include "domain/error.h"
#include "storage/postgres/array_parameters.h"
#include "storage/postgres/coverage_publish.h"
#include "storage/postgres/database.h"
#include "storage/postgres/identity_cases.h"
#include "storage/postgres/statement_failure.h"
#include "storage/postgres/text_value.h"

namespace kakunin {
namespace {

constexpr char kColumns[] =
    "case_id::text, kind, reason, fields, insurer_number, coverage_reference, feed_id::text,"
    " chunk_number, row_index, opened_at, opened_by_kind, opened_by, state, ended_at,"
    " ended_by_kind, ended_by, decided_by";

IdentityCase CaseFrom(const pqxx::row& row) {
  IdentityCase found{.id = UuidFromText<CaseId>(row[0].c_str()),
                     .kind = static_cast<IdentityCaseKind>(row[1].as<int>()),
                     .reason = row[2].c_str(),
                     .fields = row[3].as<int>(),
                     .opened = InstantFromText(row[9].c_str()),
                     .opened_by_kind = static_cast<ActorKind>(row[10].as<int>()),
                     .opened_by = row[11].c_str(),
                     .state = static_cast<IdentityCaseState>(row[12].as<int>())};
  if (!row[4].is_null()) {
    found.row = CaseRow{.insurer_number = row[4].c_str(),
                        .reference = row[5].c_str(),
                        .feed = UuidFromText<FeedId>(row[6].c_str()),
                        .chunk = row[7].as<int64_t>(),
                        .row_index = row[8].as<int32_t>()};
  }
  if (!row[13].is_null()) {
    found.end = CaseEnd{.at = InstantFromText(row[13].c_str()),
                        .actor_kind = static_cast<ActorKind>(row[14].as<int>()),
                        .actor = row[15].c_str(),
                        .decided_by = row[16].c_str()};
  }
  return found;
}

void ReadPersons(pqxx::transaction_base& work, IdentityCase& found) {
  for (const auto& row : work.exec_params(
           "SELECT person_id::text FROM kakunin.identity_case_person WHERE case_id = $1::uuid"
           " ORDER BY 1",
           UuidText(found.id))) {
    found.persons.push_back(UuidFromText<PersonId>(row[0].c_str()));
  }
}

// Null where the case came from no row.
constexpr char kOpen[] =
    "INSERT INTO kakunin.identity_case (case_id, kind, reason, fields, opened_at, opened_by_kind,"
    " opened_by, state, insurer_number, coverage_reference, feed_id, chunk_number, row_index)"
    " SELECT $1::uuid, $2::smallint, $3, $4::smallint, $5::timestamptz, $6::smallint, $7, 1, r.* "
    "FROM (SELECT) one"
    " LEFT JOIN (SELECT $9::text, $10::text, $11::uuid, $12::bigint, $13::integer) r ON "
    "$8::boolean";

void OpenOne(pqxx::transaction_base& work, const IdentityCase& opened) {
  const std::string id = UuidText(opened.id);
  const CaseRow row = opened.row.value_or(CaseRow());
  work.exec_params(kOpen, id, static_cast<int>(opened.kind), opened.reason, opened.fields,
                   InstantText(opened.opened), static_cast<int>(opened.opened_by_kind),
                   opened.opened_by, opened.row.has_value(), row.insurer_number, row.reference,
                   UuidText(row.feed), row.chunk, row.row_index);
  for (const PersonId& person : opened.persons) {
    work.exec_params(
        "INSERT INTO kakunin.identity_case_person (person_id, case_id)"
        " VALUES ($1::uuid, $2::uuid)",
        UuidText(person), id);
  }
}

// The rows that a release makes visible: that of the case, and those of the delivery that are
// hidden beside it. $1 is the case.
constexpr char kFindReleased[] = R"(
CREATE TEMPORARY TABLE releasing ON COMMIT DROP AS
SELECT k.case_id, h.* FROM kakunin.identity_case k
JOIN kakunin.hidden_coverage h ON h.insurer_number = k.insurer_number
  AND h.coverage_reference = k.coverage_reference AND h.known_to IS NULL
  AND h.identity_fields IS NOT NULL
  AND h.identity_hash IS NOT DISTINCT FROM k.identity_hash
WHERE k.insurer_number = {{party}} AND k.feed_id = {{feed}} AND k.state = 1
  AND (h.number_hash, h.birth_date, h.name, h.name_kana) IN
    (SELECT o.number_hash, o.birth_date, o.name, o.name_kana FROM kakunin.identity_case a
     JOIN kakunin.hidden_coverage o ON o.insurer_number = a.insurer_number
       AND o.coverage_reference = a.coverage_reference AND o.known_to IS NULL
     WHERE a.case_id = '{}'::uuid))";

// A value among words in braces.
std::string QuotedWord(pqxx::transaction_base& work, const std::string& text) {
  std::string word;
  for (const char c : work.quote(text)) {
    word += c;
    if (c == '{' || c == '}') word += c;
  }
  return word;
}

constexpr char kEndReleased[] = R"(
UPDATE kakunin.identity_case k
SET state = 2, ended_at = {{at}}, ended_by_kind = {}, ended_by = {}, decided_by = {}
FROM releasing c WHERE k.case_id = c.case_id)";

constexpr char kEndPersons[] = R"(
UPDATE kakunin.identity_case_person p SET ended_at = {at} FROM releasing c
WHERE p.case_id = c.case_id)";

// As a change: of what is hidden it makes something visible, of what is visible another version.
// There are no chunks of the number 0.
constexpr char kStageAgain[] = R"(
INSERT INTO {staging} (feed_id, chunk_number, row_index, action, number_hash, number_key_id, {content})
SELECT {feed}, 0, row_number() OVER (ORDER BY c.coverage_reference), {changed}, c.number_hash,
  c.number_key_id, {known}
FROM releasing c)";

constexpr char kAnyRefused[] =
    "SELECT EXISTS (SELECT FROM publishing WHERE verdict NOT IN ('NEW', 'CHANGED', 'UNCHANGED'))";

}  // namespace

absl::Status PostgresIdentityCaseStore::Open(Transaction& tx, std::span<const IdentityCase> cases) {
  return RunStatements([&] {
    pqxx::transaction_base& work = PostgresTransaction::Work(tx);
    for (const IdentityCase& opened : cases) OpenOne(work, opened);
    CountChangedCases(work);
    return absl::OkStatus();
  });
}

absl::StatusOr<std::optional<IdentityCase>> PostgresIdentityCaseStore::Find(Transaction& tx,
                                                                            const CaseId& id,
                                                                            bool lock) {
  return RunStatements([&]() -> absl::StatusOr<std::optional<IdentityCase>> {
    pqxx::transaction_base& work = PostgresTransaction::Work(tx);
    const pqxx::result rows = work.exec_params(
        fmt::format("SELECT {} FROM kakunin.identity_case WHERE case_id = $1::uuid{}", kColumns,
                    lock ? " FOR UPDATE" : ""),
        UuidText(id));
    if (rows.empty()) return std::nullopt;
    IdentityCase found = CaseFrom(rows.front());
    ReadPersons(work, found);
    return found;
  });
}

absl::StatusOr<std::vector<IdentityCase>> PostgresIdentityCaseStore::List(Transaction& tx,
                                                                          const CasesWanted& wanted,
                                                                          int limit) {
  return RunStatements([&]() -> absl::StatusOr<std::vector<IdentityCase>> {
    pqxx::transaction_base& work = PostgresTransaction::Work(tx);
    std::vector<IdentityCase> cases;
    for (const auto& row :
         work.exec_params(fmt::format("SELECT {} FROM kakunin.identity_case"
                                      " WHERE (opened_at, case_id) > ($1::timestamptz, $2::uuid)"
                                      " AND opened_at <= $5::timestamptz{}{}"
                                      " ORDER BY opened_at, case_id LIMIT $4",
                                      kColumns, wanted.open_only ? " AND state = 1" : "",
                                      wanted.insurer_number.empty() ? " AND $3 = ''"
                                                                    : " AND insurer_number = $3"),
                          InstantText(wanted.after), UuidText(wanted.after_id),
                          wanted.insurer_number, limit, InstantText(wanted.opened_through))) {
      cases.push_back(CaseFrom(row));
    }
    for (IdentityCase& found : cases) ReadPersons(work, found);
    return cases;
  });
}

absl::StatusOr<std::vector<int64_t>> PostgresIdentityCaseStore::CountOpen(
    Transaction& tx, std::span<const absl::Time> instants) {
  return RunStatements([&]() -> absl::StatusOr<std::vector<int64_t>> {
    std::vector<int64_t> counts;
    for (const absl::Time instant : instants) {
      counts.push_back(PostgresTransaction::Work(tx)
                           .exec_params1("SELECT count(*) FROM kakunin.identity_case"
                                         " WHERE state = 1 AND opened_at <= $1::timestamptz",
                                         InstantText(instant))[0]
                           .as<int64_t>());
    }
    return counts;
  });
}

absl::Status PostgresIdentityCaseStore::End(Transaction& tx, const CaseId& id,
                                            IdentityCaseState state, const CaseEnd& end) {
  return RunStatements([&] {
    pqxx::transaction_base& work = PostgresTransaction::Work(tx);
    work.exec_params(
        "UPDATE kakunin.identity_case SET state = $2, ended_at = $3::timestamptz,"
        " ended_by_kind = $4, ended_by = $5, decided_by = $6"
        " WHERE case_id = $1::uuid AND state = 1",
        UuidText(id), static_cast<int>(state), InstantText(end.at),
        static_cast<int>(end.actor_kind), end.actor, end.decided_by);
    work.exec_params(
        "UPDATE kakunin.identity_case_person SET ended_at = $2::timestamptz"
        " WHERE case_id = $1::uuid AND ended_at IS NULL",
        UuidText(id), InstantText(end.at));
    CountChangedCases(work);
    return absl::OkStatus();
  });
}

absl::StatusOr<int64_t> PostgresIdentityCaseStore::Release(Transaction& tx,
                                                           const IdentityCase& released,
                                                           const CaseEnd& end,
                                                           const CopyBuilders& build) {
  if (!released.row) return StoreError(StoreFailure::kBroken);
  const FeedRow feed{.id = released.row->feed, .party = released.row->insurer_number};
  CoveragePublish content(build.answer);
  return RunStatements([&]() -> absl::StatusOr<int64_t> {
    pqxx::transaction_base& work = PostgresTransaction::Work(tx);
    FeedPublish publish(work, feed, end.at, content);
    publish.LockParty();
    publish.Exec(fmt::format(kFindReleased, UuidText(released.id)));
    const int64_t cases =
        publish
            .Exec(fmt::format(kEndReleased, static_cast<int>(end.actor_kind),
                              QuotedWord(work, end.actor), QuotedWord(work, end.decided_by)))
            .affected_rows();
    if (cases == 0) return MakeError(Reason::kCaseNotOpen);
    publish.Exec(kEndPersons);
    publish.Exec(kStageAgain);
    content.Judge(publish);
    if (publish.Exec(kAnyRefused)[0][0].as<bool>()) return MakeError(Reason::kPersonConflict);
    if (absl::Status status = publish.Merge(); !status.ok()) return status;
    CountChangedCases(work);
    return cases;
  });
}

absl::StatusOr<int64_t> PostgresIdentityCaseStore::Generation(Transaction& tx) {
  return RunStatements([&]() -> absl::StatusOr<int64_t> {
    return PostgresTransaction::Work(tx)
        .exec1("SELECT generation FROM kakunin.identity_case_generation")[0]
        .as<int64_t>();
  });
}

absl::StatusOr<PersonsInCases> PostgresIdentityCaseStore::Persons(Transaction& tx) {
  return RunStatements([&]() -> absl::StatusOr<PersonsInCases> {
    PersonsInCases found;
    // One statement, so that both are of one instant.
    for (const auto& row : PostgresTransaction::Work(tx).exec(
             "SELECT g.generation, p.person_id::text FROM kakunin.identity_case_generation g"
             " LEFT JOIN (SELECT DISTINCT person_id FROM kakunin.identity_case_person"
             "  WHERE ended_at IS NULL) p ON true ORDER BY p.person_id")) {
      found.generation = row[0].as<int64_t>();
      if (!row[1].is_null()) found.persons.push_back(UuidFromText<PersonId>(row[1].c_str()));
    }
    return found;
  });
}

}  // namespace kakunin
