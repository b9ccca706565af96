#include "server/rpc/identity_case_service.h"

#include <string>
#include <vector>

#include "kakunin/v1/identity_case_service.grpc.pb.h"
#include "server/rpc/convert_feed.h"
#include "server/rpc/convert_identity_case.h"
#include "server/rpc/fields.h"
#include "server/rpc/identity_case_page.h"
#include "server/rpc/write_call.h"
#include "server/usecases/identity_cases.h"

namespace kakunin {
namespace {

constexpr char kListIdentityCases[] = "/kakunin.v1.IdentityCaseService/ListIdentityCases";
constexpr char kReleaseIdentityCase[] = "/kakunin.v1.IdentityCaseService/ReleaseIdentityCase";

class IdentityCaseService final : public v1::IdentityCaseService::Service {
 public:
  explicit IdentityCaseService(const IdentityCaseBackend& backend) : backend_(backend) {}

  grpc::Status ListIdentityCases(grpc::ServerContext* context,
                                 const v1::ListIdentityCasesRequest* request,
                                 v1::ListIdentityCasesResponse* response) override {
    return backend_.dispatch.Serve(context, kListIdentityCases, [&](const Call& call) {
      return request->case_id().empty() ? List(call, *request, *response)
                                        : Show(call, *request, *response);
    });
  }

  grpc::Status ReleaseIdentityCase(grpc::ServerContext* context,
                                   const v1::ReleaseIdentityCaseRequest* request,
                                   v1::ReleaseIdentityCaseResponse* response) override {
    return backend_.dispatch.Serve(context, kReleaseIdentityCase, [&](const Call& call) {
      return Release(call, *request, *response);
    });
  }

 private:
  absl::Status List(const Call& call, const v1::ListIdentityCasesRequest& request,
                    v1::ListIdentityCasesResponse& response) {
    FieldErrors errors;
    CasePage page{
        .wanted = {.insurer_number = call.actor_name, .open_only = !request.include_ended()}};
    ReadCasePage(errors, request.page_size(), request.page_token(), page);
    RETURN_IF_ERROR(errors.ToStatus());
    std::vector<IdentityCase> cases;
    std::string next;
    const auto audit_id =
        AuditedWrite(backend_.database, WriteCallOf(call, backend_.audit_key, request),
                     [&](Transaction& tx, AuditRecord&) -> absl::Status {
                       ASSIGN_OR_RETURN(next, ReadCases(tx, backend_.cases, page, cases));
                       return absl::OkStatus();
                     });
    RETURN_IF_ERROR(audit_id.status());
    response.set_next_page_token(next);
    for (const IdentityCase& told : cases) SetIdentityCase(told, *response.add_cases());
    return absl::OkStatus();
  }

  absl::Status Show(const Call& call, const v1::ListIdentityCasesRequest& request,
                    v1::ListIdentityCasesResponse& response) {
    FieldErrors errors;
    const auto id = RequiredUuid<CaseId>(errors, "case_id", request.case_id());
    RETURN_IF_ERROR(errors.ToStatus());
    return AuditedWrite(backend_.database, WriteCallOf(call, backend_.audit_key, request),
                        [&](Transaction& tx, AuditRecord& record) -> absl::Status {
                          ASSIGN_OR_RETURN(
                              const IdentityCase found,
                              FindIdentityCase(tx, record, backend_.cases, call.actor_name, *id));
                          response.Clear();
                          SetIdentityCase(found, *response.add_cases());
                          return absl::OkStatus();
                        })
        .status();
  }

  absl::Status Release(const Call& call, const v1::ReleaseIdentityCaseRequest& request,
                       v1::ReleaseIdentityCaseResponse& response) {
    FieldErrors errors;
    const auto id = RequiredUuid<CaseId>(errors, "case_id", request.case_id());
    RequiredLine(errors, "released_by", request.released_by(), kMostReleaserCharacters);
    RETURN_IF_ERROR(errors.ToStatus());
    return AuditedWrite(
               backend_.database, WriteCallOf(call, backend_.audit_key, request),
               [&](Transaction& tx, AuditRecord& record) -> absl::Status {
                 ASSIGN_OR_RETURN(
                     const ReleasedCase released,
                     kakunin::ReleaseIdentityCase(tx, record, backend_.cases, call.actor_name, *id,
                                                  request.released_by(), backend_.build));
                 response.Clear();
                 SetIdentityCase(released.identity_case, *response.mutable_identity_case());
                 response.set_released_cases(released.released);
                 return absl::OkStatus();
               })
        .status();
  }

  const IdentityCaseBackend backend_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeIdentityCaseService(const IdentityCaseBackend& backend) {
  return std::make_unique<IdentityCaseService>(backend);
}

}  // namespace kakunin
