#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <optional>
#include <string>

#include "kakunin/v1/bulk_service.grpc.pb.h"
#include "server/rpc/bulk_service.h"
#include "server/rpc/cancel_alarm.h"
#include "server/rpc/convert_bulk.h"
#include "server/rpc/feed_worker.h"
#include "server/rpc/queued_stream.h"
#include "server/rpc/queued_unary.h"

namespace kakunin {

// The two streams of BulkService. Steps follow each other: read or write a message, hand it to the
// worker, and again; nobody waits for a peer.

// BulkRpc is BulkService with every method raw.
class BulkRpc final
    : public v1::BulkService::WithRawMethod_Submit<v1::BulkService::WithRawMethod_Get<
          v1::BulkService::WithRawMethod_StreamResults<v1::BulkService::WithRawMethod_Cancel<
              v1::BulkService::WithRawMethod_Delete<v1::BulkService::Service>>>>> {};

// BulkStreamParts is what the streams are served by; it outlives them.
struct BulkStreamParts {
  const BulkBackend& backend;
  const BulkLimits& limits;
  FeedWorker& worker;
  BulkRpc& rpc;
};

// SubmitStream takes one list.
class SubmitStream final : public QueuedReader {
 public:
  // Serve takes lists from now on.
  static void Serve(CallQueue& queue, const BulkStreamParts& parts);

 private:
  SubmitStream(CallQueue& queue, const BulkStreamParts& parts);
  void Request(grpc::ServerCompletionQueue* queue, void* tag) override;
  void OnBegun() override;
  void OnOperation(bool ok) override;
  void OnDone() override;
  grpc::ByteBuffer Answer() const override { return WrittenMessage(response_); }

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

  const BulkStreamParts& parts_;
  CancelAlarm alarm_{context_};
  v1::BulkServiceSubmitResponse response_;

  Call call_;  // as admitted when the stream began
  v1::BulkServiceSubmitRequest request_;
  std::optional<BulkHeaderRead> list_;
  BulkIntake intake_;
  absl::Status status_;
};

// ResultsStream sends what is ready of one list.
class ResultsStream final : public QueuedWriter {
 public:
  // Serve answers such calls from now on.
  static void Serve(CallQueue& queue, const BulkStreamParts& parts);

 private:
  ResultsStream(CallQueue& queue, const BulkStreamParts& parts)
      : QueuedWriter(queue), parts_(parts) {}
  void Request(grpc::ServerCompletionQueue* queue, void* tag) override;
  void OnBegun() override;
  void OnOperation(bool ok) override;
  void OnDone() override;

  void Submit();
  void Work();
  // Fill makes the next message; false: there is none.
  absl::StatusOr<bool> Fill();
  void End(const absl::Status& status);

  const BulkStreamParts& parts_;
  CancelAlarm alarm_{context_};
  v1::BulkServiceStreamResultsRequest request_;

  Call call_;
  ResultsAsked where_;
  std::optional<BulkInquiryRow> inquiry_;  // as it was when the call was audited
  bool told_ = false;                      // the last message was made
  v1::BulkServiceStreamResultsResponse response_;
  absl::Status status_;
};

}  // namespace kakunin
