#include "server/rpc/account_administration_service.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "auth/password_hash.h"
#include "kakunin/v1/account_administration_service.grpc.pb.h"
#include "server/rpc/convert_accounts.h"
#include "server/rpc/kept_write.h"
#include "server/rpc/write_call.h"
#include "server/usecases/accounts.h"

namespace kakunin {
namespace {

constexpr size_t kAccountsRead = 1'000;  // at a time

constexpr char kCreate[] = "/kakunin.v1.AccountAdministrationService/CreateAdministrator";
constexpr char kReset[] = "/kakunin.v1.AccountAdministrationService/ResetAdministratorPassword";
constexpr char kList[] = "/kakunin.v1.AccountAdministrationService/ListAdministrators";
constexpr size_t kFacilityDigits = 10;

// OneTimePassword is made before the write, whose connection is not held while it is digested. A
// check needs none.
struct OneTimePassword {
  explicit OneTimePassword(bool validate_only)
      : text(validate_only ? "" : auth::RandomPassword()),
        hash(validate_only ? "" : auth::HashPassword(text)) {}
  std::string text;
  std::string hash;
};

class AccountAdministrationService final : public v1::AccountAdministrationService::Service {
 public:
  explicit AccountAdministrationService(const AccountAdministrationBackend& backend)
      : backend_(backend) {}

  grpc::Status CreateAdministrator(grpc::ServerContext* context,
                                   const v1::CreateAdministratorRequest* request,
                                   v1::CreateAdministratorResponse* response) override {
    return backend_.dispatch.Serve(
        context, kCreate, [&](const Call& call) { return Create(call, *request, *response); });
  }
  grpc::Status ResetAdministratorPassword(
      grpc::ServerContext* context, const v1::ResetAdministratorPasswordRequest* request,
      v1::ResetAdministratorPasswordResponse* response) override {
    return backend_.dispatch.Serve(
        context, kReset, [&](const Call& call) { return Reset(call, *request, *response); });
  }
  grpc::Status ListAdministrators(grpc::ServerContext* context,
                                  const v1::ListAdministratorsRequest* request,
                                  v1::ListAdministratorsResponse* response) override {
    return backend_.dispatch.Serve(
        context, kList, [&](const Call& call) { return List(call, *request, *response); });
  }

 private:
  absl::Status Create(const Call& call, const v1::CreateAdministratorRequest& request,
                      v1::CreateAdministratorResponse& response) {
    FieldErrors errors;
    const auto id = RequiredUuid<RequestId>(errors, "request_id", request.request_id());
    RequiredDigits(errors, "facility_code", request.facility_code(), kFacilityDigits);
    ReadUserName(errors, request.user_name());
    ReadDisplayName(errors, request.display_name());
    RETURN_IF_ERROR(errors.ToStatus());
    const OneTimePassword password(request.validate_only());
    const Account wanted{.facility_code = request.facility_code(),
                         .user_name = request.user_name(),
                         .display_name = request.display_name(),
                         .password_hash = password.hash};
    return Write(call, request, *id, password, response, [&](Transaction& tx, AuditRecord& record) {
      return kakunin::CreateAdministrator(tx, record, backend_.registry, backend_.accounts, wanted,
                                          request.validate_only());
    });
  }

  absl::Status Reset(const Call& call, const v1::ResetAdministratorPasswordRequest& request,
                     v1::ResetAdministratorPasswordResponse& response) {
    FieldErrors errors;
    const auto id = RequiredUuid<RequestId>(errors, "request_id", request.request_id());
    RequiredDigits(errors, "facility_code", request.facility_code(), kFacilityDigits);
    ReadUserName(errors, request.user_name());
    RETURN_IF_ERROR(errors.ToStatus());
    const OneTimePassword password(request.validate_only());
    return Write(call, request, *id, password, response, [&](Transaction& tx, AuditRecord& record) {
      return kakunin::ResetAdministratorPassword(tx, record, backend_.accounts,
                                                 request.facility_code(), request.user_name(),
                                                 password.hash, request.validate_only());
    });
  }

  // The answer that is kept for repetitions has no password: it is told to whom made it alone.
  template <class Request, class Response, class Act>
  absl::Status Write(const Call& call, const Request& request, const RequestId& id,
                     const OneTimePassword& password, Response& response, Act&& act) {
    bool made = false;
    RETURN_IF_ERROR(
        KeptWrite(backend_.database, backend_.requests,
                  WriteCallOf(call, backend_.audit_key, request, id, request.validate_only()),
                  response, std::forward<Act>(act), [&](const Account& account, Response& answer) {
                    made = true;
                    SetAccount(account, *answer.mutable_account());
                  }));
    if (made) response.set_one_time_password(password.text);
    return absl::OkStatus();
  }

  absl::Status List(const Call& call, const v1::ListAdministratorsRequest& request,
                    v1::ListAdministratorsResponse& response) {
    FieldErrors errors;
    RequiredDigits(errors, "facility_code", request.facility_code(), kFacilityDigits);
    RETURN_IF_ERROR(errors.ToStatus());
    std::vector<Account> accounts;
    const auto audit_id = AuditedWrite(
        backend_.database, WriteCallOf(call, backend_.audit_key, request),
        [&](Transaction& tx, AuditRecord& record) -> absl::Status {
          AddDetail(record, "facility", request.facility_code());
          accounts.clear();
          std::vector<Account> page;
          do {
            const std::string after = page.empty() ? "" : page.back().user_name;
            ASSIGN_OR_RETURN(
                page, backend_.accounts.List(tx, request.facility_code(), after, kAccountsRead));
            std::ranges::copy_if(page, std::back_inserter(accounts), [](const Account& account) {
              return account.role == Role::kAdministrator;
            });
          } while (page.size() == kAccountsRead);
          return absl::OkStatus();
        });
    RETURN_IF_ERROR(audit_id.status());
    for (const Account& account : accounts) SetAccount(account, *response.add_accounts());
    response.set_audit_id(AuditIdText(*audit_id));
    return absl::OkStatus();
  }

  const AccountAdministrationBackend backend_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeAccountAdministrationService(
    const AccountAdministrationBackend& backend) {
  return std::make_unique<AccountAdministrationService>(backend);
}

}  // namespace kakunin
