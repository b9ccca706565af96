#include "server/usecases/applicants.h"

#include <utility>

#include "auth/digest.h"
#include "auth/encoding.h"
#include "auth/password_hash.h"
#include "server/usecases/password_try.h"
#include "server/usecases/refusal.h"

namespace kakunin {
namespace {

constexpr size_t kNameOctets = 6;
constexpr char kPasswordGiven[] =
    "アカウントに新しい仮パスワードが発行され、それまでのログインは終了しました。"
    "心当たりがないときは、すぐに窓口へ連絡してください。";

void Give(ApplicantAccount& account, const PasswordGift& gift, absl::Time at) {
  account.password_hash = gift.password_hash;
  account.password_given_by = gift.operator_name;
  account.one_time_end = at + kOneTimePasswordWorks;
  account.wrong_tries = 0;
}

// Holding reads and locks one account.
auto Holding(ApplicantStore& store, const std::string& account) {
  return [&store, account](Transaction& tx) { return store.Hold(tx, account); };
}

absl::StatusOr<PasswordTry> Try(Database& database, ApplicantStore& store, const WriteCall& call,
                                const std::string& account, const std::string& password,
                                DigestTurn& turn) {
  return TryPassword(database, call.at, password, call.deadline, &turn, Holding(store, account),
                     [&](Transaction& tx, const ApplicantAccount& held) {
                       return store.UpdatePassword(tx, held);
                     });
}

bool IsShut(const ApplicantAccount& account) {
  return account.state != AccountRegistrationState::kActive;
}

// Counted runs `act` (Transaction&, AuditRecord&) -> StatusOr<optional<Reason>> with its audit row;
// a refusal commits like an act.
template <class Act>
absl::StatusOr<AuditId> Counted(Database& database, const WriteCall& call, const Act& act) {
  AuditId id;
  std::optional<Reason> refused;
  RETURN_IF_ERROR(database.Write(WrittenBy(call.deadline), [&](Transaction& tx) -> absl::Status {
    AuditRecord record = AuditRecordOf(call);
    ASSIGN_OR_RETURN(refused, act(tx, record));
    if (refused) AddRefusal(MakeError(*refused), record);
    ASSIGN_OR_RETURN(id, tx.AppendAudit(std::move(record)));
    return absl::OkStatus();
  }));
  if (refused) return MakeError(*refused);
  return id;
}

}  // namespace

absl::StatusOr<ApplicantAccount> RegisterApplicant(Transaction& tx, AuditRecord& record,
                                                   ApplicantStore& store, ApplicantAccount wanted,
                                                   bool validate_only) {
  AddDetail(record, "facility", wanted.facility_code);
  wanted.registered = record.at;
  if (validate_only) return wanted;
  wanted.account = "acc-" + auth::HexEncode(auth::RandomArray<kNameOctets>());
  AddDetail(record, "applicant", wanted.account);
  RETURN_IF_ERROR(store.Insert(tx, wanted));
  return wanted;
}

absl::StatusOr<ApplicantAccount> ConfirmApplicant(Transaction& tx, AuditRecord& record,
                                                  ApplicantStore& store, const std::string& account,
                                                  const PasswordGift& gift, bool validate_only) {
  ASSIGN_OR_RETURN(auto held, store.Hold(tx, account));
  if (!held) return MakeError(Reason::kApplicantNotFound);
  AddDetail(record, "applicant", account);
  const AccountRegistrationState before = StateAt(*held, record.at);
  const auto step = StepAccountRegistration(before, AccountRegistrationEvent::kConfirmAddress);
  if (before != AccountRegistrationState::kRegistered || !step.to) {
    return MakeError(Reason::kApplicantNotInThisState);
  }
  held->state = *step.to;
  held->confirmed = record.at;
  held->confirmed_by = gift.operator_name;
  Give(*held, gift, record.at);
  if (!validate_only) RETURN_IF_ERROR(store.Update(tx, *held));
  return *std::move(held);
}

absl::StatusOr<ApplicantAccount> ResetApplicantPassword(
    Transaction& tx, AuditRecord& record, ApplicantStore& store, ApplicationStore& news,
    const std::string& account, const PasswordGift& gift, bool validate_only) {
  ASSIGN_OR_RETURN(auto held, store.Hold(tx, account));
  if (!held) return MakeError(Reason::kApplicantNotFound);
  AddDetail(record, "applicant", account);
  const AccountRegistrationState before = StateAt(*held, record.at);
  if (before != AccountRegistrationState::kActive && before != AccountRegistrationState::kLocked) {
    return MakeError(Reason::kApplicantNotInThisState);
  }
  held->state = AccountRegistrationState::kActive;
  Give(*held, gift, record.at);
  if (validate_only) return *std::move(held);
  RETURN_IF_ERROR(store.Update(tx, *held));
  ASSIGN_OR_RETURN(const int ended, store.EndSessions(tx, account, {}));
  AddDetail(record, "sessions_ended", ended);
  News told{.at = record.at, .application = {}, .text = kPasswordGiven};
  told.mail_text = told.text;
  RETURN_IF_ERROR(news.AddNews(tx, account, told));
  return *std::move(held);
}

absl::StatusOr<ApplicantLoggedIn> LogInApplicant(Database& database, ApplicantStore& store,
                                                 const auth::SessionTokenKey& tokens,
                                                 const WriteCall& call, const std::string& account,
                                                 const std::string& password, DigestTurn& turn) {
  ASSIGN_OR_RETURN(const PasswordTry made, Try(database, store, call, account, password, turn));
  const std::string secret = auth::SessionTokenKey::Secret();
  ApplicantLoggedIn logged_in;
  ASSIGN_OR_RETURN(
      logged_in.audit_id,
      Counted(database, call,
              [&](Transaction& tx, AuditRecord& record) -> absl::StatusOr<std::optional<Reason>> {
                // What was typed as a name is written down only when it is one.
                if (made.known) AddDetail(record, "applicant", account);
                AddTry(record, made);
                ASSIGN_OR_RETURN(auto held, HoldTried(tx, made, Holding(store, account), &IsShut));
                if (!held) return std::optional(Reason::kApplicantLogInRefused);
                held->last_log_in = record.at;
                RETURN_IF_ERROR(store.UpdatePassword(tx, *held));
                logged_in.session = {.account = account,
                                     .began = record.at,
                                     .end = record.at + kApplicantSessionLife};
                logged_in.password_change_needed = NeedsPasswordChange(*held);
                RETURN_IF_ERROR(store.BeginSession(tx, tokens.HashOf(secret), logged_in.session));
                return std::optional<Reason>();
              }));
  logged_in.token = auth::SessionTokenKey::Text(secret, 0);
  return logged_in;
}

absl::StatusOr<OpenedSession> OpenApplicantSession(Database& database, ApplicantStore& store,
                                                   const auth::SessionTokenKey& tokens,
                                                   const std::string& token, absl::Time at,
                                                   bool changes_password, MonotonicTime deadline) {
  const auto read = tokens.Read(token);
  if (!read) return MakeError(Reason::kApplicantLogInNeeded);
  std::optional<ApplicantSession> session;
  std::optional<ApplicantAccount> account;
  RETURN_IF_ERROR(database.Read(deadline, [&](Transaction& tx) -> absl::Status {
    account.reset();
    ASSIGN_OR_RETURN(session, store.FindSession(tx, read->hash));
    if (!session) return absl::OkStatus();
    ASSIGN_OR_RETURN(account, store.Find(tx, session->account));
    return absl::OkStatus();
  }));
  // Wrong tries lock the log-in and not who is in already: else anybody could throw them out.
  if (!account || at < session->began || at >= session->end ||
      account->state != AccountRegistrationState::kActive) {
    return MakeError(Reason::kApplicantLogInNeeded);
  }
  if (NeedsPasswordChange(*account) && !changes_password) {
    return MakeError(Reason::kPasswordChangeNeeded);
  }
  return OpenedSession{.token_hash = read->hash, .account = *std::move(account)};
}

absl::StatusOr<AuditId> LogOutApplicant(Database& database, ApplicantStore& store,
                                        const WriteCall& call, const Digest32& token_hash) {
  return AuditedWrite(database, call, [&](Transaction& tx, AuditRecord&) {
    return store.EndSession(tx, token_hash);
  });
}

absl::StatusOr<AuditId> ChangeApplicantPassword(Database& database, ApplicantStore& store,
                                                const WriteCall& call, const OpenedSession& session,
                                                const std::string& current_password,
                                                const std::string& new_password, DigestTurn& turn) {
  const std::string& account = session.account.account;
  ASSIGN_OR_RETURN(const PasswordTry made,
                   Try(database, store, call, account, current_password, turn));
  const std::string new_hash =
      made.right ? turn.Run([&] { return auth::HashPassword(new_password); }) : std::string();
  return Counted(
      database, call,
      [&](Transaction& tx, AuditRecord& record) -> absl::StatusOr<std::optional<Reason>> {
        AddTry(record, made);
        ASSIGN_OR_RETURN(auto held, HoldTried(tx, made, Holding(store, account), &IsShut));
        if (!held) return std::optional(Reason::kPasswordWrong);
        held->password_hash = new_hash;
        held->one_time_end.reset();
        RETURN_IF_ERROR(store.UpdatePassword(tx, *held));
        ASSIGN_OR_RETURN(const int ended, store.EndSessions(tx, account, session.token_hash));
        AddDetail(record, "sessions_ended", ended);
        return std::optional<Reason>();
      });
}

}  // namespace kakunin
