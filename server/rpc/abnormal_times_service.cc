#include "server/rpc/abnormal_times_service.h"

#include <mutex>
#include <utility>
#include <vector>

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
// In a disaster a whole municipality asks at once: some seconds' searches wait, within their
// deadlines, and what comes beyond them is OVERLOADED.
constexpr size_t kMostQueued = 256;

// AbnormalTimesRpc is AbnormalTimesService with every method raw.
class AbnormalTimesRpc final : public v1::AbnormalTimesService::WithRawMethod_ListAbnormalTimes<
                                   v1::AbnormalTimesService::WithRawMethod_SearchPatient<
                                       v1::AbnormalTimesService::WithRawMethod_OpenEmergencyView<
                                           v1::AbnormalTimesService::Service>>> {};

// ListedTimes is the audit row of a list; what it tells stands in the caller's own snapshot.
struct ListedTimes {
  AuditId audit_id;
};

// Confirmations lends each call on a thread of the service one to itself. Thread-safe.
class Confirmations {
 public:
  explicit Confirmations(std::vector<ConfirmEligibility*> idle) : idle_(std::move(idle)) {}

  class Lent {
   public:
    explicit Lent(Confirmations& from) : from_(from), confirm_(from.Take()) {}
    ~Lent() { from_.Return(confirm_); }
    Lent(const Lent&) = delete;
    Lent& operator=(const Lent&) = delete;
    ConfirmEligibility& operator*() const { return *confirm_; }

   private:
    Confirmations& from_;
    ConfirmEligibility* const confirm_;
  };

 private:
  // There are as many as threads: one is always idle.
  ConfirmEligibility* Take() {
    const std::lock_guard lock(mutex_);
    ConfirmEligibility* const one = idle_.back();
    idle_.pop_back();
    return one;
  }
  void Return(ConfirmEligibility* one) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(one);
  }

  std::mutex mutex_;
  std::vector<ConfirmEligibility*> idle_;
};

class AbnormalTimesService final : public QueuedService {
 public:
  explicit AbnormalTimesService(const AbnormalTimesBackend& backend)
      : backend_(backend),
        confirmations_(backend.confirms),
        worker_(static_cast<int>(backend.confirms.size()), kMostQueued) {}

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
    const Confirmations::Lent confirm(confirmations_);
    ASSIGN_OR_RETURN(const FoundPatient found,
                     kakunin::SearchPatient(Parts(*confirm), asked, search, call.deadline));
    return WriteSearchPatient(found, response);
  }

  absl::Status OpenEmergencyView(const Call& call, const v1::OpenEmergencyViewRequest& request,
                                 v1::OpenEmergencyViewResponse& response) {
    TerminalCall asked;
    EmergencyOpening opening;
    RETURN_IF_ERROR(ReadOpenEmergencyView(request, call, backend_.audit_key, asked, opening));
    const Confirmations::Lent confirm(confirmations_);
    ASSIGN_OR_RETURN(const OpenedView opened,
                     kakunin::OpenEmergencyView(Parts(*confirm), asked, TerminalOf(call), opening,
                                                call.deadline));
    WriteOpenEmergencyView(opened, response);
    return absl::OkStatus();
  }

  PatientSearchParts Parts(ConfirmEligibility& confirm) const {
    return {.database = backend_.database,
            .store = backend_.store,
            .guard = backend_.guard,
            .confirm = confirm,
            .audit_key = backend_.audit_key,
            .handles = backend_.handle_key};
  }

  const AbnormalTimesBackend backend_;
  AbnormalTimesRpc rpc_;
  Confirmations confirmations_;
  FeedWorker worker_;
};

}  // namespace

std::unique_ptr<QueuedService> MakeAbnormalTimesService(const AbnormalTimesBackend& backend) {
  return std::make_unique<AbnormalTimesService>(backend);
}

}  // namespace kakunin
