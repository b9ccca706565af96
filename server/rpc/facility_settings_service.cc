#include "server/rpc/facility_settings_service.h"

#include <utility>

#include "kakunin/v1/facility_settings_service.grpc.pb.h"
#include "server/rpc/convert_facility_settings.h"
#include "server/rpc/feed_worker.h"
#include "server/rpc/read_terminal_call.h"
#include "server/rpc/worker_call.h"

namespace kakunin {
namespace {

constexpr char kGet[] = "/kakunin.v1.FacilitySettingsService/GetFacilitySettings";
constexpr char kUpdate[] = "/kakunin.v1.FacilitySettingsService/UpdateFacilitySettings";
constexpr char kList[] = "/kakunin.v1.FacilitySettingsService/ListFacilitySettingsChanges";
constexpr int kThreads = 1;
constexpr size_t kMostQueued = 64;

template <class Response>
void WriteSettings(const ToldSettings& told, Response& response) {
  SetFacilitySettings(told.stored.settings, *response.mutable_settings());
  response.set_change_number(told.stored.change_number);
  response.set_audit_id(AuditIdText(told.audit_id));
}

class FacilitySettingsService final : public v1::FacilitySettingsService::CallbackService {
 public:
  explicit FacilitySettingsService(const FacilitySettingsBackend& backend)
      : backend_(backend), worker_(kThreads, kMostQueued) {}

  grpc::ServerUnaryReactor* GetFacilitySettings(
      grpc::CallbackServerContext* context, const v1::GetFacilitySettingsRequest* request,
      v1::GetFacilitySettingsResponse* response) override {
    return Serve(*context, kGet, [=, this](const Call& call) -> absl::Status {
      FieldErrors errors;
      TerminalCall asked;
      ReadTerminalCall(errors, *request, call, backend_.audit_key, asked);
      RETURN_IF_ERROR(errors.ToStatus());
      ASSIGN_OR_RETURN(
          const ToldSettings told,
          kakunin::GetFacilitySettings(backend_.database, backend_.settings, asked, call.deadline));
      WriteSettings(told, *response);
      return absl::OkStatus();
    });
  }

  grpc::ServerUnaryReactor* UpdateFacilitySettings(
      grpc::CallbackServerContext* context, const v1::UpdateFacilitySettingsRequest* request,
      v1::UpdateFacilitySettingsResponse* response) override {
    return Serve(*context, kUpdate, [=, this](const Call& call) -> absl::Status {
      TerminalCall asked;
      FacilitySettings wanted;
      RETURN_IF_ERROR(
          ReadUpdateFacilitySettings(*request, call, backend_.audit_key, asked, wanted));
      ASSIGN_OR_RETURN(
          const ToldSettings told,
          kakunin::UpdateFacilitySettings(backend_.database, backend_.settings, asked, wanted,
                                          request->change_number(), call.deadline));
      backend_.watch.CatchUp(call.deadline);
      WriteSettings(told, *response);
      return absl::OkStatus();
    });
  }

  grpc::ServerUnaryReactor* ListFacilitySettingsChanges(
      grpc::CallbackServerContext* context, const v1::ListFacilitySettingsChangesRequest* request,
      v1::ListFacilitySettingsChangesResponse* response) override {
    return Serve(*context, kList, [=, this](const Call& call) -> absl::Status {
      TerminalCall asked;
      int limit = 0;
      RETURN_IF_ERROR(
          ReadListFacilitySettingsChanges(*request, call, backend_.audit_key, asked, limit));
      ASSIGN_OR_RETURN(const SettingsChangePage page,
                       kakunin::ListFacilitySettingsChanges(backend_.database, backend_.settings,
                                                            asked, request->before_change_number(),
                                                            limit, call.deadline));
      for (const SettingsChange& change : page.changes) {
        SetSettingsChange(change, *response->add_changes());
      }
      response->set_audit_id(AuditIdText(page.audit_id));
      return absl::OkStatus();
    });
  }

 private:
  template <class Act>
  grpc::ServerUnaryReactor* Serve(grpc::CallbackServerContext& context, const char* method,
                                  Act act) {
    return ServeOnWorker(backend_.dispatch, worker_, context, method, std::move(act));
  }

  const FacilitySettingsBackend backend_;
  FeedWorker worker_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeFacilitySettingsService(const FacilitySettingsBackend& backend) {
  return std::make_unique<FacilitySettingsService>(backend);
}

}  // namespace kakunin
