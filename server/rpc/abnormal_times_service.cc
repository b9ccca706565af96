#include "server/rpc/abnormal_times_service.h"

#include <utility>

#include "domain/error.h"
#include "kakunin/v1/abnormal_times_service.grpc.pb.h"
#include "server/rpc/convert_abnormal_times.h"
#include "server/rpc/feed_worker.h"
#include "server/rpc/patient_fields.h"
#include "server/rpc/queued_unary.h"
#include "server/usecases/audited_call.h"

namespace kakunin {
namespace {

constexpr char kList[] = "/kakunin.v1.AbnormalTimesService/ListAbnormalTimes";
constexpr char kSearch[] = "/kakunin.v1.AbnormalTimesService/SearchPatient";
constexpr char kOpen[] = "/kakunin.v1.AbnormalTimesService/OpenEmergencyView";
constexpr int kThreads = 1;  // one connection of its own, as a lane has
constexpr size_t kMostQueued = 64;

// AbnormalTimesRpc is AbnormalTimesService with every method raw.
class AbnormalTimesRpc final : public v1::AbnormalTimesService::WithRawMethod_ListAbnormalTimes<
                                   v1::AbnormalTimesService::WithRawMethod_SearchPatient<
                                       v1::AbnormalTimesService::WithRawMethod_OpenEmergencyView<
                                           v1::AbnormalTimesService::Service>>> {};

// ListedTimes is the audit row of a list; what it tells stands in the caller's own snapshot.
struct ListedTimes {
  AuditId audit_id;
};

class AbnormalTimesService final : public QueuedService {
 public:
  explicit AbnormalTimesService(const AbnormalTimesBackend& backend)
      : backend_(backend), worker_(kThreads, kMostQueued) {}

  grpc::Service& rpc() override { return rpc_; }
  void Serve(CallQueue& queue) override {
    WorkerMethods(queue, backend_.dispatch, rpc_, *this)
        .Add(worker_, kList, &AbnormalTimesRpc::RequestListAbnormalTimes,
             &AbnormalTimesService::ListAbnormalTimes)
        .Add(worker_, kSearch, &AbnormalTimesRpc::RequestSearchPatient,
             &AbnormalTimesService::SearchPatient)
        .Add(worker_, kOpen, &AbnormalTimesRpc::RequestOpenEmergencyView,
             &AbnormalTimesService::OpenEmergencyView);
  }

 private:
  absl::Status ListAbnormalTimes(const Call& call, const v1::ListAbnormalTimesRequest& request,
                                 v1::ListAbnormalTimesResponse& response) {
    TerminalCall asked;
    RETURN_IF_ERROR(ReadListAbnormalTimes(request, call, backend_.audit_key, asked));
    ASSIGN_OR_RETURN(
        const ListedTimes listed,
        RunAudited<ListedTimes>(backend_.database, asked, call.deadline,
                                [](Transaction&, AuditRecord&, ListedTimes&) { return Done(); }));
    WriteListAbnormalTimes(TerminalOf(call), call.at, response);
    response.set_audit_id(AuditIdText(listed.audit_id));
    return absl::OkStatus();
  }

  absl::Status SearchPatient(const Call& call, const v1::SearchPatientRequest& request,
                             v1::SearchPatientResponse& response) {
    TerminalCall asked;
    PatientSearch search;
    RETURN_IF_ERROR(
        ReadSearchPatient(request, call, backend_.audit_key, backend_.look_up_key, asked, search));
    ASSIGN_OR_RETURN(const FoundPatient found,
                     kakunin::SearchPatient(Parts(), asked, search, call.deadline));
    return WriteSearchPatient(found, response);
  }

  absl::Status OpenEmergencyView(const Call& call, const v1::OpenEmergencyViewRequest& request,
                                 v1::OpenEmergencyViewResponse& response) {
    TerminalCall asked;
    NoConsentReason reason{};
    RETURN_IF_ERROR(ReadOpenEmergencyView(request, call, backend_.audit_key, asked, reason));
    ASSIGN_OR_RETURN(const OpenedView opened,
                     kakunin::OpenEmergencyView(Parts(), asked, TerminalOf(call),
                                                request.patient_handle(), reason, call.deadline));
    WriteOpenEmergencyView(opened, response);
    return absl::OkStatus();
  }

  PatientSearchParts Parts() const {
    return {.database = backend_.database,
            .store = backend_.store,
            .guard = backend_.guard,
            .confirm = backend_.confirm,
            .audit_key = backend_.audit_key,
            .handles = backend_.handle_key};
  }

  const AbnormalTimesBackend backend_;
  AbnormalTimesRpc rpc_;
  FeedWorker worker_;
};

}  // namespace

std::unique_ptr<QueuedService> MakeAbnormalTimesService(const AbnormalTimesBackend& backend) {
  return std::make_unique<AbnormalTimesService>(backend);
}

}  // namespace kakunin
