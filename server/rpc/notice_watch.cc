#include "server/rpc/notice_watch.h"

#include <algorithm>
#include <atomic>
#include <set>
#include <utility>

#include "domain/error.h"
#include "server/rpc/convert_notices.h"
#include "server/rpc/fields.h"
#include "server/rpc/patient_fields.h"
#include "server/rpc/queued_stream.h"
#include "server/rpc/queued_unary.h"
#include "server/rpc/status.h"

namespace kakunin {
namespace {

using std::chrono::steady_clock;

constexpr char kWatch[] = "/kakunin.v1.NoticeService/WatchNotices";

}  // namespace

// NoticeStream is one stream. gRPC's callbacks only note what happened; whatever follows from it is
// done by the watch's thread in its next turn. The context is there until Finish was called.
class NoticeStream final : public QueuedWriter {
 public:
  NoticeStream(CallQueue& queue, NoticeRpc& rpc, NoticeWatch& watch, const Dispatch& dispatch)
      : QueuedWriter(queue), rpc_(rpc), watch_(watch), dispatch_(dispatch) {}

  static void Serve(CallQueue& queue, NoticeRpc& rpc, NoticeWatch& watch,
                    const Dispatch& dispatch) {
    auto stream = std::make_shared<NoticeStream>(queue, rpc, watch, dispatch);
    stream->self_ = stream;
    stream->Arm([&queue, &rpc, &watch, &dispatch] { Serve(queue, rpc, watch, dispatch); });
  }

  void Write() {
    writing_ = true;
    write_began = steady_clock::now();
    StartWrite(WrittenMessage(response));
  }
  // End finishes the stream; once, and nothing after it.
  void End(const absl::Status& status) {
    status_ = status;
    Finish(ToGrpcStatus(status));
  }
  // EndRefused finishes a stream that the door no longer admits. The door has told the observer.
  void EndRefused(const absl::Status& status) {
    refused_ = true;
    End(status);
  }
  void Cancel() { context_.TryCancel(); }

  grpc::ServerContext& context() { return context_; }
  bool ReadRequest(v1::WatchNoticesRequest& asked_for) const {
    return ReadMessage(request(), asked_for);
  }
  bool gone() const { return gone_; }
  bool writing() const { return writing_; }

  // Of the thread that begins the stream, then of the watch's.
  Call call;  // as admitted when it began
  TerminalCall asked;
  NoticeRange range;
  bool answered = false;  // once: it has been told what waits
  steady_clock::time_point end_of_life;
  steady_clock::time_point write_began;
  v1::WatchNoticesResponse response;  // gRPC's while it writes

 private:
  void Request(grpc::ServerCompletionQueue* queue, void* tag) override {
    rpc_.RequestWatchNotices(&context_, mutable_request(), &stream(), queue, queue, tag);
  }
  void OnBegun() override { watch_.Begin(self_); }
  void OnCancel() override { gone_ = true; }
  void OnOperation(bool ok) override {
    if (!ok) gone_ = true;
    // Up to 200 notices would be kept until the next ones.
    v1::WatchNoticesResponse().Swap(&response);
    writing_ = false;
  }
  void OnDone() override {
    if (call.policy != nullptr && !refused_) dispatch_.Ended(call, status_);
    const std::shared_ptr<NoticeStream> last = std::move(self_);
  }

