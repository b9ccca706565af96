#pragma once

#include <string>

#include "absl/status/status.h"
#include "auth/digest.h"
#include "kakunin/v1/account_service.pb.h"
#include "server/rpc/dispatch.h"
#include "server/rpc/fields.h"
#include "server/usecases/accounts.h"
#include "server/usecases/log_in.h"

namespace kakunin {

// ReadLogIn, ReadChangePassword, ReadCreateAccount and ReadAccountCall read requests of
// AccountService: INVALID_FIELDS with every violation. No digest that the audit keeps is taken over
// a password, which who has the key could guess from it.
absl::Status ReadLogIn(const v1::LogInRequest& request, const Call& call,
                       const auth::HmacKey& audit_key, TerminalCall& asked, LogInAttempt& attempt);
absl::Status ReadChangePassword(const v1::ChangePasswordRequest& request, const Call& call,
                                const auth::HmacKey& audit_key, TerminalCall& asked,
                                PasswordChange& change);
absl::Status ReadCreateAccount(const v1::CreateAccountRequest& request, const Call& call,
                               const auth::HmacKey& audit_key, TerminalCall& asked,
                               AccountToCreate& wanted);

// ReadUserName reads the name of an account.
void ReadUserName(FieldErrors& errors, const std::string& user_name);
// ReadDisplayName reads how colleagues see the account's user.
void ReadDisplayName(FieldErrors& errors, const std::string& display_name);

void SetAccount(const Account& account, v1::Account& out);
void WriteLogIn(const LoggedIn& logged_in, v1::LogInResponse& response);

}  // namespace kakunin
