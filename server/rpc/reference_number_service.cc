#include "server/rpc/reference_number_service.h"

#include <vector>

#include "kakunin/v1/reference_number_service.grpc.pb.h"
#include "server/rpc/convert_reference_numbers.h"
#include "server/rpc/feed_worker.h"
#include "server/rpc/worker_call.h"
#include "server/usecases/reference_numbers.h"

namespace kakunin {
namespace {

constexpr char kChange[] = "/kakunin.v1.ReferenceNumberService/ChangeReferenceNumbers";
constexpr char kBatch[] = "/kakunin.v1.ReferenceNumberService/BatchChangeReferenceNumbers";
constexpr char kList[] = "/kakunin.v1.ReferenceNumberService/ListReferenceNumbers";
constexpr int kThreads = 1;
constexpr size_t kMostQueued = 64;

class ReferenceNumberService final : public v1::ReferenceNumberService::CallbackService {
 public:
  explicit ReferenceNumberService(const ReferenceNumberBackend& backend)
      : backend_(backend),
        numbers_(backend_.database, backend_.numbers, backend_.guard,
                 {backend_.audit_key, backend_.handle_key}),
        worker_(kThreads, kMostQueued) {}

  grpc::ServerUnaryReactor* ChangeReferenceNumbers(
      grpc::CallbackServerContext* context, const v1::ChangeReferenceNumbersRequest* request,
      v1::ChangeReferenceNumbersResponse* response) override {
    return Serve(*context, kChange, [=, this](const Call& call) -> absl::Status {
      TerminalCall asked;
      ReferenceNumberChange change;
      RETURN_IF_ERROR(ReadChangeReferenceNumbers(*request, call, backend_.audit_key,
                                                 backend_.look_up_key, asked, change));
      ASSIGN_OR_RETURN(const KnownNumbers known, numbers_.Change(asked, change, call.deadline));
      WriteChangeReferenceNumbers(known, *response);
      return absl::OkStatus();
    });
  }

  grpc::ServerUnaryReactor* BatchChangeReferenceNumbers(
      grpc::CallbackServerContext* context, const v1::BatchChangeReferenceNumbersRequest* request,
      v1::BatchChangeReferenceNumbersResponse* response) override {
    return Serve(*context, kBatch, [=, this](const Call& call) -> absl::Status {
      TerminalCall asked;
      std::vector<ReferenceNumberChange> changes;
      RETURN_IF_ERROR(ReadBatchChangeReferenceNumbers(*request, call, backend_.audit_key,
                                                      backend_.look_up_key, asked, changes));
      ASSIGN_OR_RETURN(const std::vector<KnownNumbers> results,
                       numbers_.ChangeAll(asked, changes, call.deadline));
      WriteBatchChangeReferenceNumbers(*request, results, *response);
      return absl::OkStatus();
    });
  }

  grpc::ServerUnaryReactor* ListReferenceNumbers(
      grpc::CallbackServerContext* context, const v1::ListReferenceNumbersRequest* request,
      v1::ListReferenceNumbersResponse* response) override {
    return Serve(*context, kList, [=, this](const Call& call) -> absl::Status {
      TerminalCall asked;
      NamedPatient patient;
      RETURN_IF_ERROR(ReadListReferenceNumbers(*request, call, backend_.audit_key,
                                               backend_.look_up_key, asked, patient));
      ASSIGN_OR_RETURN(const KnownNumbers known, numbers_.List(asked, patient, call.deadline));
      WriteListReferenceNumbers(known, *response);
      return absl::OkStatus();
    });
  }

 private:
  template <class Act>
  grpc::ServerUnaryReactor* Serve(grpc::CallbackServerContext& context, const char* method,
                                  Act act) {
    return ServeOnWorker(backend_.dispatch, worker_, context, method, std::move(act));
  }

  const ReferenceNumberBackend backend_;
  ReferenceNumbers numbers_;
  FeedWorker worker_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeReferenceNumberService(const ReferenceNumberBackend& backend) {
  return std::make_unique<ReferenceNumberService>(backend);
}

}  // namespace kakunin
