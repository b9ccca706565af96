#include "server/rpc/account_service.h"

#include <algorithm>
#include <utility>

#include "kakunin/v1/account_service.grpc.pb.h"
#include "server/rpc/convert_accounts.h"
#include "server/rpc/facility_shares.h"
#include "server/rpc/feed_worker.h"
#include "server/rpc/queued_unary.h"
#include "server/rpc/read_terminal_call.h"
#include "server/usecases/accounts.h"
#include "server/usecases/log_in.h"

namespace kakunin {
namespace {

constexpr char kLogIn[] = "/kakunin.v1.AccountService/LogIn";
constexpr char kLogOut[] = "/kakunin.v1.AccountService/LogOut";
constexpr char kChangePassword[] = "/kakunin.v1.AccountService/ChangePassword";
constexpr char kCreate[] = "/kakunin.v1.AccountService/CreateAccount";
constexpr char kReset[] = "/kakunin.v1.AccountService/ResetPassword";
constexpr char kLock[] = "/kakunin.v1.AccountService/LockAccount";
constexpr char kUnlock[] = "/kakunin.v1.AccountService/UnlockAccount";
constexpr char kDisable[] = "/kakunin.v1.AccountService/DisableAccount";
constexpr char kList[] = "/kakunin.v1.AccountService/ListAccounts";
constexpr int kMostAccounts = 500;  // a page
constexpr size_t kMostTokenCharacters = 64;
// So many facilities find room in the queue of passwords at once.
constexpr int kFacilitiesAtOnce = 4;
constexpr int kThreads = 1;
constexpr size_t kMostQueued = 64;

// What all answers about one account have.
template <class Response>
void WriteOne(const AdministeredAccount& done, Response& response) {
  SetAccount(done.account, *response.mutable_account());
  response.set_audit_id(AuditIdText(done.audit_id));
}

// AccountRpc is AccountService with every method raw.
class AccountRpc final
    : public v1::AccountService::WithRawMethod_LogIn<
          v1::AccountService::WithRawMethod_LogOut<v1::AccountService::WithRawMethod_ChangePassword<
              v1::AccountService::WithRawMethod_CreateAccount<
                  v1::AccountService::WithRawMethod_ResetPassword<
                      v1::AccountService::WithRawMethod_LockAccount<
                          v1::AccountService::WithRawMethod_UnlockAccount<
                              v1::AccountService::WithRawMethod_DisableAccount<
                                  v1::AccountService::WithRawMethod_ListAccounts<
                                      v1::AccountService::Service>>>>>>>>> {};

class AccountService final : public QueuedService {
 public:
  AccountService(const AccountBackend& backend, const PasswordLimits& limits)
      : backend_(backend),
        tokens_(backend_.look_up_key),
        accounts_(backend_.database, backend_.accounts),
        shares_(std::max(1, static_cast<int>(limits.most_queued) / kFacilitiesAtOnce)),
        passwords_(limits.threads, limits.most_queued, FeedWorker::kNicerThanADesk),
        worker_(kThreads, kMostQueued) {}

  grpc::Service& rpc() override { return rpc_; }
  void Serve(CallQueue& queue) override {
    const auto share = [this](const Call& call) {
      return shares_.Take(std::get<Terminal>(call.actor).facility_code);
    };
    WorkerMethods(queue, backend_.dispatch, rpc_, *this,
                  // Whoever is answered finds it so at this server with the next call.
                  [this](const Call& call) { backend_.watch.CatchUp(call.deadline); })
        .Add(passwords_, kLogIn, &AccountRpc::RequestLogIn, &AccountService::LogIn, share)
        .Add(worker_, kLogOut, &AccountRpc::RequestLogOut, &AccountService::LogOut)
        .Add(passwords_, kChangePassword, &AccountRpc::RequestChangePassword,
             &AccountService::ChangePassword, share)
        .Add(passwords_, kCreate, &AccountRpc::RequestCreateAccount, &AccountService::CreateAccount,
             share)
        .Add(passwords_, kReset, &AccountRpc::RequestResetPassword, &AccountService::ResetPassword,
             share)
        .Add(worker_, kLock, &AccountRpc::RequestLockAccount, &AccountService::LockAccount)
        .Add(worker_, kUnlock, &AccountRpc::RequestUnlockAccount, &AccountService::UnlockAccount)
        .Add(worker_, kDisable, &AccountRpc::RequestDisableAccount, &AccountService::DisableAccount)
        .Add(worker_, kList, &AccountRpc::RequestListAccounts, &AccountService::ListAccounts);
  }

 private:
  absl::Status LogIn(const Call& call, const v1::LogInRequest& request,
                     v1::LogInResponse& response) {
    TerminalCall asked;
    LogInAttempt attempt;
    RETURN_IF_ERROR(ReadLogIn(request, call, backend_.audit_key, asked, attempt));
    ASSIGN_OR_RETURN(const LoggedIn logged_in,
                     kakunin::LogIn(backend_.database, backend_.accounts, tokens_, asked, attempt,
                                    call.deadline));
    WriteLogIn(logged_in, response);
    return absl::OkStatus();
  }

  absl::Status LogOut(const Call& call, const v1::LogOutRequest& request,
                      v1::LogOutResponse& response) {
    TerminalCall asked;
    RETURN_IF_ERROR(Read(request, call, asked));
    ASSIGN_OR_RETURN(const LoggedOut done,
                     kakunin::LogOut(backend_.database, backend_.accounts, asked,
                                     call.session.value_or(Digest32{}), call.deadline));
    response.set_audit_id(AuditIdText(done.audit_id));
    return absl::OkStatus();
  }

