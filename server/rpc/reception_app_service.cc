#include "server/rpc/reception_app_service.h"

#include <vector>

#include "kakunin/v1/reception_app_service.grpc.pb.h"
#include "server/rpc/convert_reception_apps.h"
#include "server/rpc/kept_write.h"
#include "server/rpc/write_call.h"

namespace kakunin {
namespace {

constexpr char kRegister[] = "/kakunin.v1.ReceptionAppService/RegisterReceptionApp";
constexpr char kRevoke[] = "/kakunin.v1.ReceptionAppService/RevokeReceptionApp";
constexpr char kList[] = "/kakunin.v1.ReceptionAppService/ListReceptionApps";
constexpr size_t kMostNameCharacters = 200;
constexpr size_t kMostPemOctets = 1024;

class ReceptionAppService final : public v1::ReceptionAppService::Service {
 public:
  explicit ReceptionAppService(const ReceptionAppBackend& backend) : backend_(backend) {}

  grpc::Status RegisterReceptionApp(grpc::ServerContext* context,
                                    const v1::RegisterReceptionAppRequest* request,
                                    v1::RegisterReceptionAppResponse* response) override {
    return backend_.dispatch.Serve(
        context, kRegister, [&](const Call& call) { return Register(call, *request, *response); });
  }
  grpc::Status RevokeReceptionApp(grpc::ServerContext* context,
                                  const v1::RevokeReceptionAppRequest* request,
                                  v1::RevokeReceptionAppResponse* response) override {
    return backend_.dispatch.Serve(
        context, kRevoke, [&](const Call& call) { return Revoke(call, *request, *response); });
  }
  grpc::Status ListReceptionApps(grpc::ServerContext* context,
                                 const v1::ListReceptionAppsRequest* request,
                                 v1::ListReceptionAppsResponse* response) override {
    return backend_.dispatch.Serve(
        context, kList, [&](const Call& call) { return List(call, *request, *response); });
  }

 private:
  absl::Status Register(const Call& call, const v1::RegisterReceptionAppRequest& request,
                        v1::RegisterReceptionAppResponse& response) {
    FieldErrors errors;
    const auto id = RequiredUuid<RequestId>(errors, "request_id", request.request_id());
    ReadAppId(errors, request.app_id());
    RequiredLine(errors, "name", request.name(), kMostNameCharacters);
    RequiredOctets(errors, "public_key_pem", request.public_key_pem(), 1, kMostPemOctets);
    RETURN_IF_ERROR(errors.ToStatus());
    const AppToRegister wanted{request.app_id(), request.name(), request.public_key_pem()};
    return KeptWrite(
        backend_.database, backend_.requests,
        WriteCallOf(call, backend_.audit_key, request, *id, request.validate_only()), response,
        [&](Transaction& tx, AuditRecord& record) {
          return kakunin::RegisterReceptionApp(tx, record, backend_.apps, wanted,
                                               request.validate_only());
        },
        [](const RegisteredApp& done, v1::RegisterReceptionAppResponse& answer) {
          SetReceptionApp(done.app, *answer.mutable_app());
          answer.set_created(done.created);
        });
  }

  absl::Status Revoke(const Call& call, const v1::RevokeReceptionAppRequest& request,
                      v1::RevokeReceptionAppResponse& response) {
    FieldErrors errors;
    const auto id = RequiredUuid<RequestId>(errors, "request_id", request.request_id());
    ReadAppId(errors, request.app_id());
    RETURN_IF_ERROR(errors.ToStatus());
    return KeptWrite(
        backend_.database, backend_.requests,
        WriteCallOf(call, backend_.audit_key, request, *id, request.validate_only()), response,
        [&](Transaction& tx, AuditRecord& record) {
          return kakunin::RevokeReceptionApp(tx, record, backend_.apps, request.app_id(),
                                             request.validate_only());
        },
        [](const ReceptionApp& app, v1::RevokeReceptionAppResponse& answer) {
          SetReceptionApp(app, *answer.mutable_app());
        });
  }

  absl::Status List(const Call& call, const v1::ListReceptionAppsRequest& request,
                    v1::ListReceptionAppsResponse& response) {
    std::vector<ReceptionApp> apps;
    const auto audit_id =
        AuditedWrite(backend_.database, WriteCallOf(call, backend_.audit_key, request),
                     [&](Transaction& tx, AuditRecord& record) -> absl::Status {
                       ASSIGN_OR_RETURN(apps, backend_.apps.List(tx));
                       AddDetail(record, "apps", static_cast<int64_t>(apps.size()));
                       return absl::OkStatus();
                     });
    RETURN_IF_ERROR(audit_id.status());
    for (const ReceptionApp& app : apps) SetReceptionApp(app, *response.add_apps());
    response.set_audit_id(AuditIdText(*audit_id));
    return absl::OkStatus();
  }

  const ReceptionAppBackend backend_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeReceptionAppService(const ReceptionAppBackend& backend) {
  return std::make_unique<ReceptionAppService>(backend);
}

}  // namespace kakunin
