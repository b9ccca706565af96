#pragma once

#include <grpcpp/alarm.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>

namespace kakunin {

// CancelAlarm cancels a stream whose peer does not take its turn in time: neither sends the next
// message nor takes one. Whatever waits for the peer then ends as if it had gone. Set and Done are
// called by one thread at a time.
class CancelAlarm {
 public:
  // `context` must not be used by anybody after Done.
  explicit CancelAlarm(grpc::ServerContextBase& context);

  // Set begins a turn of the peer, which ends the one before; call it before the read or write.
  void Set(std::chrono::milliseconds bound);
  // Rest ends the turn: it is ours.
  void Rest();
  // Done is called by OnDone: the call is gone when it returns.
  void Done();

 private:
  struct State {
    // Recursive: gRPC may run OnDone inside TryCancel.
    std::recursive_mutex mutex;
    grpc::ServerContextBase* context = nullptr;
    int64_t turn = 0;
  };

  const std::shared_ptr<State> state_;
  std::unique_ptr<grpc::Alarm> alarm_;
};

}  // namespace kakunin
