#include "server/lane/lane.h"

#include "server/rpc/status.h"

namespace kakunin {
namespace {

using std::chrono::steady_clock;

constexpr int kIdleMillis = 100;

}  // namespace

struct LaneCall::Method {
  std::string_view name;
  Lane::RequestFunction request;
};

LaneCall::LaneCall(Lane& lane, const Method& method) : lane_(lane), method_(method) {}

void LaneCall::Arm() {
  finishing_ = false;
  payload.reset();
  call_.reset();
  request_octets_ = {};
  request_slice_ = grpc::Slice();
  request_.Clear();
  writer_.reset();
  context_ = std::make_unique<grpc::ServerContext>();
  writer_ = std::make_unique<grpc::ServerAsyncResponseWriter<grpc::ByteBuffer>>(context_.get());
  method_.request(context_.get(), &request_, writer_.get(), lane_.queue_.get(), this);
}

void LaneCall::Step(bool ok) {
  if (finishing_) {
    // The answer has left, or its peer has: either way the slot is free.
    if (!lane_.closed_) Arm();
    return;
  }
  if (!ok) return;  // the server is shutting down; no call arrived
  arrived_ = steady_clock::now();
  absl::StatusOr<Call> call = lane_.dispatch_.Admit(*context_, method_.name);
  if (!call.ok()) {
    finishing_ = true;
    writer_->FinishWithError(ToGrpcStatus(call.status()), this);
    return;
  }
  call_ = *std::move(call);
  // A request in one piece is read where it lies; gRPC splits only large ones.
  if (!request_.TrySingleSlice(&request_slice_).ok() &&
      !request_.DumpToSingleSlice(&request_slice_).ok()) {
    Refuse(MakeError(Reason::kInternal));
    return;
  }
  request_octets_ = {reinterpret_cast<const char*>(request_slice_.begin()), request_slice_.size()};
  if (lane_.handler_.Accept(*this)) lane_.batch_.push_back(this);
}

void LaneCall::Answer(std::string_view octets) {
  const grpc::Slice slice(octets.data(), octets.size());
  const grpc::ByteBuffer response(&slice, 1);
  finishing_ = true;
  lane_.dispatch_.Ended(*call_, absl::OkStatus());
  writer_->Finish(response, grpc::Status::OK, this);
}

void LaneCall::Refuse(const absl::Status& status) {
  finishing_ = true;
  lane_.dispatch_.Ended(*call_, status);
  writer_->FinishWithError(ToGrpcStatus(status), this);
}

Lane::Lane(Options options, std::unique_ptr<grpc::ServerCompletionQueue> queue,
           const Dispatch& dispatch, LaneHandler& handler, LaneObserver& observer)
    : options_(options),
      queue_(std::move(queue)),
      dispatch_(dispatch),
      handler_(handler),
      observer_(observer) {}

Lane::~Lane() { Shutdown(); }

void Lane::Serve(std::string_view name, RequestFunction request) {
  methods_.push_back(
      std::make_unique<LaneCall::Method>(LaneCall::Method{name, std::move(request)}));
}

void Lane::Start() {
  batch_.reserve(options_.batch_bound);
  for (const auto& method : methods_) {
    for (size_t i = 0; i < options_.slots_per_method; ++i) {
      calls_.push_back(std::unique_ptr<LaneCall>(new LaneCall(*this, *method)));
      calls_.back()->Arm();
    }
  }
  thread_ = std::thread([this] { Run(); });
}

void Lane::Shutdown() {
  if (shut_down_) return;
  shut_down_ = true;
  stopping_.store(true, std::memory_order_relaxed);
  if (thread_.joinable()) {
    thread_.join();
  } else {
    queue_->Shutdown();
    // Never started: the queue must be drained all the same.
    void* tag = nullptr;
    bool ok = false;
    while (queue_->Next(&tag, &ok)) {
    }
  }
}

void Lane::Run() {
  void* tag = nullptr;
  bool ok = false;
  for (;;) {
    // Closed here and not by Shutdown: gRPC aborts when a call is armed on a closed queue, and
    // calls are armed on this thread only.
    if (!closed_ && stopping_.load(std::memory_order_relaxed)) {
      closed_ = true;
      queue_->Shutdown();
    }
    if (batch_.empty()) {
      const gpr_timespec wait = gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                                             gpr_time_from_millis(kIdleMillis, GPR_TIMESPAN));
      switch (queue_->AsyncNext(&tag, &ok, wait)) {
        case grpc::CompletionQueue::SHUTDOWN:
          return;
        case grpc::CompletionQueue::TIMEOUT:
          handler_.Idle();
          continue;
        case grpc::CompletionQueue::GOT_EVENT:
          static_cast<LaneCall*>(tag)->Step(ok);
      }
    }
    // Take what is there. One empty look is not yet proof: the queue answers from its own cache
    // first and reads the sockets on the next look.
    for (int empty_looks = 0; batch_.size() < options_.batch_bound && empty_looks < 2;) {
      switch (queue_->AsyncNext(&tag, &ok, gpr_time_0(GPR_CLOCK_MONOTONIC))) {
        case grpc::CompletionQueue::SHUTDOWN:
          RunBatch();
          return;
        case grpc::CompletionQueue::TIMEOUT:
          ++empty_looks;
          break;
        case grpc::CompletionQueue::GOT_EVENT:
          static_cast<LaneCall*>(tag)->Step(ok);
          empty_looks = 0;
      }
    }
    RunBatch();
  }
}

void Lane::RunBatch() {
  if (batch_.empty()) return;
  running_.swap(batch_);
  batch_.clear();
  const MonotonicTime began = steady_clock::now();
  MonotonicTime oldest = began;
  for (const LaneCall* call : running_) oldest = std::min(oldest, call->arrived());
  handler_.RunBatch(running_);
  observer_.BatchRan(running_.size(), began - oldest, steady_clock::now() - began);
}

}  // namespace kakunin