  absl::Status ChangePassword(const Call& call, const v1::ChangePasswordRequest& request,
                              v1::ChangePasswordResponse& response) {
    TerminalCall asked;
    PasswordChange change;
    RETURN_IF_ERROR(ReadChangePassword(request, call, backend_.audit_key, asked, change));
    ASSIGN_OR_RETURN(const ChangedPassword changed,
                     kakunin::ChangePassword(backend_.database, backend_.accounts, asked, change,
                                             call.deadline));
    response.set_sessions_ended(changed.sessions_ended);
    response.set_audit_id(AuditIdText(changed.audit_id));
    return absl::OkStatus();
  }

  absl::Status CreateAccount(const Call& call, const v1::CreateAccountRequest& request,
                             v1::CreateAccountResponse& response) {
    TerminalCall asked;
    AccountToCreate wanted;
    RETURN_IF_ERROR(ReadCreateAccount(request, call, backend_.audit_key, asked, wanted));
    ASSIGN_OR_RETURN(const AdministeredAccount made,
                     accounts_.Create(asked, wanted, call.deadline));
    WriteOne(made, response);
    response.set_one_time_password(made.one_time_password);
    return absl::OkStatus();
  }

  absl::Status ResetPassword(const Call& call, const v1::ResetPasswordRequest& request,
                             v1::ResetPasswordResponse& response) {
    TerminalCall asked;
    RETURN_IF_ERROR(ReadNamed(request, call, asked));
    ASSIGN_OR_RETURN(const AdministeredAccount done,
                     accounts_.ResetPassword(asked, request.user_name(), call.deadline));
    WriteOne(done, response);
    response.set_one_time_password(done.one_time_password);
    return absl::OkStatus();
  }

  absl::Status LockAccount(const Call& call, const v1::LockAccountRequest& request,
                           v1::LockAccountResponse& response) {
    TerminalCall asked;
    RETURN_IF_ERROR(ReadNamed(request, call, asked));
    ASSIGN_OR_RETURN(const AdministeredAccount done,
                     accounts_.Lock(asked, request.user_name(), call.deadline));
    WriteOne(done, response);
    response.set_sessions_ended(done.sessions_ended);
    return absl::OkStatus();
  }

  absl::Status UnlockAccount(const Call& call, const v1::UnlockAccountRequest& request,
                             v1::UnlockAccountResponse& response) {
    TerminalCall asked;
    RETURN_IF_ERROR(ReadNamed(request, call, asked));
    ASSIGN_OR_RETURN(const AdministeredAccount done,
                     accounts_.Unlock(asked, request.user_name(), call.deadline));
    WriteOne(done, response);
    return absl::OkStatus();
  }

  absl::Status DisableAccount(const Call& call, const v1::DisableAccountRequest& request,
                              v1::DisableAccountResponse& response) {
    TerminalCall asked;
    RETURN_IF_ERROR(ReadNamed(request, call, asked));
    ASSIGN_OR_RETURN(const AdministeredAccount done,
                     accounts_.Disable(asked, request.user_name(), call.deadline));
    WriteOne(done, response);
    response.set_sessions_ended(done.sessions_ended);
    return absl::OkStatus();
  }

  absl::Status ListAccounts(const Call& call, const v1::ListAccountsRequest& request,
                            v1::ListAccountsResponse& response) {
    TerminalCall asked;
    FieldErrors errors;
    ReadTerminalCall(errors, request, call, backend_.audit_key, asked);
    if (request.page_size() < 0 || request.page_size() > kMostAccounts) {
      errors.Add("page_size", kFieldMalformed);
    }
    // A place is the name that stands there.
    OptionalLine(errors, "page_token", request.page_token(), kMostTokenCharacters);
    RETURN_IF_ERROR(errors.ToStatus());
    const int limit = request.page_size() == 0 ? kMostAccounts : request.page_size();
    ASSIGN_OR_RETURN(const Accounts::AccountList list,
                     accounts_.List(asked, request.page_token(), limit, call.deadline));
    if (list.more) response.set_next_page_token(list.accounts.back().user_name);
    for (const Account& account : list.accounts) SetAccount(account, *response.add_accounts());
    response.set_audit_id(AuditIdText(list.audit_id));
    return absl::OkStatus();
  }

  template <class Request>
  absl::Status Read(const Request& request, const Call& call, TerminalCall& asked) const {
    FieldErrors errors;
    ReadTerminalCall(errors, request, call, backend_.audit_key, asked);
    return errors.ToStatus();
  }
  // Of a request that names an account.
  template <class Request>
  absl::Status ReadNamed(const Request& request, const Call& call, TerminalCall& asked) const {
    FieldErrors errors;
    ReadTerminalCall(errors, request, call, backend_.audit_key, asked);
    ReadUserName(errors, request.user_name());
    return errors.ToStatus();
  }

  const AccountBackend backend_;
  const auth::SessionTokenKey tokens_;
  Accounts accounts_;
  AccountRpc rpc_;
  FacilityShares shares_;  // of the queue of passwords
  FeedWorker passwords_;
  FeedWorker worker_;
};

}  // namespace

std::unique_ptr<QueuedService> MakeAccountService(const AccountBackend& backend,
                                                  const PasswordLimits& limits) {
  return std::make_unique<AccountService>(backend, limits);
}

}  // namespace kakunin
