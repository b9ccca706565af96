#pragma once

#include <grpcpp/alarm.h>
#include <grpcpp/grpcpp.h>

#include <memory>
#include <mutex>

#include "kakunin/v1/insurer_feed_service.pb.h"
#include "server/rpc/feed_worker.h"
#include "server/rpc/insurer_feed_service.h"

namespace kakunin {

// PushRowsReactor is one stream of chunks. Its steps follow each other: read a message, hand it to
// the worker, acknowledge it, read the next; so at most one chunk of a stream is under way, and
// nobody waits. Only the end of the stream's life comes from the side.
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
  enum class Step { kIdle, kStartingRead, kReading, kWorking, kWriting, kFinished };

  PushRowsReactor(grpc::CallbackServerContext& context, const InsurerFeedBackend& backend,
                  const InsurerFeedLimits& limits, FeedWorker& worker)
      : context_(context), backend_(backend), limits_(limits), worker_(worker) {}

  void Start();
  void Read();
  // Work runs on the worker's thread.
  void Work();
  absl::StatusOr<v1::PushRowsResponse> Take();
  void End(const absl::Status& status);
  void EndOfLife();

  grpc::CallbackServerContext& context_;
  const InsurerFeedBackend& backend_;
  const InsurerFeedLimits& limits_;
  FeedWorker& worker_;

  Call call_;  // as admitted when the stream began
  v1::PushRowsRequest request_;
  v1::PushRowsResponse response_;

  std::mutex mutex_;
  Step step_ = Step::kIdle;  // under mutex_
  bool expired_ = false;     // under mutex_
  absl::Status status_;      // under mutex_ until finished
  std::unique_ptr<grpc::Alarm> alarm_;
  std::shared_ptr<PushRowsReactor> self_;  // until OnDone
};

}  // namespace kakunin
