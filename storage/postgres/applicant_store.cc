#include "storage/postgres/applicant_store.h"

#include <pqxx/result>

#include "storage/postgres/database.h"
#include "storage/postgres/statement_failure.h"
#include "storage/postgres/text_value.h"

namespace kakunin {
namespace {

constexpr char kAccount[] =
    "SELECT account, facility_code, facility_name, facility_type, prefecture, mail, state,"
    " registered_at, confirmed_at, coalesce(confirmed_by, ''), coalesce(password_given_by, ''),"
    " coalesce(password_hash, ''), one_time_end, wrong_tries, last_log_in FROM kakunin.applicant";

std::optional<absl::Time> OptionalInstant(const pqxx::field& field) {
  if (field.is_null()) return std::nullopt;
  return InstantFromText(field.c_str());
}

// The empty text stands for none: nullif makes it null.
std::string OptionalText(const std::optional<absl::Time>& at) {
  return at ? InstantText(*at) : std::string();
}

ApplicantAccount AccountFrom(const pqxx::row& row) {
  return {.account = row[0].c_str(),
          .facility_code = row[1].c_str(),
          .facility_name = row[2].c_str(),
          .facility_type = static_cast<FacilityType>(row[3].as<int>()),
          .prefecture = row[4].as<int>(),
          .mail = row[5].c_str(),
          .state = static_cast<AccountRegistrationState>(row[6].as<int>()),
          .registered = InstantFromText(row[7].c_str()),
          .confirmed = OptionalInstant(row[8]),
          .confirmed_by = row[9].c_str(),
          .password_given_by = row[10].c_str(),
          .password_hash = row[11].c_str(),
          .one_time_end = OptionalInstant(row[12]),
          .wrong_tries = row[13].as<int>(),
          .last_log_in = OptionalInstant(row[14])};
}

absl::StatusOr<std::optional<ApplicantAccount>> ReadAccount(Transaction& tx,
                                                            const std::string& account,
                                                            const char* lock) {
  return RunStatements([&]() -> absl::StatusOr<std::optional<ApplicantAccount>> {
    const auto rows = PostgresTransaction::Work(tx).exec_params(
        std::string(kAccount) + " WHERE account = $1" + lock, account);
    if (rows.empty()) return std::optional<ApplicantAccount>();
    return std::optional(AccountFrom(rows[0]));
  });
}

// StateIs is StateAt as SQL: $1 is the instant before which an account that waits has lapsed, $5
// how many wrong tries lock.
std::string StateIs(const std::optional<AccountRegistrationState>& state) {
  using enum AccountRegistrationState;
  if (!state) return "true";
  const auto stored = [](AccountRegistrationState one) {
    return "state = " + std::to_string(static_cast<int>(one));
  };
  switch (*state) {
    case kRegistered:
      return "(" + stored(kRegistered) + " AND registered_at > $1::timestamptz)";
    case kLapsed:
      return "(" + stored(kLapsed) + " OR " + stored(kRegistered) +
             " AND registered_at <= $1::timestamptz)";
    case kActive:
      return "(" + stored(kActive) + " AND wrong_tries < $5)";
    case kLocked:
      return "(" + stored(kLocked) + " OR " + stored(kActive) + " AND wrong_tries >= $5)";
    case kClosed:
      break;
  }
  return stored(*state);
}

}  // namespace

absl::Status PostgresApplicantStore::Insert(Transaction& tx, const ApplicantAccount& account) {
  return RunStatements([&] {
    PostgresTransaction::Work(tx).exec_params(
        "INSERT INTO kakunin.applicant (account, facility_code, facility_name, facility_type,"
        " prefecture, mail, state, registered_at, wrong_tries)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8::timestamptz, 0)",
        account.account, account.facility_code, account.facility_name,
        static_cast<int>(account.facility_type), account.prefecture, account.mail,
        static_cast<int>(account.state), InstantText(account.registered));
    return absl::OkStatus();
  });
}

absl::StatusOr<std::optional<ApplicantAccount>> PostgresApplicantStore::Hold(
    Transaction& tx, const std::string& account) {
  return ReadAccount(tx, account, " FOR UPDATE");
}

absl::StatusOr<std::optional<ApplicantAccount>> PostgresApplicantStore::Find(
    Transaction& tx, const std::string& account) {
  return ReadAccount(tx, account, "");
}

absl::Status PostgresApplicantStore::UpdatePassword(Transaction& tx,
                                                    const ApplicantAccount& account) {
  return RunStatements([&] {
    PostgresTransaction::Work(tx).exec_params(
        "UPDATE kakunin.applicant SET password_hash = nullif($2, ''),"
        " one_time_end = nullif($3, '')::timestamptz, wrong_tries = $4,"
        " last_log_in = nullif($5, '')::timestamptz WHERE account = $1",
        account.account, account.password_hash, OptionalText(account.one_time_end),
        account.wrong_tries, OptionalText(account.last_log_in));
    return absl::OkStatus();
  });
}

absl::Status PostgresApplicantStore::Update(Transaction& tx, const ApplicantAccount& account) {
  return RunStatements([&] {
    PostgresTransaction::Work(tx).exec_params(
        "UPDATE kakunin.applicant SET state = $2, confirmed_at = nullif($3, '')::timestamptz,"
        " confirmed_by = nullif($4, ''), password_given_by = nullif($5, ''),"
        " password_hash = nullif($6, ''), one_time_end = nullif($7, '')::timestamptz,"
        " wrong_tries = $8 WHERE account = $1",
        account.account, static_cast<int>(account.state), OptionalText(account.confirmed),
        account.confirmed_by, account.password_given_by, account.password_hash,
        OptionalText(account.one_time_end), account.wrong_tries);
    return absl::OkStatus();
  });
}

absl::StatusOr<std::vector<ApplicantAccount>> PostgresApplicantStore::List(
    Transaction& tx, const ApplicantRange& range) {
  return RunStatements([&]() -> absl::StatusOr<std::vector<ApplicantAccount>> {
    std::vector<ApplicantAccount> accounts;
    for (const auto& row : PostgresTransaction::Work(tx).exec_params(
             std::string(kAccount) + " WHERE " + StateIs(range.state) +
                 " AND $1::timestamptz IS NOT NULL"
                 " AND $5::smallint IS NOT NULL AND (registered_at, account COLLATE \"C\") >"
                 " ($2::timestamptz, $3) ORDER BY registered_at, account COLLATE \"C\" LIMIT $4",
             InstantText(range.at - kRegistrationWaits), InstantText(range.after),
             range.after_account, range.limit, kMostWrongTries)) {
      accounts.push_back(AccountFrom(row));
    }
    return accounts;
  });
}

absl::Status PostgresApplicantStore::BeginSession(Transaction& tx, const Digest32& token_hash,
                                                  const ApplicantSession& session) {
  return RunStatements([&] {
    pqxx::transaction_base& work = PostgresTransaction::Work(tx);
    work.exec_params(
        "DELETE FROM kakunin.applicant_session WHERE account = $1 AND ends_at <= $2::timestamptz",
        session.account, InstantText(session.began));
    work.exec_params(
        "INSERT INTO kakunin.applicant_session (token_hash, account, began_at, ends_at)"
        " VALUES ($1::bytea, $2, $3::timestamptz, $4::timestamptz)",
        ByteaText(token_hash), session.account, InstantText(session.began),
        InstantText(session.end));
    return absl::OkStatus();
  });
}

absl::StatusOr<std::optional<ApplicantSession>> PostgresApplicantStore::FindSession(
    Transaction& tx, const Digest32& token_hash) {
  return RunStatements([&]() -> absl::StatusOr<std::optional<ApplicantSession>> {
    const auto rows = PostgresTransaction::Work(tx).exec_params(
        "SELECT account, began_at, ends_at FROM kakunin.applicant_session"
        " WHERE token_hash = $1::bytea",
        ByteaText(token_hash));
    if (rows.empty()) return std::optional<ApplicantSession>();
    return std::optional(ApplicantSession{.account = rows[0][0].c_str(),
                                          .began = InstantFromText(rows[0][1].c_str()),
                                          .end = InstantFromText(rows[0][2].c_str())});
  });
}

absl::Status PostgresApplicantStore::EndSession(Transaction& tx, const Digest32& token_hash) {
  return RunStatements([&] {
    PostgresTransaction::Work(tx).exec_params(
        "DELETE FROM kakunin.applicant_session WHERE token_hash = $1::bytea",
        ByteaText(token_hash));
    return absl::OkStatus();
  });
}

absl::StatusOr<int> PostgresApplicantStore::EndSessions(Transaction& tx, const std::string& account,
                                                        const Digest32& spared) {
  return RunStatements([&]() -> absl::StatusOr<int> {
    const auto ended = PostgresTransaction::Work(tx).exec_params(
        "DELETE FROM kakunin.applicant_session WHERE account = $1 AND token_hash <> $2::bytea",
        account, ByteaText(spared));
    return static_cast<int>(ended.affected_rows());
  });
}

}  // namespace kakunin
