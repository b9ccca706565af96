#include "server/rpc/notice_service.h"

#include <utility>

#include "domain/error.h"
#include "kakunin/v1/notice_service.grpc.pb.h"
#include "server/rpc/convert_notices.h"
#include "server/rpc/feed_worker.h"
#include "server/rpc/notice_watch.h"
#include "server/rpc/queued_unary.h"

namespace kakunin {
namespace {

constexpr char kList[] = "/kakunin.v1.NoticeService/ListNotices";
constexpr char kAcknowledge[] = "/kakunin.v1.NoticeService/AcknowledgeNotices";

class NoticeService final : public QueuedService {
 public:
  NoticeService(const NoticeBackend& backend, const NoticeLimits& limits)
      : backend_(backend), watch_(backend_, limits), worker_(limits.threads, limits.most_queued) {}

  grpc::Service& rpc() override { return rpc_; }
  void Serve(CallQueue& queue) override {
    WorkerMethods(queue, backend_.dispatch, rpc_, *this)
        .Add(worker_, kList, &NoticeRpc::RequestListNotices, &NoticeService::ListNotices)
        .Add(worker_, kAcknowledge, &NoticeRpc::RequestAcknowledgeNotices,
             &NoticeService::AcknowledgeNotices);
    watch_.Serve(queue, rpc_);
  }

 private:
  absl::Status ListNotices(const Call& call, const v1::ListNoticesRequest& request,
                           v1::ListNoticesResponse& response) {
    TerminalCall asked;
    NoticeRange range;
    RETURN_IF_ERROR(ReadListNotices(request, call, backend_.audit_key, asked, range));
    ASSIGN_OR_RETURN(const NoticePage page,
                     kakunin::ListNotices(backend_.database, backend_.notices, backend_.audit_key,
                                          asked, range, call.deadline));
    WriteListNotices(page, asked, backend_.handle_key, response);
    return absl::OkStatus();
  }

  absl::Status AcknowledgeNotices(const Call& call, const v1::AcknowledgeNoticesRequest& request,
                                  v1::AcknowledgeNoticesResponse& response) {
    TerminalCall asked;
    std::vector<int64_t> numbers;
    RETURN_IF_ERROR(ReadAcknowledgeNotices(request, call, backend_.audit_key, asked, numbers));
    ASSIGN_OR_RETURN(const AcknowledgedPage page,
                     kakunin::AcknowledgeNotices(backend_.database, backend_.notices, asked,
                                                 numbers, call.deadline));
    WriteAcknowledgeNotices(page, response);
    return absl::OkStatus();
  }

  const NoticeBackend backend_;
  NoticeWatch watch_;
  NoticeRpc rpc_;
  FeedWorker worker_;
};

}  // namespace

std::unique_ptr<QueuedService> MakeNoticeService(const NoticeBackend& backend,
                                                 const NoticeLimits& limits) {
  return std::make_unique<NoticeService>(backend, limits);
}

}  // namespace kakunin
