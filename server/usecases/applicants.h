#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "auth/session_token.h"
#include "domain/applicant.h"
#include "domain/error.h"
#include "server/usecases/administrative_write.h"
#include "server/usecases/digest_turn.h"
#include "storage/applicant_store.h"
#include "storage/application_store.h"

namespace kakunin {

// RegisterApplicant takes a facility's wish for an account within `tx`; with `validate_only`
// nothing is written. Whoever asks is not told whether there is another account for the facility:
// an operator confirms the right one.
absl::StatusOr<ApplicantAccount> RegisterApplicant(Transaction& tx, AuditRecord& record,
                                                   ApplicantStore& store, ApplicantAccount wanted,
                                                   bool validate_only);

// PasswordGift is a one-time password that an operator is told, by its hash.
struct PasswordGift {
  std::string operator_name;
  std::string password_hash;
};

// ConfirmApplicant opens an account that waits (APPLICANT_NOT_IN_THIS_STATE when it does not), and
// ResetApplicantPassword gives one that is active or locked a new password and ends its sessions;
// its news, and mail, say so and never the password: whoever did not ask for it hears of it.
// APPLICANT_NOT_FOUND, or a StoreError.
absl::StatusOr<ApplicantAccount> ConfirmApplicant(Transaction& tx, AuditRecord& record,
                                                  ApplicantStore& store, const std::string& account,
                                                  const PasswordGift& gift, bool validate_only);
absl::StatusOr<ApplicantAccount> ResetApplicantPassword(
    Transaction& tx, AuditRecord& record, ApplicantStore& store, ApplicationStore& news,
    const std::string& account, const PasswordGift& gift, bool validate_only);

// ApplicantLoggedIn is what a log-in gives.
struct ApplicantLoggedIn {
  std::string token;  // told once
  ApplicantSession session;
  bool password_change_needed = false;
  AuditId audit_id;
};

// LogInApplicant compares a password and begins a session. The try is counted and committed before
// it is compared, so that of tries at the same instant kMostWrongTries are compared and no more.
// One answer for unknown accounts, wrong passwords and whatever is shut: APPLICANT_LOG_IN_REFUSED,
// after the same work. Takes one digest of a password, in its turn; the caller bounds how many
// wait.
absl::StatusOr<ApplicantLoggedIn> LogInApplicant(Database& database, ApplicantStore& store,
                                                 const auth::SessionTokenKey& tokens,
                                                 const WriteCall& call, const std::string& account,
                                                 const std::string& password, DigestTurn& turn);

// OpenedSession is a session that counts, with its account.
struct OpenedSession {
  Digest32 token_hash{};
  ApplicantAccount account;
};

// OpenApplicantSession finds whose a token is at `at`: APPLICANT_LOG_IN_NEEDED when it is
// nobody's or over, or the account is no longer open; PASSWORD_CHANGE_NEEDED for an account with a
// one-time password, unless `changes_password`.
absl::StatusOr<OpenedSession> OpenApplicantSession(Database& database, ApplicantStore& store,
                                                   const auth::SessionTokenKey& tokens,
                                                   const std::string& token, absl::Time at,
                                                   bool changes_password, MonotonicTime deadline);

// LogOutApplicant ends a session.
absl::StatusOr<AuditId> LogOutApplicant(Database& database, ApplicantStore& store,
                                        const WriteCall& call, const Digest32& token_hash);

// ChangeApplicantPassword sets a new password and ends the other sessions; PASSWORD_WRONG, counted
// as a log-in's is. Takes two digests of passwords, as it does.
absl::StatusOr<AuditId> ChangeApplicantPassword(Database& database, ApplicantStore& store,
                                                const WriteCall& call, const OpenedSession& session,
                                                const std::string& current_password,
                                                const std::string& new_password, DigestTurn& turn);

}  // namespace kakunin
