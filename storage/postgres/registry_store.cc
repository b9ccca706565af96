#include "storage/postgres/registry_store.h"

#include <fmt/format.h>

#include <pqxx/result>

#include "storage/postgres/abnormal_times_row.h"
#include "storage/postgres/database.h"
#include "storage/postgres/facility_terms.h"
#include "storage/postgres/registry_generation.h"
#include "storage/postgres/statement_failure.h"
#include "storage/postgres/text_value.h"

namespace kakunin {
namespace {

// The columns of the terms come last.
std::string FacilityQuery(std::string_view where) {
  return fmt::format(
      "SELECT facility_code, facility_type, name, active, generation, operation_test_began,"
      " coalesce(municipality_code, ''), municipality_since, {} FROM kakunin.facility f{}",
      kFacilityTermColumns, where);
}
constexpr char kTerminal[] =
    "SELECT facility_code, terminal_id, kind, fingerprint, not_before, not_after, revoked_at,"
    " revocation_reason, generation, suspended_at, suspension_reason, coalesce(label, '') FROM "
    "kakunin.terminal";
constexpr char kFormer[] =
    "SELECT facility_code, terminal_id, fingerprint, not_before, not_after, generation"
    " FROM kakunin.former_certificate";
constexpr char kParty[] =
    "SELECT kind, name, display_name, fingerprint, not_before, not_after, active, generation,"
    " coalesce(body, '') FROM kakunin.party";
constexpr char kNewer[] = " WHERE generation > $1";

FacilityRow FacilityFrom(const pqxx::row& row) {
  FacilityRow facility{.facility_code = row[0].c_str(),
                       .type = static_cast<FacilityType>(row[1].as<int>()),
                       .name = row[2].c_str(),
                       .active = row[3].as<bool>(),
                       .generation = row[4].as<int64_t>()};
  if (!row[5].is_null()) facility.test_began = InstantFromText(row[5].c_str());
  facility.municipality_code = row[6].c_str();
  if (!row[7].is_null()) facility.municipality_since = InstantFromText(row[7].c_str());
  facility.terms = FacilityTermsFrom(row, 8);
  return facility;
}

TerminalRow TerminalFrom(const pqxx::row& row) {
  TerminalRow terminal{.facility_code = row[0].c_str(),
                       .terminal_id = row[1].c_str(),
                       .kind = static_cast<TerminalKind>(row[2].as<int>()),
                       .fingerprint = DigestFromText<32>(row[3].c_str()),
                       .not_before = InstantFromText(row[4].c_str()),
                       .not_after = InstantFromText(row[5].c_str()),
                       .revocation_reason = row[7].as<int>(),
                       .generation = row[8].as<int64_t>(),
                       .label = row[11].c_str()};
  if (!row[6].is_null()) terminal.revoked_at = InstantFromText(row[6].c_str());
  if (!row[9].is_null()) {
    terminal.suspended_at = InstantFromText(row[9].c_str());
    terminal.suspension_reason = row[10].as<int>();
  }
  return terminal;
}

FormerCertificate FormerFrom(const pqxx::row& row) {
  return {.facility_code = row[0].c_str(),
          .terminal_id = row[1].c_str(),
          .fingerprint = DigestFromText<32>(row[2].c_str()),
          .not_before = InstantFromText(row[3].c_str()),
          .not_after = InstantFromText(row[4].c_str()),
          .generation = row[5].as<int64_t>()};
}

PartyRow PartyFrom(const pqxx::row& row) {
  return {.kind = static_cast<ActorKind>(row[0].as<int>()),
          .name = row[1].c_str(),
          .display_name = row[2].c_str(),
          .fingerprint = DigestFromText<32>(row[3].c_str()),
          .not_before = InstantFromText(row[4].c_str()),
          .not_after = InstantFromText(row[5].c_str()),
          .active = row[6].as<bool>(),
          .generation = row[7].as<int64_t>(),
          .body = row[8].c_str()};
}

// FirstOf reads the one row of a look-up by key.
template <class Row>
std::optional<Row> FirstOf(const pqxx::result& found, Row (*read)(const pqxx::row&)) {
  if (found.empty()) return std::nullopt;
  return read(found[0]);
}

absl::StatusOr<std::optional<TerminalRow>> TerminalNamed(Transaction& tx,
                                                         const std::string& facility_code,
                                                         const std::string& terminal_id,
                                                         const char* lock) {
  return RunStatements([&]() -> absl::StatusOr<std::optional<TerminalRow>> {
    return FirstOf(
        PostgresTransaction::Work(tx).exec_params(
            std::string(kTerminal) + " WHERE facility_code = $1 AND terminal_id = $2" + lock,
            facility_code, terminal_id),
        &TerminalFrom);
  });
}

void RememberKey(pqxx::transaction_base& work, const std::optional<Digest32>& key) {
  if (!key) return;
  // The instant says when it was asked for, which nobody did: it came with its certificate.
  work.exec_params(
      "INSERT INTO kakunin.certified_key (key_fingerprint, first_at)"
      " VALUES ($1::bytea, '-infinity') ON CONFLICT (key_fingerprint) DO NOTHING",
      ByteaText(*key));
}

}  // namespace

absl::StatusOr<RegistryRows> PostgresRegistryStore::ReadSince(Transaction& tx, int64_t generation) {
  return RunStatements([&]() -> absl::StatusOr<RegistryRows> {
    pqxx::transaction_base& work = PostgresTransaction::Work(tx);
    RegistryRows rows;
    rows.generation =
        work.exec("SELECT generation FROM kakunin.registry_generation")[0][0].as<int64_t>();
    if (rows.generation == generation) return rows;
    for (const auto& row : work.exec_params(FacilityQuery(kNewer), generation)) {
      rows.facilities.push_back(FacilityFrom(row));
    }
    for (const auto& row : work.exec_params(std::string(kTerminal) + kNewer, generation)) {
      rows.terminals.push_back(TerminalFrom(row));
    }
    for (const auto& row : work.exec_params(std::string(kFormer) + kNewer, generation)) {
      rows.formers.push_back(FormerFrom(row));
    }
    for (const auto& row : work.exec_params(std::string(kParty) + kNewer, generation)) {
      rows.parties.push_back(PartyFrom(row));
    }
    for (const auto& row :
         work.exec_params("SELECT person_id::text, published FROM kakunin.test_person"
                          " WHERE generation > $1",
                          generation)) {
      rows.test_persons.push_back(
          {.person = UuidFromText<PersonId>(row[0].c_str()), .published = row[1].as<bool>()});
    }
    for (const auto& row : work.exec_params(std::string("SELECT ") + kPolicyColumns +
                                                " FROM kakunin.abnormal_times_policy" + kNewer,
                                            generation)) {
      rows.policies.push_back(PolicyFrom(row));
    }
    return rows;
  });
}

absl::StatusOr<std::optional<FacilityRow>> PostgresRegistryStore::FindFacility(
    Transaction& tx, const std::string& code) {
  return RunStatements([&]() -> absl::StatusOr<std::optional<FacilityRow>> {
    return FirstOf(
        PostgresTransaction::Work(tx).exec_params(FacilityQuery(" WHERE facility_code = $1"), code),
        &FacilityFrom);
  });
}

absl::StatusOr<std::optional<TerminalRow>> PostgresRegistryStore::FindTerminal(
    Transaction& tx, const std::string& facility_code, const std::string& terminal_id) {
  return TerminalNamed(tx, facility_code, terminal_id, " FOR UPDATE");
}

absl::StatusOr<std::optional<TerminalRow>> PostgresRegistryStore::ReadTerminal(
    Transaction& tx, const std::string& facility_code, const std::string& terminal_id) {
  return TerminalNamed(tx, facility_code, terminal_id, "");
}

absl::StatusOr<std::optional<PartyRow>> PostgresRegistryStore::FindParty(Transaction& tx,
                                                                         ActorKind kind,
                                                                         const std::string& name) {
  return RunStatements([&]() -> absl::StatusOr<std::optional<PartyRow>> {
    return FirstOf(
        PostgresTransaction::Work(tx).exec_params(
            std::string(kParty) + " WHERE kind = $1 AND name = $2", static_cast<int>(kind), name),
        &PartyFrom);
  });
}

absl::StatusOr<bool> PostgresRegistryStore::FingerprintInUse(Transaction& tx,
                                                             const Digest32& fingerprint,
                                                             const std::string& except_owner) {
  return RunStatements([&]() -> absl::StatusOr<bool> {
    return PostgresTransaction::Work(tx)
        .exec_params(
            "SELECT EXISTS (SELECT FROM kakunin.terminal WHERE fingerprint = $1::bytea"
            "  AND facility_code || '/' || terminal_id <> $2)"
            " OR EXISTS (SELECT FROM kakunin.party WHERE name <> $2"
            "  AND $1::bytea IN (fingerprint, key_fingerprint))"
            " OR EXISTS (SELECT FROM kakunin.former_certificate WHERE fingerprint = $1::bytea)"
            " OR (EXISTS (SELECT FROM kakunin.certified_key WHERE key_fingerprint = $1::bytea)"
            "  AND NOT EXISTS (SELECT FROM kakunin.party WHERE kind = $3 AND name = $2"
            "   AND key_fingerprint = $1::bytea))",
            ByteaText(fingerprint), except_owner, static_cast<int>(ActorKind::kOperator))[0][0]
        .as<bool>();
  });
}

absl::StatusOr<bool> PostgresRegistryStore::FingerprintRevoked(Transaction& tx,
                                                               const Digest32& fingerprint) {
  return RunStatements([&]() -> absl::StatusOr<bool> {
    return PostgresTransaction::Work(tx)
        .exec_params(
            "SELECT EXISTS (SELECT FROM kakunin.revoked_certificate WHERE fingerprint = $1::bytea)"
            " OR EXISTS (SELECT FROM kakunin.terminal WHERE fingerprint = $1::bytea"
            "  AND revoked_at IS NOT NULL)"
            " OR EXISTS (SELECT FROM kakunin.party WHERE fingerprint = $1::bytea AND NOT active)",
            ByteaText(fingerprint))[0][0]
        .as<bool>();
  });
}

absl::Status PostgresRegistryStore::PutFacility(Transaction& tx, const FacilityRow& row) {
  return RunStatements([&] {
    pqxx::transaction_base& work = PostgresTransaction::Work(tx);
    const int64_t generation = NextRegistryGeneration(work);
    work.exec_params(
        "INSERT INTO kakunin.facility (facility_code, facility_type, name, active, generation,"
        " municipality_code, municipality_since) VALUES ($1, $2, $3, $4, $5, nullif($6, ''),"
        " $7::timestamptz) ON CONFLICT "
        "(facility_code) DO UPDATE SET"
        " facility_type = excluded.facility_type, name = excluded.name, active = excluded.active,"
        " generation = excluded.generation, municipality_code ="
        " coalesce(excluded.municipality_code, facility.municipality_code),"
        " municipality_since = CASE WHEN coalesce(excluded.municipality_code,"
        "  facility.municipality_code) IS NOT DISTINCT FROM facility.municipality_code"
        "  THEN facility.municipality_since ELSE excluded.municipality_since END",
        row.facility_code, static_cast<int>(row.type), row.name, row.active, generation,
        row.municipality_code,
        row.municipality_since ? std::optional(InstantText(*row.municipality_since))
                               : std::nullopt);
    return absl::OkStatus();
  });
}

absl::Status PostgresRegistryStore::SetOperationTest(Transaction& tx, const std::string& code,
                                                     std::optional<absl::Time> began) {
  return RunStatements([&] {
    pqxx::transaction_base& work = PostgresTransaction::Work(tx);
    const int64_t generation = NextRegistryGeneration(work);
    work.exec_params(
        "UPDATE kakunin.facility SET operation_test_began = nullif($2, '')::timestamptz,"
        " generation = $3 WHERE facility_code = $1",
        code, began ? InstantText(*began) : std::string(), generation);
    return absl::OkStatus();
  });
}

absl::Status PostgresRegistryStore::SetTerms(Transaction& tx, const std::string& code,
                                             const FacilityTerms& terms) {
  return RunStatements([&] {
    pqxx::transaction_base& work = PostgresTransaction::Work(tx);
    const int64_t generation = NextRegistryGeneration(work);
    work.exec_params(
        "UPDATE kakunin.facility SET introduction_type = nullif($2, 0), ground = nullif($3, 0),"
        " ground_ending_day = nullif($4, '')::date, closure_last_day = nullif($5, '')::date,"
        " closure_resume_day = nullif($6, '')::date, home_visits_from = nullif($7, '')::date,"
        " online_care_from = nullif($8, '')::date, generation = $9 WHERE facility_code = $1",
        code, terms.introduction_type ? static_cast<int>(*terms.introduction_type) : 0,
        terms.ground ? static_cast<int>(*terms.ground) : 0, TermDayText(terms.ground_ending_day),
        TermDayText(terms.closure.last_day), TermDayText(terms.closure.resume_day),
        TermDayText(terms.home_visits_from), TermDayText(terms.online_care_from), generation);
    return absl::OkStatus();
  });
}

absl::StatusOr<bool> PostgresRegistryStore::SetGroundEnd(Transaction& tx, const std::string& code,
                                                         absl::CivilDay ending_day,
                                                         bool only_earlier) {
  return RunStatements([&]() -> absl::StatusOr<bool> {
    pqxx::transaction_base& work = PostgresTransaction::Work(tx);
    const int64_t generation = NextRegistryGeneration(work);
    const pqxx::result written = work.exec_params(
        "UPDATE kakunin.facility SET ground_ending_day = $2::date, generation = $3"
        " WHERE facility_code = $1"
        " AND NOT ($4 AND ground_ending_day IS NOT NULL AND ground_ending_day < $2::date)",
        code, DayText(ending_day), generation, only_earlier);
    return written.affected_rows() == 1;
  });
}

absl::Status PostgresRegistryStore::PutTestPerson(Transaction& tx, const TestPersonRow& row) {
  return RunStatements([&] {
    pqxx::transaction_base& work = PostgresTransaction::Work(tx);
    const int64_t generation = NextRegistryGeneration(work);
    work.exec_params(
        "INSERT INTO kakunin.test_person (person_id, published, generation)"
        " VALUES ($1::uuid, $2, $3) ON CONFLICT (person_id) DO UPDATE SET"
        " published = excluded.published, generation = excluded.generation",
        UuidText(row.person), row.published, generation);
    return absl::OkStatus();
  });
}

absl::Status PostgresRegistryStore::PutTerminal(Transaction& tx, const TerminalRow& row) {
  return RunStatements([&] {
    pqxx::transaction_base& work = PostgresTransaction::Work(tx);
    const int64_t generation = NextRegistryGeneration(work);
    const std::string revoked = row.revoked_at ? InstantText(*row.revoked_at) : std::string();
    const std::string suspended = row.suspended_at ? InstantText(*row.suspended_at) : std::string();
    work.exec_params(
        "INSERT INTO kakunin.revoked_certificate (fingerprint, revoked_at)"
        " SELECT fingerprint, revoked_at FROM kakunin.terminal WHERE facility_code = $1"
        "  AND terminal_id = $2 AND revoked_at IS NOT NULL AND fingerprint <> $3::bytea"
        " ON CONFLICT (fingerprint) DO NOTHING",
        row.facility_code, row.terminal_id, ByteaText(row.fingerprint));
    work.exec_params(
        "INSERT INTO kakunin.terminal (facility_code, terminal_id, kind, fingerprint, not_before,"
        " not_after, revoked_at, revocation_reason, generation, suspended_at, suspension_reason, "
        "label)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, nullif($12, ''))"
        " ON CONFLICT (facility_code, terminal_id) DO UPDATE SET kind = excluded.kind,"
        " fingerprint = excluded.fingerprint, not_before = excluded.not_before,"
        " not_after = excluded.not_after, revoked_at = excluded.revoked_at,"
        " revocation_reason = excluded.revocation_reason, generation = excluded.generation,"
        " suspended_at = excluded.suspended_at, suspension_reason = excluded.suspension_reason,"
        " label = excluded.label",
        row.facility_code, row.terminal_id, static_cast<int>(row.kind), ByteaText(row.fingerprint),
        InstantText(row.not_before), InstantText(row.not_after),
        row.revoked_at ? revoked.c_str() : nullptr, row.revocation_reason, generation,
        row.suspended_at ? suspended.c_str() : nullptr,
        row.suspended_at ? std::optional(row.suspension_reason) : std::nullopt, row.label);
    RememberKey(work, row.key_fingerprint);
    return absl::OkStatus();
  });
}

absl::Status PostgresRegistryStore::PutParty(Transaction& tx, const PartyRow& row) {
  return RunStatements([&] {
    pqxx::transaction_base& work = PostgresTransaction::Work(tx);
    const int64_t generation = NextRegistryGeneration(work);
    work.exec_params(
        "INSERT INTO kakunin.revoked_certificate (fingerprint)"
        " SELECT fingerprint FROM kakunin.party WHERE kind = $1 AND name = $2 AND NOT active"
        "  AND fingerprint <> $3::bytea ON CONFLICT (fingerprint) DO NOTHING",
        static_cast<int>(row.kind), row.name, ByteaText(row.fingerprint));
    work.exec_params(
        "INSERT INTO kakunin.party (kind, name, display_name, fingerprint, not_before, not_after,"
        " active, generation, body, key_fingerprint) VALUES ($1, $2, $3, $4, $5, $6, $7, $8,"
        " nullif($9, ''), nullif($10, '')::bytea)"
        " ON CONFLICT (kind, name) DO UPDATE SET display_name = excluded.display_name,"
        " fingerprint = excluded.fingerprint, not_before = excluded.not_before,"
        " not_after = excluded.not_after, active = excluded.active,"
        " generation = excluded.generation, body = coalesce(excluded.body, party.body),"
        " key_fingerprint = excluded.key_fingerprint",
        static_cast<int>(row.kind), row.name, row.display_name, ByteaText(row.fingerprint),
        InstantText(row.not_before), InstantText(row.not_after), row.active, generation, row.body,
        row.key_fingerprint ? ByteaText(*row.key_fingerprint) : std::string());
    RememberKey(work, row.key_fingerprint);
    return absl::OkStatus();
  });
}

absl::Status PostgresRegistryStore::PutFormer(Transaction& tx, const FormerCertificate& former) {
  return RunStatements([&] {
    pqxx::transaction_base& work = PostgresTransaction::Work(tx);
    const int64_t generation = NextRegistryGeneration(work);
    work.exec_params(
        "INSERT INTO kakunin.former_certificate (facility_code, terminal_id, fingerprint,"
        " not_before, not_after, generation) VALUES ($1, $2, $3::bytea, $4, $5, $6)"
        " ON CONFLICT (facility_code, terminal_id, fingerprint) DO UPDATE SET"
        " not_after = excluded.not_after, generation = excluded.generation",
        former.facility_code, former.terminal_id, ByteaText(former.fingerprint),
        InstantText(former.not_before), InstantText(former.not_after), generation);
    return absl::OkStatus();
  });
}

absl::StatusOr<int> PostgresRegistryStore::EndFormers(Transaction& tx,
                                                      const std::string& facility_code,
                                                      const std::string& terminal_id, absl::Time at,
                                                      bool revoked) {
  return RunStatements([&]() -> absl::StatusOr<int> {
    pqxx::transaction_base& work = PostgresTransaction::Work(tx);
    if (revoked) {
      work.exec_params(
          "INSERT INTO kakunin.revoked_certificate (fingerprint, revoked_at)"
          " SELECT fingerprint, $3 FROM kakunin.former_certificate WHERE facility_code = $1"
          "  AND terminal_id = $2 ON CONFLICT (fingerprint) DO NOTHING",
          facility_code, terminal_id, InstantText(at));
    }
    // The generation's row first, as every registry write does: they queue on it.
    const int64_t generation = NextRegistryGeneration(work);
    const pqxx::result ended = work.exec_params(
        "UPDATE kakunin.former_certificate SET not_after = $3, generation = $4"
        " WHERE facility_code = $1 AND terminal_id = $2 AND not_after > $3",
        facility_code, terminal_id, InstantText(at), generation);
    return static_cast<int>(ended.affected_rows());
  });
}

}  // namespace kakunin
