#include "server/rpc/facility_settings_service.h"

#include <utility>

#include "kakunin/v1/facility_settings_service.grpc.pb.h"
#include "server/rpc/convert_facility_settings.h"
#include "server/rpc/feed_worker.h"
#include "server/rpc/queued_unary.h"
#include "server/rpc/read_terminal_call.h"

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

// FacilitySettingsRpc is FacilitySettingsService with every method raw.
class FacilitySettingsRpc final
    : public v1::FacilitySettingsService::WithRawMethod_GetFacilitySettings<
          v1::FacilitySettingsService::WithRawMethod_UpdateFacilitySettings<
              v1::FacilitySettingsService::WithRawMethod_ListFacilitySettingsChanges<
                  v1::FacilitySettingsService::Service>>> {};

class FacilitySettingsService final : public QueuedService {
 public:
  explicit FacilitySettingsService(const FacilitySettingsBackend& backend)
      : backend_(backend), worker_(kThreads, kMostQueued) {}

  grpc::Service& rpc() override { return rpc_; }
  void Serve(CallQueue& queue) override {
    WorkerMethods(queue, backend_.dispatch, rpc_, *this)
        .Add(worker_, kGet, &FacilitySettingsRpc::RequestGetFacilitySettings,
             &FacilitySettingsService::GetFacilitySettings)
        .Add(worker_, kUpdate, &FacilitySettingsRpc::RequestUpdateFacilitySettings,
             &FacilitySettingsService::UpdateFacilitySettings)
        .Add(worker_, kList, &FacilitySettingsRpc::RequestListFacilitySettingsChanges,
             &FacilitySettingsService::ListFacilitySettingsChanges);
  }

 private:
  absl::Status GetFacilitySettings(const Call& call, const v1::GetFacilitySettingsRequest& request,
                                   v1::GetFacilitySettingsResponse& response) {
    FieldErrors errors;
    TerminalCall asked;
    ReadTerminalCall(errors, request, call, backend_.audit_key, asked);
    RETURN_IF_ERROR(errors.ToStatus());
    ASSIGN_OR_RETURN(
        const ToldSettings told,
        kakunin::GetFacilitySettings(backend_.database, backend_.settings, asked, call.deadline));
    WriteSettings(told, response);
    return absl::OkStatus();
  }

  absl::Status UpdateFacilitySettings(const Call& call,
                                      const v1::UpdateFacilitySettingsRequest& request,
                                      v1::UpdateFacilitySettingsResponse& response) {
    TerminalCall asked;
    FacilitySettings wanted;
    RETURN_IF_ERROR(ReadUpdateFacilitySettings(request, call, backend_.audit_key, asked, wanted));
    ASSIGN_OR_RETURN(const ToldSettings told,
                     kakunin::UpdateFacilitySettings(backend_.database, backend_.settings,
                                                     backend_.account_store, asked, wanted,
                                                     request.change_number(), call.deadline));
    backend_.watch.CatchUp(call.deadline);
    WriteSettings(told, response);
    return absl::OkStatus();
  }

  absl::Status ListFacilitySettingsChanges(const Call& call,
                                           const v1::ListFacilitySettingsChangesRequest& request,
                                           v1::ListFacilitySettingsChangesResponse& response) {
    TerminalCall asked;
    int limit = 0;
    RETURN_IF_ERROR(
        ReadListFacilitySettingsChanges(request, call, backend_.audit_key, asked, limit));
    ASSIGN_OR_RETURN(
        const SettingsChangePage page,
        kakunin::ListFacilitySettingsChanges(backend_.database, backend_.settings, asked,
                                             request.before_change_number(), limit, call.deadline));
    for (const SettingsChange& change : page.changes) {
      SetSettingsChange(change, *response.add_changes());
    }
    response.set_audit_id(AuditIdText(page.audit_id));
    return absl::OkStatus();
  }

  const FacilitySettingsBackend backend_;
  FacilitySettingsRpc rpc_;
  FeedWorker worker_;
};

}  // namespace

std::unique_ptr<QueuedService> MakeFacilitySettingsService(const FacilitySettingsBackend& backend) {
  return std::make_unique<FacilitySettingsService>(backend);
}

}  // namespace kakunin
