#pragma once

#include <grpcpp/grpcpp.h>
#include <grpcpp/support/async_unary_call.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "server/rpc/call_queue.h"
#include "server/rpc/dispatch.h"

namespace kakunin {

class Lane;

// LaneCall is one call inside a lane: its raw request, who sent it, and the one answer it gets.
// Only the lane's thread touches it; it is used again for the next call once the answer has left.
class LaneCall final : private QueueTag {
 public:
  // Payload is what a handler decoded from the request and keeps until the batch runs.
  struct Payload {
    virtual ~Payload() = default;
  };

  const Call& call() const { return *call_; }
  // Request is the serialised request message; valid until the answer.
  std::string_view request() const { return request_octets_; }
  MonotonicTime arrived() const { return arrived_; }

  std::unique_ptr<Payload> payload;

  // Answer sends a serialised message. Refuse sends an error. Exactly one of them, once.
  void Answer(std::string_view octets);
  // AnswerLarge sends a message of many kilobytes without copying it.
  void AnswerLarge(std::string octets);
  void Refuse(const absl::Status& status);

 private:
  friend class Lane;
  struct Method;

  LaneCall(Lane& lane, const Method& method);
  void Arm();
  // Happened is of the thread that polls the queue, Step of the lane's.
  void Happened(bool ok) override;
  void Step(bool ok, MonotonicTime at);
  void Send(const grpc::Slice& slice);
  void FinishWithError(const absl::Status& status);

  Lane& lane_;
  const Method& method_;
  std::unique_ptr<grpc::ServerContext> context_;
  std::unique_ptr<grpc::ServerAsyncResponseWriter<grpc::ByteBuffer>> writer_;
  grpc::ByteBuffer request_;
  grpc::Slice request_slice_;
  std::string_view request_octets_;
  std::optional<Call> call_;
  MonotonicTime arrived_;
  bool finishing_ = false;
};

// LaneHandler is the work behind a lane's methods. All calls come from the lane's one thread.
class LaneHandler {
 public:
  virtual ~LaneHandler() = default;
  // Accept decodes a call that dispatch has admitted. It answers the call itself and returns false,
  // or fills its payload and returns true: the call then joins the next batch.
  virtual bool Accept(LaneCall& call) = 0;
  // RunBatch answers every call of the batch.
  virtual void RunBatch(std::span<LaneCall* const> batch) = 0;
  // Idle is called about ten times a second while there is no batch to run, for noticing a
  // connection that was lost and for reconnecting.
  virtual void Idle() = 0;
};

// LaneObserver sees how a lane fares.
class LaneObserver {
 public:
  virtual ~LaneObserver() = default;
  virtual void BatchRan(size_t size, std::chrono::nanoseconds oldest_waited,
                        std::chrono::nanoseconds took) = 0;
};

// Lane is one loop thread: it takes whatever has arrived, up to a bound, hands it to the handler as
// one batch, and begins again. No linger timer: what arrives during a batch's commit is the next
// batch (docs/adr/0001). A lane polls a completion queue of its own, without any hand-off between
// threads, or is the guest of one that does and hands it its calls (docs/adr/0013). A lane's
// methods are served raw: the handler reads and writes serialised messages.
class Lane {
 public:
  struct Options {
    size_t batch_bound = 128;       // calls a batch
    size_t slots_per_method = 256;  // calls that may be in the lane at once, per method
  };
  // RequestFunction arms one raw call on the generated service.
  using RequestFunction = std::function<void(grpc::ServerContext*, grpc::ByteBuffer*,
                                             grpc::ServerAsyncResponseWriter<grpc::ByteBuffer>*,
                                             grpc::ServerCompletionQueue*, void*)>;

  // All references outlive the lane; `queue` comes from the ServerBuilder.
  Lane(Options options, std::unique_ptr<grpc::ServerCompletionQueue> queue,
       const Dispatch& dispatch, LaneHandler& handler, LaneObserver& observer);
  // A guest of `host`, whose thread it needs for as long as it runs.
  Lane(Options options, Lane& host, const Dispatch& dispatch, LaneHandler& handler,
       LaneObserver& observer);
  // The server must have been shut down before.
  ~Lane();

  // Queue is where everything else of the port is served.
  CallQueue& queue() { return queue_; }

  // Serve adds a method; before Start. `name` is the full method name and lives as long as the
  // lane.
  void Serve(std::string_view name, RequestFunction request);
  // Start arms every method and begins the loop; after the server was built.
  void Start();
  // Shutdown ends the queue, its own, when the last call on it is over, and joins the thread; after
  // grpc::Server::Shutdown, and guests before their host.
  void Shutdown();
  // Busy tells whether a batch is being answered. Thread-safe.
  bool Busy() const { return busy_.load(std::memory_order_relaxed); }

 private:
  friend class LaneCall;

  // Event is what happened to a call of a guest.
  struct Event {
    LaneCall* call;
    bool ok;
    MonotonicTime at;
  };

  void Run();
  // Collect waits a while for something to happen, then takes what is there, up to the bound.
  void Collect();
  void CollectAsGuest();
  bool MayEnd() const;
  void RunBatch();

  Options options_;
  const std::unique_ptr<CallQueue> own_queue_;  // null: a guest
  CallQueue& queue_;
  const Dispatch& dispatch_;
  LaneHandler& handler_;
  LaneObserver& observer_;
  std::vector<std::unique_ptr<LaneCall::Method>> methods_;
  std::vector<std::unique_ptr<LaneCall>> calls_;
  std::vector<LaneCall*> batch_;
  std::vector<LaneCall*> running_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> busy_{false};
  size_t owed_ = 0;  // events that the queue still has to give, one per call armed or finishing
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Event> happened_;  // under mutex_: a guest's
  std::deque<Event> events_;    // those of them that the thread has taken
  bool shut_down_ = false;
  std::thread thread_;
};

}  // namespace kakunin
