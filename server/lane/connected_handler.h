#pragma once

#include <atomic>
#include <chrono>
#include <span>

#include "domain/error.h"
#include "server/lane/lane.h"

namespace kakunin {

// ConnectedHandler is a LaneHandler whose usecase has a database connection: while there is none it
// refuses every batch, and it reconnects when idle. Used by the lane's thread alone.
template <class Usecase>
class ConnectedHandler : public LaneHandler {
 public:
  // `usecase` outlives the handler.
  explicit ConnectedHandler(Usecase& usecase) : usecase_(usecase) {}

  void RunBatch(std::span<LaneCall* const> batch) final {
    if (Connect()) return Run(batch);
    for (LaneCall* call : batch) call->Refuse(MakeError(Reason::kDatabaseUnavailable));
  }
  void Idle() final {
    usecase_.NoticeLoss();
    Connect();
  }

  // Connected tells whether there was a connection when the handler last looked. From any thread.
  bool Connected() const { return connected_.load(std::memory_order_relaxed); }

 protected:
  // Run answers every call of the batch.
  virtual void Run(std::span<LaneCall* const> batch) = 0;

  Usecase& usecase_;

 private:
  static constexpr auto kConnectBound = std::chrono::milliseconds(50);

  bool Connect() {
    const bool connected = usecase_.Connect(std::chrono::steady_clock::now() + kConnectBound);
    connected_.store(connected, std::memory_order_relaxed);
    return connected;
  }

  std::atomic<bool> connected_{false};
};

}  // namespace kakunin
