#include "server/lane/lane.h"

#include "server/rpc/status.h"

namespace kakunin {
namespace {

using std::chrono::steady_clock;

constexpr int kIdleMillis = 100;
constexpr auto kIdleEvery = std::chrono::milliseconds(kIdleMillis);

constexpr size_t kMostEventsABatch = 4;

gpr_timespec Soon() {
  return gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                      gpr_time_from_millis(kIdleMillis, GPR_TIMESPAN));
}

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
  ++lane_.owed_;
  method_.request(context_.get(), &request_, writer_.get(), lane_.queue_.get(),
                  static_cast<QueueTag*>(this));
}

void LaneCall::Happened(bool ok) {
  const MonotonicTime now = steady_clock::now();
  if (lane_.own_queue_ != nullptr) return Step(ok, now);
  // Notified under the lock: a guest that has seen its last event may be gone behind it.
  const std::lock_guard lock(lane_.mutex_);
  lane_.happened_.push_back({this, ok, now});
  lane_.wake_.notify_one();
}

void LaneCall::Step(bool ok, MonotonicTime at) {
  --lane_.owed_;
  if (finishing_) {
    // The answer has left, or its peer has: either way the slot is free.
    if (lane_.stopping_.load(std::memory_order_relaxed)) return lane_.queue_.Over();
    return Arm();
  }
  if (!ok) return lane_.queue_.Over();  // the server is shutting down; no call arrived
  arrived_ = at;
  absl::StatusOr<Call> call = lane_.dispatch_.Admit(*context_, method_.name);
  if (!call.ok()) {
    FinishWithError(call.status());
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

void LaneCall::Answer(std::string_view octets) { Send({octets.data(), octets.size()}); }

void LaneCall::AnswerLarge(std::string octets) {
  // The slice owns the string; gRPC lets it go when the answer has left.
  auto* const kept = new std::string(std::move(octets));
  Send({kept->data(), kept->size(), [](void* text) { delete static_cast<std::string*>(text); },
        kept});
}

void LaneCall::Send(const grpc::Slice& slice) {
  const grpc::ByteBuffer response(&slice, 1);
  lane_.dispatch_.Ended(*call_, absl::OkStatus());
  finishing_ = true;
  ++lane_.owed_;
  writer_->Finish(response, grpc::Status::OK, static_cast<QueueTag*>(this));
}

void LaneCall::Refuse(const absl::Status& status) {
  lane_.dispatch_.Ended(*call_, status);
  FinishWithError(status);
}

void LaneCall::FinishWithError(const absl::Status& status) {
  finishing_ = true;
  ++lane_.owed_;
  writer_->FinishWithError(ToGrpcStatus(status), static_cast<QueueTag*>(this));
}

Lane::Lane(Options options, std::unique_ptr<grpc::ServerCompletionQueue> queue,
           const Dispatch& dispatch, LaneHandler& handler, LaneObserver& observer)
    : options_(options),
      own_queue_(std::make_unique<CallQueue>(std::move(queue))),
      queue_(*own_queue_),
      dispatch_(dispatch),
      handler_(handler),
      observer_(observer) {}

Lane::Lane(Options options, Lane& host, const Dispatch& dispatch, LaneHandler& handler,
           LaneObserver& observer)
    : options_(options),
      queue_(host.queue_),
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
      queue_.Begun();
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
  } else if (own_queue_ != nullptr) {
    queue_.Close();  // never started
  }
}

void Lane::Collect() {
  if (own_queue_ == nullptr) return CollectAsGuest();
  queue_.Take(Soon());
  // One empty look is not yet proof: the queue answers from its own cache first and reads the
  // sockets on the next look. Events that join no batch, refused calls among them, keep a batch
  // waiting so long and no longer.
  const size_t most_events = kMostEventsABatch * options_.batch_bound;
  for (size_t events = 0, empty_looks = 0;
       batch_.size() < options_.batch_bound && empty_looks < 2 && events < most_events; ++events) {
    empty_looks = queue_.Take(gpr_time_0(GPR_CLOCK_MONOTONIC)) ? 0 : empty_looks + 1;
  }
}

void Lane::CollectAsGuest() {
  if (events_.empty()) {
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, kIdleEvery, [this] { return !happened_.empty(); });
    events_.swap(happened_);
  }
  while (!events_.empty() && batch_.size() < options_.batch_bound) {
    const Event event = events_.front();
    events_.pop_front();
    event.call->Step(event.ok, event.at);
  }
}

// The server was shut down before, so every call that is armed or under way comes to its end.
bool Lane::MayEnd() const {
  return stopping_.load(std::memory_order_relaxed) && owed_ == 0 &&
         (own_queue_ == nullptr || !queue_.HasCalls());
}

void Lane::Run() {
  MonotonicTime idle_due = steady_clock::now();
  while (!MayEnd()) {
    Collect();
    if (!batch_.empty()) {
      RunBatch();
    } else if (steady_clock::now() >= idle_due) {
      handler_.Idle();
      idle_due = steady_clock::now() + kIdleEvery;
    }
  }
  if (own_queue_ != nullptr) queue_.Close();
}

void Lane::RunBatch() {
  running_.swap(batch_);
  batch_.clear();
  const MonotonicTime began = steady_clock::now();
  MonotonicTime oldest = began;
  for (const LaneCall* call : running_) oldest = std::min(oldest, call->arrived());
  busy_.store(true, std::memory_order_relaxed);
  handler_.RunBatch(running_);
  busy_.store(false, std::memory_order_relaxed);
  observer_.BatchRan(running_.size(), began - oldest, steady_clock::now() - began);
}

}  // namespace kakunin
