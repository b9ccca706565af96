#include "server/rpc/eligibility_list_service.h"

#include <utility>

#include "domain/error.h"
#include "kakunin/v1/eligibility_list_service.grpc.pb.h"
#include "server/rpc/convert_eligibility_lists.h"
#include "server/rpc/feed_worker.h"
#include "server/rpc/queued_unary.h"

namespace kakunin {
namespace {

constexpr char kConsented[] = "/kakunin.v1.EligibilityListService/ListConsentedPatients";
constexpr char kConfirmations[] = "/kakunin.v1.EligibilityListService/ListConfirmations";
constexpr int kThreads = 1;  // one connection of its own, as a lane has
constexpr size_t kMostQueued = 64;

// EligibilityListRpc is EligibilityListService with every method raw.
class EligibilityListRpc final
    : public v1::EligibilityListService::WithRawMethod_ListConsentedPatients<
          v1::EligibilityListService::WithRawMethod_ListConfirmations<
              v1::EligibilityListService::Service>> {};

class EligibilityListService final : public QueuedService {
 public:
  explicit EligibilityListService(const EligibilityListBackend& backend)
      : backend_(backend), worker_(kThreads, kMostQueued) {}

  grpc::Service& rpc() override { return rpc_; }
  void Serve(CallQueue& queue) override {
    WorkerMethods(queue, backend_.dispatch, rpc_, *this)
        .Add(worker_, kConsented, &EligibilityListRpc::RequestListConsentedPatients,
             &EligibilityListService::ListConsentedPatients)
        .Add(worker_, kConfirmations, &EligibilityListRpc::RequestListConfirmations,
             &EligibilityListService::ListConfirmations);
  }

 private:
  absl::Status ListConsentedPatients(const Call& call,
                                     const v1::ListConsentedPatientsRequest& request,
                                     v1::ListConsentedPatientsResponse& response) {
    TerminalCall asked;
    ConsentedQuestion question;
    RETURN_IF_ERROR(ReadListConsentedPatients(request, call, backend_.audit_key, asked, question));
    ASSIGN_OR_RETURN(
        const ConsentedPage page,
        kakunin::ListConsentedPatients(backend_.database, backend_.lists, backend_.confirm,
                                       backend_.cards(), asked, question, call.deadline));
    return WriteListConsentedPatients(page, question.range.form_of_care, response);
  }

  absl::Status ListConfirmations(const Call& call, const v1::ListConfirmationsRequest& request,
                                 v1::ListConfirmationsResponse& response) {
    TerminalCall asked;
    PastRange range;
    RETURN_IF_ERROR(ReadListConfirmations(request, call, backend_.audit_key, asked, range));
    ASSIGN_OR_RETURN(const PastPage page,
                     kakunin::ListConfirmations(backend_.database, backend_.lists,
                                                backend_.audit_key, asked, range, call.deadline));
    WriteListConfirmations(page, asked, backend_.handle_key, response);
    return absl::OkStatus();
  }

  const EligibilityListBackend backend_;
  EligibilityListRpc rpc_;
  FeedWorker worker_;
};

}  // namespace

std::unique_ptr<QueuedService> MakeEligibilityListService(const EligibilityListBackend& backend) {
  return std::make_unique<EligibilityListService>(backend);
}

}  // namespace kakunin
