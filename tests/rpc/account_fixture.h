#pragma once

#include <fmt/format.h>

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "auth/password_hash.h"
#include "auth/session_token.h"
#include "domain/text/password_text.h"
#include "kakunin/v1/account_service.grpc.pb.h"
#include "server/rpc/status.h"
#include "storage/postgres/account_store.h"
#include "storage/postgres/registry_store.h"
#include "tests/rpc/raw_call.h"
#include "tests/rpc/terminal_server.h"

namespace kakunin {

inline constexpr char kOtherFacility[] = "1318000002";

// AccountTest is a terminals' port with an administrator ("kanri") of the test facility, a second
// facility, and whoever a test makes; real TLS, real digests, real PostgreSQL.
class AccountTest : public testing::Test {
 protected:
  using Stub = v1::AccountService::Stub;

  static constexpr char kPassword[] = "sakura-no-ki-no-shita";
  static constexpr char kNewPassword[] = "umi-no-mieru-oka-de";

  AccountTest() {
    RegisterTestCallers(database_, clock_.Now());
    RegisterElsewhere();
    MakeAccount("kanri", Role::kAdministrator);
    server_ = std::make_unique<TerminalServer>(database_, clock_);
  }

  // A desk of another facility.
  void RegisterElsewhere() {
    PostgresRegistryStore store;
    Must(database_.Open("kakunin_operator")->Write(Soon(), [&](Transaction& tx) -> absl::Status {
      RETURN_IF_ERROR(store.PutFacility(tx, {.facility_code = kOtherFacility, .name = "別"}));
      return store.PutTerminal(tx, {.facility_code = kOtherFacility,
                                    .terminal_id = "desk-1",
                                    .fingerprint = elsewhere_.fingerprint,
                                    .not_before = clock_.Now() - absl::Hours(1),
                                    .not_after = clock_.Now() + absl::Hours(24 * 300)});
    }));
  }

  static void Must(const absl::Status& status) { ASSERT_TRUE(status.ok()) << status; }

  // An account whose password is kPassword and need not be changed. Its hash is of a low cost,
  // which the first log-in raises.
  void MakeAccount(const std::string& user, Role role, const char* facility = kTestFacility,
                   std::optional<absl::Time> one_time_end = std::nullopt) {
    const Account account{
        .facility_code = facility,
        .user_name = user,
        .display_name = "試験 太郎",
        .role = role,
        .password_hash = auth::HashPassword(ReadPassword(kPassword)->utf8, {.log_n = 8}),
        .one_time_end = one_time_end,
        .created = clock_.Now()};
    Must(database_.Open("kakunin_terminal")->Write(Soon(), [&](Transaction& tx) {
      return accounts_.Insert(tx, account).status();
    }));
  }

  template <class Request, class Response>
  std::string Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                   const Request& request, Response& response, const std::string& token = "",
                   const TestIdentity& who = IdentityOf(Caller::kTerminal),
                   RpcServer* server = nullptr) {
    response.Clear();
    grpc::ClientContext context;
    if (!token.empty()) context.AddMetadata("kakunin-session", token);
    const auto stub =
        v1::AccountService::NewStub((server != nullptr ? *server : server_->port()).Channel(who));
    status_ = (stub.get()->*method)(&context, request, &response);
    return status_.ok() ? "" : DescribeError(status_).reason;
  }

  // LogIn returns the token, or the reason of the refusal with a question mark before it.
  std::string LogIn(const std::string& user, const std::string& password = kPassword,
                    const TestIdentity& who = IdentityOf(Caller::kTerminal)) {
    v1::LogInRequest request;
    request.set_user_name(user);
    request.set_password(password);
    const std::string reason = Call(&Stub::LogIn, request, logged_in_, "", who);
    return reason.empty() ? logged_in_.session_token() : "?" + reason;
  }

  // What a session may do is asked by a call that everybody may make; empty: it counts.
  std::string Ask(const std::string& token, const TestIdentity& who = IdentityOf(Caller::kTerminal),
                  const Metadata& more = {}) {
    Metadata metadata = {{"kakunin-session", token}};
    metadata.insert(metadata.end(), more.begin(), more.end());
    const Outcome outcome =
        CallWithNothing(server_->port().Channel(who),
                        "/kakunin.v1.FacilitySettingsService/GetFacilitySettings", metadata);
    return outcome.answered ? "" : outcome.reason();
  }

  // Calls of an administrator that name an account.
  template <class Request, class Response>
  std::string Administer(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                      Response*),
                         const std::string& token, const std::string& user, Response& response) {
    Request request;
    request.set_user_name(user);
    return Call(method, request, response, token);
  }

  static v1::CreateAccountRequest Wanted(const std::string& user, v1::AccountKind kind,
                                         v1::UserRole qualification = v1::USER_ROLE_UNSPECIFIED) {
    v1::CreateAccountRequest request;
    request.set_user_name(user);
    request.set_display_name("鈴木 一郎");
    request.set_kind(kind);
    request.set_qualification(qualification);
    return request;
  }
  std::string ChangePassword(const std::string& token, const std::string& from,
                             const std::string& to) {
    v1::ChangePasswordRequest request;
    request.set_current_password(from);
    request.set_new_password(to);
    return Call(&Stub::ChangePassword, request, changed_, token);
  }
  std::set<std::string> Violations() const {
    std::set<std::string> fields;
    for (const FieldViolation& one : DescribeError(status_).violations) fields.insert(one.field);
    return fields;
  }

  std::string Text(const std::string& sql) {
    const auto rows = database_.Exec(sql);
    return rows.empty() ? "" : rows[0][0].c_str();
  }

  const TestDatabase database_;
  SettableClock clock_;
  PostgresAccountStore accounts_;
  const TestIdentity elsewhere_ = IssueTestIdentity({TerminalUri(kOtherFacility, "desk-1")});
  std::unique_ptr<TerminalServer> server_;
  v1::LogInResponse logged_in_;
  v1::ChangePasswordResponse changed_;
  grpc::Status status_;
};

}  // namespace kakunin
