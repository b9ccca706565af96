#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <optional>
#include <string>

#include "kakunin/v1/bulk_service.pb.h"
#include "server/rpc/bulk_service.h"
#include "server/rpc/cancel_alarm.h"
#include "server/rpc/convert_bulk.h"
#include "server/rpc/feed_worker.h"

namespace kakunin {

// The two streams of BulkService. Steps follow each other: read or write a message, hand it to the
// worker, and again; nobody waits for a peer.

// SubmitReactor takes one list.
class SubmitReactor final : public grpc::ServerReadReactor<v1::BulkServiceSubmitRequest> {
 public:
  // Owns itself until gRPC is done with it. References outlive it.
  SubmitReactor(grpc::CallbackServerContext& context, const BulkBackend& backend,
                const BulkLimits& limits, FeedWorker& worker,
                v1::BulkServiceSubmitResponse& response);

  void OnReadDone(bool ok) override;
  void OnDone() override;

 private:
  void Read();
  // Work runs on the worker's thread.
  void Work();
  // Take takes the message that was read; true: the list is whole.
  absl::StatusOr<bool> Take();
  // Audited writes the audit row of a refusal before it is told.
  absl::Status Audited(const absl::Status& status, const Call& call);
  absl::Status TakeHeader(const Call& call);
  absl::Status TakeChunk(const Call& call);
  absl::Status TakeEnd(const Call& call);
  void End(const absl::Status& status);

  grpc::CallbackServerContext& context_;
  const BulkBackend& backend_;
  const BulkLimits& limits_;
  FeedWorker& worker_;
  CancelAlarm alarm_;
  v1::BulkServiceSubmitResponse& response_;

  Call call_;  // as admitted when the stream began
  v1::BulkServiceSubmitRequest request_;
  std::optional<BulkHeaderRead> list_;
  BulkIntake intake_;
  absl::Status status_;
};

// ResultsReactor sends what is ready of one list.
class ResultsReactor final : public grpc::ServerWriteReactor<v1::BulkServiceStreamResultsResponse> {
 public:
  // As SubmitReactor.
  ResultsReactor(grpc::CallbackServerContext& context, const BulkBackend& backend,
                 const BulkLimits& limits, FeedWorker& worker,
                 const v1::BulkServiceStreamResultsRequest& request);

  void OnWriteDone(bool ok) override;
  void OnDone() override;

 private:
  void Submit();
  void Work();
  // Fill makes the next message; false: there is none.
  absl::StatusOr<bool> Fill();
  void End(const absl::Status& status);

  grpc::CallbackServerContext& context_;
  const BulkBackend& backend_;
  const BulkLimits& limits_;
  FeedWorker& worker_;
  CancelAlarm alarm_;
  const v1::BulkServiceStreamResultsRequest& request_;

  Call call_;
  ResultsAsked where_;
  std::optional<BulkInquiryRow> inquiry_;  // as it was when the call was audited
  bool told_ = false;                      // the last message was made
  v1::BulkServiceStreamResultsResponse response_;
  absl::Status status_;
};

}  // namespace kakunin
