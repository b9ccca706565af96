#include "storage/postgres/account_store.h"

#include <pqxx/result>

#include "storage/postgres/account_generation.h"
#include "storage/postgres/database.h"
#include "storage/postgres/statement_failure.h"
#include "storage/postgres/text_value.h"

namespace kakunin {
namespace {

constexpr char kAccount[] =
    "SELECT facility_code, user_name, display_name, role, password_hash, one_time_end, wrong_tries,"
    " locked_at, disabled_at, created_at, last_log_in FROM kakunin.facility_account";
constexpr char kSession[] =
    "SELECT token_hash, facility_code, user_name, terminal_id, certificate, role,"
    " password_change_needed, began_at, ends_at, last_used_at, ended_why"
    " FROM kakunin.account_session";

std::optional<absl::Time> OptionalInstant(const pqxx::field& field) {
  if (field.is_null()) return std::nullopt;
  return InstantFromText(field.c_str());
}

// The empty text stands for none: nullif makes it null.
std::string OptionalText(const std::optional<absl::Time>& at) {
  return at ? InstantText(*at) : std::string();
}

Account AccountFrom(const pqxx::row& row) {
  return {.facility_code = row[0].c_str(),
          .user_name = row[1].c_str(),
          .display_name = row[2].c_str(),
          .role = static_cast<Role>(row[3].as<int>()),
          .password_hash = row[4].c_str(),
          .one_time_end = OptionalInstant(row[5]),
          .wrong_tries = row[6].as<int>(),
          .locked = OptionalInstant(row[7]),
          .disabled = OptionalInstant(row[8]),
          .created = InstantFromText(row[9].c_str()),
          .last_log_in = OptionalInstant(row[10])};
}

Session SessionFrom(const pqxx::row& row) {
  Session session{.token_hash = DigestFromText<32>(row[0].c_str()),
                  .facility_code = row[1].c_str(),
                  .user_name = row[2].c_str(),
                  .terminal_id = row[3].c_str(),
                  .certificate = DigestFromText<32>(row[4].c_str()),
                  .role = static_cast<Role>(row[5].as<int>()),
                  .password_change_needed = row[6].as<bool>(),
                  .began = InstantFromText(row[7].c_str()),
                  .end = InstantFromText(row[8].c_str()),
                  .last_used = InstantFromText(row[9].c_str())};
  if (!row[10].is_null()) session.ended = static_cast<SessionEnd>(row[10].as<int>());
  return session;
}

}  // namespace

int64_t NextAccountGeneration(pqxx::transaction_base& work) {
  return work
      .exec(
          "UPDATE kakunin.account_generation SET generation = generation + 1 RETURNING"
          " generation")[0][0]
      .as<int64_t>();
}

absl::StatusOr<std::optional<Account>> PostgresAccountStore::Hold(Transaction& tx,
                                                                  const std::string& facility_code,
                                                                  const std::string& user_name) {
  return RunStatements([&]() -> absl::StatusOr<std::optional<Account>> {
    const auto rows = PostgresTransaction::Work(tx).exec_params(
        std::string(kAccount) + " WHERE facility_code = $1 AND user_name = $2 FOR UPDATE",
        facility_code, user_name);
    if (rows.empty()) return std::optional<Account>();
    return std::optional(AccountFrom(rows[0]));
  });
}

absl::StatusOr<bool> PostgresAccountStore::Insert(Transaction& tx, const Account& account) {
  return RunStatements([&]() -> absl::StatusOr<bool> {
    const auto put = PostgresTransaction::Work(tx).exec_params(
        "INSERT INTO kakunin.facility_account (facility_code, user_name, display_name, role,"
        " password_hash, one_time_end, wrong_tries, locked_at, disabled_at, created_at,"
        " last_log_in) VALUES ($1, $2, $3, $4, $5, nullif($6, '')::timestamptz, $7,"
        " nullif($8, '')::timestamptz, nullif($9, '')::timestamptz, $10::timestamptz,"
        " nullif($11, '')::timestamptz) ON CONFLICT DO NOTHING",
        account.facility_code, account.user_name, account.display_name,
        static_cast<int>(account.role), account.password_hash, OptionalText(account.one_time_end),
        account.wrong_tries, OptionalText(account.locked), OptionalText(account.disabled),
        InstantText(account.created), OptionalText(account.last_log_in));
    return put.affected_rows() == 1;
  });
}

absl::Status PostgresAccountStore::Update(Transaction& tx, const Account& account) {
  return RunStatements([&] {
    PostgresTransaction::Work(tx).exec_params(
        "UPDATE kakunin.facility_account SET password_hash = $3,"
        " one_time_end = nullif($4, '')::timestamptz, wrong_tries = $5,"
        " locked_at = nullif($6, '')::timestamptz, disabled_at = nullif($7, '')::timestamptz,"
        " last_log_in = nullif($8, '')::timestamptz WHERE facility_code = $1 AND user_name = $2",
        account.facility_code, account.user_name, account.password_hash,
        OptionalText(account.one_time_end), account.wrong_tries, OptionalText(account.locked),
        OptionalText(account.disabled), OptionalText(account.last_log_in));
    return absl::OkStatus();
  });
}

absl::StatusOr<std::vector<Account>> PostgresAccountStore::List(Transaction& tx,
                                                                const std::string& facility_code,
                                                                const std::string& after,
                                                                int limit) {
  return RunStatements([&]() -> absl::StatusOr<std::vector<Account>> {
    std::vector<Account> accounts;
    for (const auto& row : PostgresTransaction::Work(tx).exec_params(
             std::string(kAccount) + " WHERE facility_code = $1 AND user_name COLLATE \"C\" > $2"
                                     " ORDER BY user_name COLLATE \"C\" LIMIT $3",
             facility_code, after, limit)) {
      accounts.push_back(AccountFrom(row));
    }
    return accounts;
  });
}

absl::StatusOr<int64_t> PostgresAccountStore::BeginSession(Transaction& tx,
                                                           const Session& session) {
  return RunStatements([&]() -> absl::StatusOr<int64_t> {
    pqxx::transaction_base& work = PostgresTransaction::Work(tx);
    const int64_t generation = NextAccountGeneration(work);
    work.exec_params(
        "INSERT INTO kakunin.account_session (token_hash, facility_code, user_name, terminal_id,"
        " certificate, role, password_change_needed, began_at, ends_at, last_used_at, generation)"
        " VALUES ($1::bytea, $2, $3, $4, $5::bytea, $6, $7, $8::timestamptz, $9::timestamptz,"
        " $10::timestamptz, $11)",
        ByteaText(session.token_hash), session.facility_code, session.user_name,
        session.terminal_id, ByteaText(session.certificate), static_cast<int>(session.role),
        session.password_change_needed, InstantText(session.began), InstantText(session.end),
        InstantText(session.last_used), generation);
    return generation;
  });
}

absl::Status PostgresAccountStore::EndSession(Transaction& tx, const Digest32& token_hash,
                                              SessionEnd why, absl::Time at) {
  return RunStatements([&] {
    pqxx::transaction_base& work = PostgresTransaction::Work(tx);
    const int64_t generation = NextAccountGeneration(work);
    work.exec_params(
        "UPDATE kakunin.account_session SET ended_at = $2::timestamptz, ended_why = $3,"
        " generation = $4 WHERE token_hash = $1::bytea AND ended_at IS NULL",
        ByteaText(token_hash), InstantText(at), static_cast<int>(why), generation);
    return absl::OkStatus();
  });
}

absl::StatusOr<int> PostgresAccountStore::EndSessions(Transaction& tx, const Account& account,
                                                      const std::string& terminal_id,
                                                      const Digest32& spared, SessionEnd why,
                                                      absl::Time at) {
  return RunStatements([&]() -> absl::StatusOr<int> {
    pqxx::transaction_base& work = PostgresTransaction::Work(tx);
    const int64_t generation = NextAccountGeneration(work);
    const auto ended = work.exec_params(
        "UPDATE kakunin.account_session SET ended_at = $5::timestamptz, ended_why = $6,"
        " generation = $7 WHERE facility_code = $1 AND user_name = $2 AND ended_at IS NULL"
        " AND ($3 = '' OR terminal_id = $3) AND token_hash <> $4::bytea"
        " AND ends_at > $5::timestamptz",
        account.facility_code, account.user_name, terminal_id, ByteaText(spared), InstantText(at),
        static_cast<int>(why), generation);
    return static_cast<int>(ended.affected_rows());
  });
}

absl::Status PostgresAccountStore::PasswordChanged(Transaction& tx, const Digest32& token_hash) {
  return RunStatements([&] {
    pqxx::transaction_base& work = PostgresTransaction::Work(tx);
    const int64_t generation = NextAccountGeneration(work);
    work.exec_params(
        "UPDATE kakunin.account_session SET password_change_needed = false, generation = $2"
        " WHERE token_hash = $1::bytea",
        ByteaText(token_hash), generation);
    return absl::OkStatus();
  });
}

absl::Status PostgresAccountStore::NoteUses(Transaction& tx, std::span<const SessionUse> uses) {
  return RunStatements([&] {
    std::vector<std::string> hashes;
    std::vector<std::string> instants;
    for (const SessionUse& use : uses) {
      hashes.push_back(ByteaText(use.token_hash));
      instants.push_back(InstantText(use.at));
    }
    pqxx::transaction_base& work = PostgresTransaction::Work(tx);
    const int64_t generation = NextAccountGeneration(work);
    work.exec_params(
        "UPDATE kakunin.account_session s SET last_used_at = u.used_at, generation = $3"
        " FROM unnest($1::bytea[], $2::timestamptz[]) AS u (token_hash, used_at)"
        " WHERE s.token_hash = u.token_hash AND s.last_used_at < u.used_at",
        TextArray(hashes), TextArray(instants), generation);
    return absl::OkStatus();
  });
}

absl::StatusOr<AccountChanges> PostgresAccountStore::ReadSince(Transaction& tx,
                                                               int64_t generation) {
  return RunStatements([&]() -> absl::StatusOr<AccountChanges> {
    pqxx::transaction_base& work = PostgresTransaction::Work(tx);
    AccountChanges changes;
    changes.generation =
        work.exec("SELECT generation FROM kakunin.account_generation")[0][0].as<int64_t>();
    if (changes.generation == generation) return changes;
    const char* const open = generation == 0 ? " AND ended_at IS NULL" : "";
    for (const auto& row :
         work.exec_params(std::string(kSession) + " WHERE generation > $1" + open, generation)) {
      changes.sessions.push_back(SessionFrom(row));
    }
    for (const auto& row :
         work.exec_params(std::string("SELECT facility_code, change_number, ") + kSettingsColumns +
                              " FROM kakunin.facility_settings WHERE generation > $1",
                          generation)) {
      changes.settings.push_back({.facility_code = row[0].c_str(),
                                  .settings = SettingsFrom(row, 2),
                                  .change_number = row[1].as<int64_t>()});
    }
    return changes;
  });
}

}  // namespace kakunin
