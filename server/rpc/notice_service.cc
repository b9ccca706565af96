#include "server/rpc/notice_service.h"

#include <utility>

#include "domain/error.h"
#include "kakunin/v1/notice_service.grpc.pb.h"
#include "server/rpc/convert_notices.h"
#include "server/rpc/feed_worker.h"
#include "server/rpc/notice_watch.h"
#include "server/rpc/worker_call.h"

namespace kakunin {
namespace {

constexpr char kList[] = "/kakunin.v1.NoticeService/ListNotices";
constexpr char kAcknowledge[] = "/kakunin.v1.NoticeService/AcknowledgeNotices";

class NoticeService final : public v1::NoticeService::CallbackService {
 public:
  NoticeService(const NoticeBackend& backend, const NoticeLimits& limits)
      : backend_(backend), watch_(backend_, limits), worker_(limits.threads, limits.most_queued) {}

  grpc::ServerUnaryReactor* ListNotices(grpc::CallbackServerContext* context,
                                        const v1::ListNoticesRequest* request,
                                        v1::ListNoticesResponse* response) override {
    return Serve(*context, kList, [=, this](const Call& call) -> absl::Status {
      TerminalCall asked;
      NoticeRange range;
      RETURN_IF_ERROR(ReadListNotices(*request, call, backend_.audit_key, asked, range));
      ASSIGN_OR_RETURN(const NoticePage page,
                       kakunin::ListNotices(backend_.database, backend_.notices, backend_.audit_key,
                                            asked, range, call.deadline));
      WriteListNotices(page, asked, backend_.handle_key, *response);
      return absl::OkStatus();
    });
  }

  grpc::ServerUnaryReactor* AcknowledgeNotices(grpc::CallbackServerContext* context,
                                               const v1::AcknowledgeNoticesRequest* request,
                                               v1::AcknowledgeNoticesResponse* response) override {
    return Serve(*context, kAcknowledge, [=, this](const Call& call) -> absl::Status {
      TerminalCall asked;
      std::vector<int64_t> numbers;
      RETURN_IF_ERROR(ReadAcknowledgeNotices(*request, call, backend_.audit_key, asked, numbers));
      ASSIGN_OR_RETURN(const AcknowledgedPage page,
                       kakunin::AcknowledgeNotices(backend_.database, backend_.notices, asked,
                                                   numbers, call.deadline));
      WriteAcknowledgeNotices(page, *response);
      return absl::OkStatus();
    });
  }

  grpc::ServerWriteReactor<v1::WatchNoticesResponse>* WatchNotices(
      grpc::CallbackServerContext* context, const v1::WatchNoticesRequest* request) override {
    return watch_.Begin(*context, *request);
  }

 private:
  template <class Act>
  grpc::ServerUnaryReactor* Serve(grpc::CallbackServerContext& context, const char* method,
                                  Act act) {
    return ServeOnWorker(backend_.dispatch, worker_, context, method, std::move(act));
  }

  const NoticeBackend backend_;
  NoticeWatch watch_;
  FeedWorker worker_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeNoticeService(const NoticeBackend& backend,
                                                 const NoticeLimits& limits) {
  return std::make_unique<NoticeService>(backend, limits);
}

}  // namespace kakunin
