#include "server/rpc/bulk_service.h"

#include <utility>

#include "domain/error.h"
#include "kakunin/v1/bulk_service.grpc.pb.h"
#include "server/rpc/bulk_streams.h"
#include "server/rpc/convert_bulk.h"
#include "server/rpc/feed_worker.h"
#include "server/rpc/worker_call.h"

namespace kakunin {
namespace {

constexpr char kGet[] = "/kakunin.v1.BulkService/Get";
constexpr char kCancel[] = "/kakunin.v1.BulkService/Cancel";
constexpr char kDelete[] = "/kakunin.v1.BulkService/Delete";

class BulkService final : public v1::BulkService::CallbackService {
 public:
  BulkService(const BulkBackend& backend, const BulkLimits& limits)
      : backend_(backend),
        limits_(limits),
        worker_(limits.threads, limits.most_queued, FeedWorker::kNicerThanADesk) {}

  grpc::ServerReadReactor<v1::BulkServiceSubmitRequest>* Submit(
      grpc::CallbackServerContext* context, v1::BulkServiceSubmitResponse* response) override {
    // Deletes itself: OnDone.
    return new SubmitReactor(*context, backend_, limits_, worker_, *response);
  }

  grpc::ServerWriteReactor<v1::BulkServiceStreamResultsResponse>* StreamResults(
      grpc::CallbackServerContext* context,
      const v1::BulkServiceStreamResultsRequest* request) override {
    return new ResultsReactor(*context, backend_, limits_, worker_, *request);
  }

  grpc::ServerUnaryReactor* Get(grpc::CallbackServerContext* context,
                                const v1::BulkServiceGetRequest* request,
                                v1::BulkServiceGetResponse* response) override {
    return Serve(*context, kGet, [=, this](const Call& call) -> absl::Status {
      TerminalCall asked;
      BulkId id;
      RETURN_IF_ERROR(ReadGet(*request, call, backend_.audit_key, asked, id));
      ASSIGN_OR_RETURN(const AuditedBulk found,
                       FindBulk(backend_.database, backend_.lists, asked, id, call.deadline));
      WriteBulkInquiry(found.inquiry, *response->mutable_inquiry());
      response->set_audit_id(AuditIdText(found.audit_id));
      return absl::OkStatus();
    });
  }

  grpc::ServerUnaryReactor* Cancel(grpc::CallbackServerContext* context,
                                   const v1::BulkServiceCancelRequest* request,
                                   v1::BulkServiceCancelResponse* response) override {
    return Serve(*context, kCancel, [=, this](const Call& call) -> absl::Status {
      TerminalCall asked;
      BulkId id;
      RETURN_IF_ERROR(ReadCancel(*request, call, backend_.audit_key, asked, id));
      ASSIGN_OR_RETURN(const AuditedBulk cancelled,
                       CancelBulk(backend_.database, backend_.lists, asked, id, call.deadline));
      backend_.drop(id);
      WriteBulkInquiry(cancelled.inquiry, *response->mutable_inquiry());
      response->set_audit_id(AuditIdText(cancelled.audit_id));
      return absl::OkStatus();
    });
  }

  grpc::ServerUnaryReactor* Delete(grpc::CallbackServerContext* context,
                                   const v1::BulkServiceDeleteRequest* request,
                                   v1::BulkServiceDeleteResponse* response) override {
    return Serve(*context, kDelete, [=, this](const Call& call) -> absl::Status {
      TerminalCall asked;
      BulkId id;
      RETURN_IF_ERROR(ReadDelete(*request, call, backend_.audit_key, asked, id));
      ASSIGN_OR_RETURN(const AuditId audit_id,
                       DeleteBulk(backend_.database, backend_.lists, asked, id, call.deadline));
      backend_.drop(id);
      response->set_audit_id(AuditIdText(audit_id));
      return absl::OkStatus();
    });
  }

 private:
  template <class Act>
  grpc::ServerUnaryReactor* Serve(grpc::CallbackServerContext& context, const char* method,
                                  Act act) {
    return ServeOnWorker(backend_.dispatch, worker_, context, method, std::move(act));
  }

  const BulkBackend backend_;
  const BulkLimits limits_;
  FeedWorker worker_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeBulkService(const BulkBackend& backend,
                                               const BulkLimits& limits) {
  return std::make_unique<BulkService>(backend, limits);
}

}  // namespace kakunin
