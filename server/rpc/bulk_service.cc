#include "server/rpc/bulk_service.h"

#include <utility>

#include "domain/error.h"
#include "kakunin/v1/bulk_service.grpc.pb.h"
#include "server/rpc/bulk_streams.h"
#include "server/rpc/convert_bulk.h"
#include "server/rpc/feed_worker.h"
#include "server/rpc/queued_unary.h"

namespace kakunin {
namespace {

constexpr char kGet[] = "/kakunin.v1.BulkService/Get";
constexpr char kCancel[] = "/kakunin.v1.BulkService/Cancel";
constexpr char kDelete[] = "/kakunin.v1.BulkService/Delete";

class BulkService final : public QueuedService {
 public:
  BulkService(const BulkBackend& backend, const BulkLimits& limits)
      : backend_(backend),
        limits_(limits),
        worker_(limits.threads, limits.most_queued, FeedWorker::kNicerThanADesk) {}

  grpc::Service& rpc() override { return rpc_; }
  void Serve(CallQueue& queue) override {
    WorkerMethods(queue, backend_.dispatch, rpc_, *this)
        .Add(worker_, kGet, &BulkRpc::RequestGet, &BulkService::Get)
        .Add(worker_, kCancel, &BulkRpc::RequestCancel, &BulkService::Cancel)
        .Add(worker_, kDelete, &BulkRpc::RequestDelete, &BulkService::Delete);
    SubmitStream::Serve(queue, streams_);
    ResultsStream::Serve(queue, streams_);
  }

 private:
  absl::Status Get(const Call& call, const v1::BulkServiceGetRequest& request,
                   v1::BulkServiceGetResponse& response) {
    TerminalCall asked;
    BulkId id;
    RETURN_IF_ERROR(ReadGet(request, call, backend_.audit_key, asked, id));
    ASSIGN_OR_RETURN(const AuditedBulk found,
                     FindBulk(backend_.database, backend_.lists, asked, id, call.deadline));
    WriteBulkInquiry(found.inquiry, *response.mutable_inquiry());
    response.set_audit_id(AuditIdText(found.audit_id));
    return absl::OkStatus();
  }

  absl::Status Cancel(const Call& call, const v1::BulkServiceCancelRequest& request,
                      v1::BulkServiceCancelResponse& response) {
    TerminalCall asked;
    BulkId id;
    RETURN_IF_ERROR(ReadCancel(request, call, backend_.audit_key, asked, id));
    ASSIGN_OR_RETURN(const AuditedBulk cancelled,
                     CancelBulk(backend_.database, backend_.lists, asked, id, call.deadline));
    backend_.drop(id);
    WriteBulkInquiry(cancelled.inquiry, *response.mutable_inquiry());
    response.set_audit_id(AuditIdText(cancelled.audit_id));
    return absl::OkStatus();
  }

  absl::Status Delete(const Call& call, const v1::BulkServiceDeleteRequest& request,
                      v1::BulkServiceDeleteResponse& response) {
    TerminalCall asked;
    BulkId id;
    RETURN_IF_ERROR(ReadDelete(request, call, backend_.audit_key, asked, id));
    ASSIGN_OR_RETURN(const AuditId audit_id,
                     DeleteBulk(backend_.database, backend_.lists, asked, id, call.deadline));
    backend_.drop(id);
    response.set_audit_id(AuditIdText(audit_id));
    return absl::OkStatus();
  }

  const BulkBackend backend_;
  const BulkLimits limits_;
  BulkRpc rpc_;
  FeedWorker worker_;
  const BulkStreamParts streams_{backend_, limits_, worker_, rpc_};
};

}  // namespace

std::unique_ptr<QueuedService> MakeBulkService(const BulkBackend& backend,
                                               const BulkLimits& limits) {
  return std::make_unique<BulkService>(backend, limits);
}

}  // namespace kakunin
