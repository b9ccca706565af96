#include "server/rpc/convert_accounts.h"

#include "domain/password_rule.h"
#include "domain/text/password_text.h"
#include "server/rpc/convert_date.h"
#include "server/rpc/patient_fields.h"
#include "server/rpc/read_terminal_call.h"

namespace kakunin {
namespace {

constexpr std::string_view kUserNameForm =
    "半角英小文字、数字、「.」「_」「-」で3文字から32文字にしてください。";
constexpr std::string_view kQualificationMissing =
    "医療情報閲覧者には、医師、歯科医師、薬剤師、その他の有資格者のいずれか一つを指定してください"
    "。";
constexpr std::string_view kQualificationTooMuch = "医療情報閲覧者のほかには指定できません。";
constexpr std::string_view kPasswordMalformed = "制御文字を含めないでください。";
constexpr std::string_view kPasswordTheSame = "今のパスワードと別のものにしてください。";
constexpr size_t kMostDisplayNameCharacters = 50;
// More than any password of kMostPasswordCharacters has.
constexpr size_t kMostPasswordOctets = 1024;

// ReadTriedPassword reads a password to be compared; what is told of its form is no secret.
std::string ReadTriedPassword(FieldErrors& errors, const char* field, const std::string& typed) {
  if (typed.empty()) errors.Add(field, kFieldMissing);
  if (typed.size() > kMostPasswordOctets) {
    errors.Add(field, SentenceOf(PasswordFault::kTooLong));
    return {};
  }
  const auto text = ReadPassword(typed);
  if (!text) errors.Add(field, kPasswordMalformed);
  return text ? text->utf8 : std::string();
}

void ReadNewPassword(FieldErrors& errors, const v1::ChangePasswordRequest& request,
                     const Terminal& terminal, PasswordChange& change) {
  constexpr char kField[] = "new_password";
  const std::string& typed = request.new_password();
  if (typed.empty()) return errors.Add(kField, kFieldMissing);
  if (typed.size() > kMostPasswordOctets) {
    return errors.Add(kField, SentenceOf(PasswordFault::kTooLong));
  }
  const auto text = ReadPassword(typed);
  if (!text) return errors.Add(kField, kPasswordMalformed);
  for (const PasswordFault fault : PasswordFaults(*text, terminal.user, terminal.facility_code)) {
    errors.Add(kField, SentenceOf(fault));
  }
  if (text->utf8 == change.current_password) errors.Add(kField, kPasswordTheSame);
  change.new_password = text->utf8;
}

}  // namespace

void ReadUserName(FieldErrors& errors, const std::string& user_name) {
  if (user_name.empty()) {
    errors.Add("user_name", kFieldMissing);
  } else if (!IsUserName(user_name)) {
    errors.Add("user_name", kUserNameForm);
  }
}

void ReadDisplayName(FieldErrors& errors, const std::string& display_name) {
  RequiredLine(errors, "display_name", display_name, kMostDisplayNameCharacters);
}

absl::Status ReadLogIn(const v1::LogInRequest& request, const Call& call,
                       const auth::HmacKey& audit_key, TerminalCall& asked, LogInAttempt& attempt) {
  FieldErrors errors;
  v1::LogInRequest without_password = request;
  without_password.clear_password();
  ReadTerminalCall(errors, without_password, call, audit_key, asked);
  ReadUserName(errors, request.user_name());
  attempt.user_name = request.user_name();
  attempt.password = ReadTriedPassword(errors, "password", request.password());
  attempt.certificate = call.certificate;
  return errors.ToStatus();
}

absl::Status ReadChangePassword(const v1::ChangePasswordRequest& request, const Call& call,
                                const auth::HmacKey& audit_key, TerminalCall& asked,
                                PasswordChange& change) {
  FieldErrors errors;
  v1::ChangePasswordRequest without_passwords = request;
  without_passwords.clear_current_password();
  without_passwords.clear_new_password();
  ReadTerminalCall(errors, without_passwords, call, audit_key, asked);
  change.current_password =
      ReadTriedPassword(errors, "current_password", request.current_password());
  ReadNewPassword(errors, request, TerminalOf(call), change);
  if (call.session) change.session = *call.session;
  return errors.ToStatus();
}

absl::Status ReadCreateAccount(const v1::CreateAccountRequest& request, const Call& call,
                               const auth::HmacKey& audit_key, TerminalCall& asked,
                               AccountToCreate& wanted) {
  FieldErrors errors;
  ReadTerminalCall(errors, request, call, audit_key, asked);
  ReadUserName(errors, request.user_name());
  ReadDisplayName(errors, request.display_name());
  const auto kind = RequiredEnum<AccountKind>(errors, "kind", request.kind());
  const auto qualification = OptionalEnum<Role>(errors, "qualification", request.qualification());
  if (kind) {
    const auto role = RoleFor(*kind, qualification);
    if (role) {
      wanted.role = *role;
    } else {
      errors.Add("qualification", *kind == AccountKind::kMedicalInformationViewer
                                      ? kQualificationMissing
                                      : kQualificationTooMuch);
    }
  }
  wanted.user_name = request.user_name();
  wanted.display_name = request.display_name();
  return errors.ToStatus();
}

void SetAccount(const Account& account, v1::Account& out) {
  out.set_user_name(account.user_name);
  out.set_display_name(account.display_name);
  out.set_kind(static_cast<v1::AccountKind>(KindOf(account.role)));
  out.set_role(static_cast<v1::UserRole>(account.role));
  out.set_state(static_cast<v1::AccountState>(StateOf(account)));
  out.set_password_change_needed(NeedsPasswordChange(account));
  *out.mutable_create_time() = TimeToProto(account.created);
  if (account.last_log_in) *out.mutable_last_log_in_time() = TimeToProto(*account.last_log_in);
}

void WriteLogIn(const LoggedIn& logged_in, v1::LogInResponse& response) {
  response.set_session_token(logged_in.token);
  SetAccount(logged_in.account, *response.mutable_account());
  *response.mutable_end_time() = TimeToProto(logged_in.session.end);
  response.set_idle_seconds(static_cast<int32_t>(absl::ToInt64Seconds(kSessionIdle)));
  response.set_password_change_needed(logged_in.session.password_change_needed);
  response.set_audit_id(AuditIdText(logged_in.audit_id));
}

}  // namespace kakunin