  NoticeRpc& rpc_;
  NoticeWatch& watch_;
  const Dispatch& dispatch_;
  absl::Status status_;
  bool refused_ = false;
  std::atomic<bool> gone_{false};
  std::atomic<bool> writing_{false};
  std::shared_ptr<NoticeStream> self_;  // until OnDone
};

NoticeWatch::NoticeWatch(const NoticeBackend& backend, const NoticeLimits& limits)
    : backend_(backend), limits_(limits), thread_([this] { Run(); }) {}

NoticeWatch::~NoticeWatch() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void NoticeWatch::Serve(CallQueue& queue, NoticeRpc& rpc) {
  NoticeStream::Serve(queue, rpc, *this, backend_.dispatch);
}

void NoticeWatch::Begin(const std::shared_ptr<NoticeStream>& stream) {
  const absl::StatusOr<Call> call = backend_.dispatch.Admit(stream->context(), kWatch);
  if (!call.ok()) return stream->End(call.status());
  stream->call = *call;
  stream->end_of_life = steady_clock::now() + limits_.stream_life;
  v1::WatchNoticesRequest request;
  if (!stream->ReadRequest(request)) {
    return stream->End(InvalidFields({{"", std::string(kFieldMalformed)}}));
  }
  absl::Status status =
      ReadWatchNotices(request, *call, backend_.audit_key, stream->asked, stream->range);
  if (status.ok()) {
    const std::lock_guard lock(mutex_);
    if (count_ < limits_.most_streams) {
      ++count_;
      begun_.push_back(stream);
    } else {
      status = MakeError(Reason::kOverloaded);
    }
  }
  if (!status.ok()) stream->End(status);
}

void NoticeWatch::Run() {
  std::unique_lock lock(mutex_);
  auto next = steady_clock::now() + limits_.turn;
  while (!wake_.wait_until(lock, next, [this] { return stop_; })) {
    next = steady_clock::now() + limits_.turn;
    std::ranges::move(begun_, std::back_inserter(streams_));
    begun_.clear();
    lock.unlock();
    Turn(next);
    lock.lock();
    count_ = streams_.size() + begun_.size();
  }
}

void NoticeWatch::Turn(steady_clock::time_point end) {
  std::erase_if(streams_, [this](const auto& stream) { return !Goes(*stream); });
  std::set<std::string> facilities;
  for (const auto& stream : streams_) {
    if (!stream->writing()) facilities.insert(stream->asked.facility_code);
  }
  if (facilities.empty()) return;
  const std::vector<std::string> asked(facilities.begin(), facilities.end());
  std::map<std::string, int64_t> last;
  const absl::Status read = backend_.database.Read(
      steady_clock::now() + limits_.database_bound, [&](Transaction& tx) -> absl::Status {
        ASSIGN_OR_RETURN(last, backend_.notices.LastNumbers(tx, asked));
        return absl::OkStatus();
      });
  // Without its database the port's other calls fail, too; the streams wait for it, until the
  // registry is stale and the door ends them.
  if (!read.ok()) return;
  // However many have news, the door is asked again at the next turn: who was not reached comes
  // first then.
  size_t reached = 0;
  std::vector<std::shared_ptr<NoticeStream>> going;
  for (; reached < streams_.size(); ++reached) {
    const auto& stream = streams_[reached];
    if (reached > 0 && steady_clock::now() >= end) break;
    if (stream->writing() || Send(*stream, last[stream->asked.facility_code])) {
      going.push_back(stream);
    }
  }
  streams_.erase(streams_.begin(), streams_.begin() + static_cast<ptrdiff_t>(reached));
  std::ranges::move(going, std::back_inserter(streams_));
}

bool NoticeWatch::Goes(NoticeStream& stream) const {
  const auto now = steady_clock::now();
  if (stream.writing()) {
    // The write ends with the cancelled call, and the next turn finishes it.
    if (now >= stream.write_began + limits_.peer_bound) stream.Cancel();
    return true;
  }
  if (!stream.gone()) {
    // Authority is asked for in every turn: it may have gone while the stream was open.
    const absl::StatusOr<Call> call = backend_.dispatch.AdmitAgain(stream.context(), kWatch);
    if (!call.ok()) {
      stream.EndRefused(call.status());
      return false;
    }
    stream.asked.record.at = call->at;
    // The operation test may have begun, or ended, while the stream was open.
    stream.asked.sees_only = TerminalOf(*call).sees_only;
    stream.asked.record.situation = stream.asked.sees_only != nullptr ? kOperationTestSituation : 0;
    if (now < stream.end_of_life) return true;
  }
  stream.End(absl::OkStatus());
  return false;
}

bool NoticeWatch::Send(NoticeStream& stream, int64_t last) const {
  if (stream.answered && last <= stream.range.after) return true;
  const absl::StatusOr<NoticePage> page =
      ListNotices(backend_.database, backend_.notices, backend_.audit_key, stream.asked,
                  stream.range, steady_clock::now() + limits_.database_bound);
  if (!page.ok()) {
    stream.End(page.status());
    return false;
  }
  const bool has_news = !page->notices.empty() || !stream.answered;
  stream.response.Clear();
  WriteWatchNotices(*page, stream.asked, stream.range.after, backend_.handle_key, stream.response);
  if (!page->notices.empty()) stream.range.after = page->notices.back().number;
  // The page was read after `last`: what it left out up to there is acknowledged.
  if (!page->next) stream.range.after = std::max(stream.range.after, last);
  stream.answered = true;
  if (has_news) stream.Write();
  return true;
}

}  // namespace kakunin
