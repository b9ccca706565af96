#include "server/bench/call_loop.h"

#include <fmt/format.h>

#include <algorithm>

namespace kakunin::bench {
namespace {

using std::chrono::steady_clock;

// What a terminal sets: nobody at a desk waits longer.
constexpr int kDeadlineSeconds = 10;

gpr_timespec Monotonic(std::chrono::nanoseconds from_now) {
  return gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                      gpr_time_from_nanos(from_now.count(), GPR_TIMESPAN));
}

}  // namespace

struct CallLoop::Stream {
  size_t channel = 0;
  size_t ticket = 0;
  Instant counted_from;
  std::optional<grpc::ClientContext> context;
  std::unique_ptr<grpc::GenericClientAsyncResponseReader> reader;
  grpc::ByteBuffer response;
  grpc::Status status;
};

CallLoop::CallLoop(const std::vector<std::shared_ptr<grpc::Channel>>& channels, Workload& workload,
                   int streams)
    : workload_(workload) {
  for (const auto& channel : channels)
    stubs_.push_back(std::make_unique<grpc::GenericStub>(channel));
  for (int i = 0; i < streams; ++i) {
    streams_.push_back(std::make_unique<Stream>());
    streams_.back()->channel = static_cast<size_t>(i) % channels.size();
    free_.push_back(streams_.back().get());
  }
}

CallLoop::~CallLoop() {
  queue_.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue_.Next(&tag, &ok)) {
  }
}

bool CallLoop::Start(Instant counted_from) {
  if (free_.empty()) return false;
  Stream& stream = *free_.front();
  free_.pop_front();
  const auto request = workload_.Next(stream.channel);
  if (!request) return false;  // this stream has done its share
  const grpc::Slice slice(request->octets.data(), request->octets.size());
  const grpc::ByteBuffer octets(&slice, 1);
  stream.ticket = request->ticket;
  stream.counted_from = counted_from;
  stream.context.emplace();
  stream.context->set_deadline(Monotonic(std::chrono::seconds(kDeadlineSeconds)));
  stream.context->AddMetadata("kakunin-user", "desk-1");
  stream.context->AddMetadata("kakunin-role", workload_.role());
  stream.response.Clear();
  stream.reader = stubs_[stream.channel]->PrepareUnaryCall(&*stream.context, workload_.method(),
                                                           octets, &queue_);
  stream.reader->StartCall();
  stream.reader->Finish(&stream.response, &stream.status, &stream);
  ++under_way_;
  return true;
}

std::optional<CallLoop::Ending> CallLoop::Wait(Instant until) {
  void* tag = nullptr;
  bool ok = false;
  const auto left =
      std::max(std::chrono::nanoseconds(0), std::chrono::nanoseconds(until - steady_clock::now()));
  if (queue_.AsyncNext(&tag, &ok, Monotonic(left)) != grpc::CompletionQueue::GOT_EVENT) {
    return std::nullopt;
  }
  Stream& stream = *static_cast<Stream*>(tag);
  Ending ending{.took = steady_clock::now() - stream.counted_from,
                .ticket = stream.ticket,
                .channel = stream.channel};
  Judge(stream, ending);
  --under_way_;
  free_.push_back(&stream);
  return ending;
}

void CallLoop::Judge(Stream& stream, Ending& ending) {
  ending.refused = stream.status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED;
  if (!stream.status.ok()) {
    if (first_error_.empty()) {
      first_error_ = fmt::format("code {}: {}", static_cast<int>(stream.status.error_code()),
                                 stream.status.error_message());
    }
    return;
  }
  if (!stream.response.TrySingleSlice(&answer_).ok() &&
      !stream.response.DumpToSingleSlice(&answer_).ok()) {
    return;
  }
  ending.answer = {reinterpret_cast<const char*>(answer_.begin()), answer_.size()};
  ending.right = workload_.IsRight(ending.ticket, ending.answer);
  if (!ending.right && first_error_.empty()) first_error_ = "a wrong answer";
}

}  // namespace kakunin::bench
