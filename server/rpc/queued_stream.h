#pragma once

#include <grpcpp/grpcpp.h>
#include <grpcpp/support/async_stream.h>

#include <atomic>
#include <functional>

#include "server/rpc/call_queue.h"

namespace kakunin {

// QueuedStream is what streams on a CallQueue have in common. Its On... functions are called by the
// queue's thread, one after the other, and wait for nothing; operations may be begun by any thread,
// one at a time.
class QueuedStream {
 public:
  QueuedStream(const QueuedStream&) = delete;
  QueuedStream& operator=(const QueuedStream&) = delete;

  // Arm waits for a call. `again` is called when one has come, and arms another stream for the
  // next. The stream owns itself from here on.
  void Arm(std::function<void()> again);

 protected:
  // `queue` outlives the object.
  explicit QueuedStream(CallQueue& queue) : queue_(queue) {}
  virtual ~QueuedStream() = default;

  // OnBegun: a call has come.
  virtual void OnBegun() = 0;
  // OnOperation: the read or write is over; not `ok`: there is no more, or the peer has gone.
  virtual void OnOperation(bool ok) = 0;
  // OnCancel: the call ended before it was finished; may come beside an operation.
  virtual void OnCancel() {}
  // OnDone: nothing comes any more. The stream deletes itself.
  virtual void OnDone() = 0;

  // Request hands the call that is waited for to the generated service.
  virtual void Request(grpc::ServerCompletionQueue* queue, void* tag) = 0;
  virtual void SendFinish(const grpc::Status& status, void* tag) = 0;

  // Finish ends the call; once, while no read or write is under way.
  void Finish(const grpc::Status& status);
  void* operation() { return static_cast<QueueTag*>(&operation_); }

  grpc::ServerContext context_;

 private:
  struct Event final : QueueTag {
    Event(QueuedStream& stream, void (QueuedStream::*act)(bool)) : stream(stream), act(act) {}
    void Happened(bool ok) override { (stream.*act)(ok); }

    QueuedStream& stream;
    void (QueuedStream::*act)(bool);
  };

  void Arrived(bool ok);
  void Operated(bool ok) { OnOperation(ok); }
  void Finished(bool ok);
  void Ended(bool ok);
  void EndIfDone();

  CallQueue& queue_;
  std::function<void()> again_;
  Event arrived_{*this, &QueuedStream::Arrived};
  Event operation_{*this, &QueuedStream::Operated};
  Event finish_{*this, &QueuedStream::Finished};
  Event end_{*this, &QueuedStream::Ended};
  std::atomic<bool> finishing_{false};
  bool finished_ = false;  // the status has left, or will never
  bool ended_ = false;     // gRPC has told that the call is over
};

// QueuedReader is a stream of requests with one answer.
class QueuedReader : public QueuedStream {
 protected:
  using QueuedStream::QueuedStream;
  using Stream = grpc::ServerAsyncReader<grpc::ByteBuffer, grpc::ByteBuffer>;

  // StartRead reads the next message into octets().
  void StartRead() { stream_.Read(&octets_, operation()); }
  const grpc::ByteBuffer& octets() const { return octets_; }
  // The answer, of a status that is OK.
  virtual grpc::ByteBuffer Answer() const = 0;
  Stream& stream() { return stream_; }

 private:
  void SendFinish(const grpc::Status& status, void* tag) override;

  Stream stream_{&context_};
  grpc::ByteBuffer octets_;
};

// QueuedWriter is one request with a stream of answers.
class QueuedWriter : public QueuedStream {
 protected:
  using QueuedStream::QueuedStream;
  using Stream = grpc::ServerAsyncWriter<grpc::ByteBuffer>;

  void StartWrite(const grpc::ByteBuffer& message) { stream_.Write(message, operation()); }
  const grpc::ByteBuffer& request() const { return request_; }
  grpc::ByteBuffer* mutable_request() { return &request_; }
  Stream& stream() { return stream_; }

 private:
  void SendFinish(const grpc::Status& status, void* tag) override { stream_.Finish(status, tag); }

  Stream stream_{&context_};
  grpc::ByteBuffer request_;
};

}  // namespace kakunin
