#pragma once

#include <grpcpp/alarm.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <memory>
#include <mutex>

#include "kakunin/v1/insurer_feed_service.pb.h"
#include "server/rpc/feed_worker.h"
#include "server/rpc/insurer_feed_service.h"
#include "server/rpc/stream_turns.h"
#include "server/usecases/feed_intake.h"

namespace kakunin {

// PushRowsReactor is one stream of chunks. Its steps follow each other: read a message, hand it to
// the worker, acknowledge it, read the next; so at most one chunk of a stream is under way, and
// nobody waits. Every wait for the peer is bounded anew, a read by the stream's life too; only an
// overdue peer comes from the side.
class PushRowsReactor final
    : public grpc::ServerBidiReactor<v1::PushRowsRequest, v1::PushRowsResponse> {
 public:
  // Begin makes a reactor that owns itself until gRPC is done with it. References outlive it.
  static PushRowsReactor* Begin(grpc::CallbackServerContext& context,
                                const InsurerFeedBackend& backend, const InsurerFeedLimits& limits,
                                FeedWorker& worker);

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnDone() override;

 private:
  PushRowsReactor(grpc::CallbackServerContext& context, const InsurerFeedBackend& backend,
                  const InsurerFeedLimits& limits, FeedWorker& worker)
      : context_(context), backend_(backend), limits_(limits), worker_(worker) {}

  void Start();
  void Read();
  // Work runs on the worker's thread.
  void Work();
  // TakeCoverages reads the coverages of the request into `chunk`, but for those that are known.
  absl::Status TakeCoverages(const WriteCall& write, Chunk& chunk);
  absl::StatusOr<v1::PushRowsResponse> Take();
  void End(const absl::Status& status);
  void SetAlarm(int64_t turn, std::chrono::steady_clock::time_point until);
  // Overdue runs on a thread of gRPC when the peer did not take its turn in time.
  void Overdue(int64_t turn);
  void FinishOverdue();

  grpc::CallbackServerContext& context_;
  const InsurerFeedBackend& backend_;
  const InsurerFeedLimits& limits_;
  FeedWorker& worker_;

  Call call_;  // as admitted when the stream began
  v1::PushRowsRequest request_;
  v1::PushRowsResponse response_;

  StreamTurns turns_;
  absl::Status status_;  // written by the one who finishes
  std::chrono::steady_clock::time_point end_of_life_;
  std::unique_ptr<grpc::Alarm> alarm_;  // of the peer's present or last turn
  // The call is gone once OnDone has returned. Recursive: gRPC may run OnDone inside TryCancel.
  std::recursive_mutex call_mutex_;
  bool call_done_ = false;                 // under call_mutex_
  std::shared_ptr<PushRowsReactor> self_;  // until OnDone
};

}  // namespace kakunin
