#include "server/rpc/reference_number_service.h"

#include <vector>

#include "kakunin/v1/reference_number_service.grpc.pb.h"
#include "server/rpc/convert_reference_numbers.h"
#include "server/rpc/feed_worker.h"
#include "server/rpc/queued_unary.h"
#include "server/usecases/reference_numbers.h"

namespace kakunin {
namespace {

constexpr char kChange[] = "/kakunin.v1.ReferenceNumberService/ChangeReferenceNumbers";
constexpr char kBatch[] = "/kakunin.v1.ReferenceNumberService/BatchChangeReferenceNumbers";
constexpr char kList[] = "/kakunin.v1.ReferenceNumberService/ListReferenceNumbers";
constexpr int kThreads = 1;
constexpr size_t kMostQueued = 64;

// ReferenceNumberRpc is ReferenceNumberService with every method raw.
class ReferenceNumberRpc final
    : public v1::ReferenceNumberService::WithRawMethod_ChangeReferenceNumbers<
          v1::ReferenceNumberService::WithRawMethod_BatchChangeReferenceNumbers<
              v1::ReferenceNumberService::WithRawMethod_ListReferenceNumbers<
                  v1::ReferenceNumberService::Service>>> {};

class ReferenceNumberService final : public QueuedService {
 public:
  explicit ReferenceNumberService(const ReferenceNumberBackend& backend)
      : backend_(backend),
        numbers_(backend_.database, backend_.numbers, backend_.guard,
                 {backend_.audit_key, backend_.handle_key}),
        worker_(kThreads, kMostQueued) {}

  grpc::Service& rpc() override { return rpc_; }
  void Serve(CallQueue& queue) override {
    WorkerMethods(queue, backend_.dispatch, rpc_, *this)
        .Add(worker_, kChange, &ReferenceNumberRpc::RequestChangeReferenceNumbers,
             &ReferenceNumberService::ChangeReferenceNumbers)
        .Add(worker_, kBatch, &ReferenceNumberRpc::RequestBatchChangeReferenceNumbers,
             &ReferenceNumberService::BatchChangeReferenceNumbers)
        .Add(worker_, kList, &ReferenceNumberRpc::RequestListReferenceNumbers,
             &ReferenceNumberService::ListReferenceNumbers);
  }

 private:
  absl::Status ChangeReferenceNumbers(const Call& call,
                                      const v1::ChangeReferenceNumbersRequest& request,
                                      v1::ChangeReferenceNumbersResponse& response) {
    TerminalCall asked;
    ReferenceNumberChange change;
    RETURN_IF_ERROR(ReadChangeReferenceNumbers(request, call, backend_.audit_key,
                                               backend_.look_up_key, asked, change));
    ASSIGN_OR_RETURN(const KnownNumbers known, numbers_.Change(asked, change, call.deadline));
    WriteChangeReferenceNumbers(known, response);
    return absl::OkStatus();
  }

  absl::Status BatchChangeReferenceNumbers(const Call& call,
                                           const v1::BatchChangeReferenceNumbersRequest& request,
                                           v1::BatchChangeReferenceNumbersResponse& response) {
    TerminalCall asked;
    std::vector<ReferenceNumberChange> changes;
    RETURN_IF_ERROR(ReadBatchChangeReferenceNumbers(request, call, backend_.audit_key,
                                                    backend_.look_up_key, asked, changes));
    ASSIGN_OR_RETURN(const std::vector<KnownNumbers> results,
                     numbers_.ChangeAll(asked, changes, call.deadline));
    WriteBatchChangeReferenceNumbers(request, results, response);
    return absl::OkStatus();
  }

  absl::Status ListReferenceNumbers(const Call& call,
                                    const v1::ListReferenceNumbersRequest& request,
                                    v1::ListReferenceNumbersResponse& response) {
    TerminalCall asked;
    NamedPatient patient;
    RETURN_IF_ERROR(ReadListReferenceNumbers(request, call, backend_.audit_key,
                                             backend_.look_up_key, asked, patient));
    ASSIGN_OR_RETURN(const KnownNumbers known, numbers_.List(asked, patient, call.deadline));
    WriteListReferenceNumbers(known, response);
    return absl::OkStatus();
  }

  const ReferenceNumberBackend backend_;
  ReferenceNumbers numbers_;
  ReferenceNumberRpc rpc_;
  FeedWorker worker_;
};

}  // namespace

std::unique_ptr<QueuedService> MakeReferenceNumberService(const ReferenceNumberBackend& backend) {
  return std::make_unique<ReferenceNumberService>(backend);
}

}  // namespace kakunin
