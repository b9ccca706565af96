#pragma once

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "kakunin/v1/notice_service.grpc.pb.h"
#include "server/rpc/call_queue.h"
#include "server/rpc/notice_service.h"

namespace kakunin {

// NoticeRpc is NoticeService with every method raw.
class NoticeRpc final
    : public v1::NoticeService::WithRawMethod_ListNotices<
          v1::NoticeService::WithRawMethod_AcknowledgeNotices<
              v1::NoticeService::WithRawMethod_WatchNotices<v1::NoticeService::Service>>> {};

class NoticeStream;

// NoticeWatch serves the streams of notices from one thread of its own, in turns: it asks the door
// again for every stream, reads in one statement which facilities have new notices, and sends those
// to whoever waits for some. No thread waits for a peer: an answer that is not taken is looked at
// in the next turns, until its time is up. Only this thread writes to a stream, or finishes it once
// it has begun. Thread-safe.
class NoticeWatch {
 public:
  // `backend` outlives the object.
  NoticeWatch(const NoticeBackend& backend, const NoticeLimits& limits);
  // All streams have ended before: their server has shut down.
  ~NoticeWatch();

  // Serve takes streams from now on, by a service that outlives them.
  void Serve(CallQueue& queue, NoticeRpc& rpc);

 private:
  friend class NoticeStream;

  // Begin takes a stream that has come, or ends it.
  void Begin(const std::shared_ptr<NoticeStream>& stream);
  void Run();
  // Turn asks the door for every stream, then sends until `end`; whoever is not reached comes first
  // in the next turn.
  void Turn(std::chrono::steady_clock::time_point end);
  // Goes tells whether a stream goes on; it has finished it when not.
  bool Goes(NoticeStream& stream) const;
  // Send sends what the stream's facility has behind what was sent; false: it has finished it.
  bool Send(NoticeStream& stream, int64_t last) const;

  const NoticeBackend& backend_;
  const NoticeLimits limits_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false;                                   // under mutex_
  std::vector<std::shared_ptr<NoticeStream>> begun_;    // under mutex_: not yet taken by a turn
  size_t count_ = 0;                                    // under mutex_: of all
  std::vector<std::shared_ptr<NoticeStream>> streams_;  // the thread's own
  std::thread thread_;
};

}  // namespace kakunin
