// The lane itself, without a database behind it: how batches form, fill, wait and end.
#include "server/lane/lane.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>
#include <thread>

#include "server/lane/terminal_methods.h"
#include "tests/support/rpc_server.h"

namespace kakunin {
namespace {

// GatedHandler answers every batch with empty messages, once the gate lets it pass.
class GatedHandler final : public LaneHandler {
 public:
  bool Accept(LaneCall&) override { return true; }
  void RunBatch(std::span<LaneCall* const> batch) override {
    {
      std::unique_lock lock(mutex_);
      sizes_.push_back(batch.size());
      changed_.notify_all();
      changed_.wait(lock, [this] { return open_ || passes_ > 0; });
      if (!open_) --passes_;
    }
    for (LaneCall* call : batch) call->Answer("");
  }
  void Idle() override {}

  void Open(bool open) {
    const std::lock_guard lock(mutex_);
    open_ = open;
    changed_.notify_all();
  }
  // PassOne lets one batch through a closed gate.
  void PassOne() {
    const std::lock_guard lock(mutex_);
    ++passes_;
    changed_.notify_all();
  }
  // WaitForBatch waits until the lane stands in so many batches since the beginning.
  bool WaitForBatch(size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20),
                             [&] { return sizes_.size() >= count; });
  }
  std::vector<size_t> sizes() const {
    const std::lock_guard lock(mutex_);
    return sizes_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
  int passes_ = 0;
  std::vector<size_t> sizes_;
};

// PromptHandler answers at once, like a health check, and counts how often it was idle.
class PromptHandler final : public LaneHandler {
 public:
  bool Accept(LaneCall& call) override {
    call.Answer("");
    return false;
  }
  void RunBatch(std::span<LaneCall* const>) override {}
  void Idle() override { ++idles; }
  std::atomic<int> idles{0};
};

class SilentObserver final : public LaneObserver {
 public:
  void BatchRan(size_t, std::chrono::nanoseconds, std::chrono::nanoseconds) override {}
};

// Calls are begun without waiting for their answers.
class Calls {
 public:
  void Begin(const std::shared_ptr<grpc::Channel>& channel, int count) {
    for (int i = 0; i < count; ++i) {
      One& one = calls_.emplace_back();
      one.stub = v1::EligibilityService::NewStub(channel);
      one.context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
      one.stub->async()->ConfirmByInsuredNumber(&one.context, &one.request, &one.response,
                                                [this, &one](const grpc::Status& status) {
                                                  const std::lock_guard lock(mutex_);
                                                  one.status = status;
                                                  ++ended_;
                                                  changed_.notify_all();
                                                });
    }
  }
  void CancelAll() {
    for (One& one : calls_) one.context.TryCancel();
  }
  // Ended waits for every answer and returns how many were OK.
  int Ended() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return ended_ == calls_.size(); });
    int good = 0;
    for (const One& one : calls_) good += one.status.ok() ? 1 : 0;
    return good;
  }

 private:
  struct One {
    std::unique_ptr<v1::EligibilityService::Stub> stub;
    grpc::ClientContext context;
    v1::ConfirmByInsuredNumberRequest request;
    v1::ConfirmByInsuredNumberResponse response;
    grpc::Status status;
  };
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<One> calls_;
  size_t ended_ = 0;
};

// Number queries go to a lane behind a gate, health checks to a second one that is never busy: each
// with a queue of its own, or the first one a guest of the second.
class LaneTest : public testing::TestWithParam<bool> {
 protected:
  LaneTest() { RegisterTestCallers(database_, clock_.Now()); }
  ~LaneTest() override {
    handler_.Open(true);
    End();
  }

  void Serve(Lane::Options options) {
    port_ = std::make_unique<RpcServer>(database_, clock_, Port::kTerminal);
    port_->Start([&](grpc::ServerBuilder& builder) {
      builder.RegisterService(&eligibility_);
      builder.RegisterService(&health_);
      prompt_lane_ = std::make_unique<Lane>(Lane::Options{}, builder.AddCompletionQueue(),
                                            port_->dispatch(), prompt_, observer_);
      lane_ = GetParam() ? std::make_unique<Lane>(options, *prompt_lane_, port_->dispatch(),
                                                  handler_, observer_)
                         : std::make_unique<Lane>(options, builder.AddCompletionQueue(),
                                                  port_->dispatch(), handler_, observer_);
      lane_->Serve(kByNumberMethod, [this](auto* context, auto* request, auto* writer, auto* queue,
                                           void* tag) {
        eligibility_.RequestConfirmByInsuredNumber(context, request, writer, queue, queue, tag);
      });
      prompt_lane_->Serve(kHealthCheckMethod, [this](auto* context, auto* request, auto* writer,
                                                     auto* queue, void* tag) {
        health_.RequestCheck(context, request, writer, queue, queue, tag);
      });
    });
    lane_->Start();
    prompt_lane_->Start();
    channel_ = port_->Channel(Caller::kTerminal);
  }

  void End() {
    if (port_ == nullptr) return;
    port_->Shutdown();
    lane_->Shutdown();
    prompt_lane_->Shutdown();
    port_->Stop();
  }

  grpc::Status CheckHealth() {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    grpc::health::v1::HealthCheckResponse response;
    return grpc::health::v1::Health::NewStub(channel_)->Check(&context, {}, &response);
  }

  // Begins one call, which the gate holds, then `count` more, and waits until they have reached the
  // server: frames of one connection stay in order, so a health check behind them tells.
  void BeginBehindABatch(int count) {
    calls_.Begin(channel_, 1);
    ASSERT_TRUE(handler_.WaitForBatch(1));
    calls_.Begin(channel_, count);
    ASSERT_TRUE(CheckHealth().ok());
  }

  const TestDatabase database_;
  SettableClock clock_;
  GatedHandler handler_;
  PromptHandler prompt_;
  SilentObserver observer_;
  EligibilityRpc eligibility_;
  HealthRpc health_;
  std::unique_ptr<RpcServer> port_;
  std::unique_ptr<Lane> lane_;
  std::unique_ptr<Lane> prompt_lane_;
  std::shared_ptr<grpc::Channel> channel_;
  Calls calls_;
};

TEST_P(LaneTest, WhatArrivesDuringABatchIsTheNextBatch) {
  Serve({.batch_bound = 64, .slots_per_method = 64});
  BeginBehindABatch(20);
  handler_.Open(true);
  EXPECT_EQ(calls_.Ended(), 21);
  EXPECT_EQ(handler_.sizes(), (std::vector<size_t>{1, 20}));
}

TEST_P(LaneTest, ABatchIsNeverLargerThanItsBound) {
  Serve({.batch_bound = 4, .slots_per_method = 64});
  BeginBehindABatch(10);
  handler_.Open(true);
  EXPECT_EQ(calls_.Ended(), 11);
  EXPECT_EQ(handler_.sizes(), (std::vector<size_t>{1, 4, 4, 2}));
}

TEST_P(LaneTest, WhatFindsNoSlotWaitsAndIsServed) {
  Serve({.batch_bound = 64, .slots_per_method = 3});
  BeginBehindABatch(30);
  handler_.Open(true);
  EXPECT_EQ(calls_.Ended(), 31);
  for (const size_t size : handler_.sizes()) EXPECT_LE(size, 3u);
}

TEST_P(LaneTest, ACancelledCallFreesItsSlot) {
  Serve({.batch_bound = 64, .slots_per_method = 2});
  BeginBehindABatch(1);
  calls_.CancelAll();
  EXPECT_EQ(calls_.Ended(), 0);
  handler_.Open(true);
  Calls later;
  later.Begin(channel_, 10);
  EXPECT_EQ(later.Ended(), 10);
}

TEST_P(LaneTest, AClientThatDisappearsFreesItsSlots) {
  Serve({.batch_bound = 64, .slots_per_method = 2});
  for (int round = 0; round < 5; ++round) {
    handler_.Open(false);
    const size_t before = handler_.sizes().size();
    {
      Calls gone;
      gone.Begin(port_->Channel(Caller::kTerminal), 2);
      ASSERT_TRUE(handler_.WaitForBatch(before + 1));
      gone.CancelAll();
      gone.Ended();  // the connection closes with its last call
    }
    handler_.Open(true);
    calls_.Begin(channel_, 4);
    EXPECT_EQ(calls_.Ended(), 4 * (round + 1));
  }
}

TEST_P(LaneTest, AShutdownAnswersWhatIsRunning) {
  Serve({.batch_bound = 64, .slots_per_method = 64});
  BeginBehindABatch(5);
  std::thread ending([this] { port_->Shutdown(); });
  while (CheckHealth().ok()) {  // until new calls are refused, so the shutdown has begun
  }
  handler_.Open(true);
  EXPECT_EQ(calls_.Ended(), 6);
  ending.join();
}

TEST_P(LaneTest, CallsThatTheShutdownCutOffDoNotMeetAClosedQueue) {
  Serve({.batch_bound = 4, .slots_per_method = 64});
  BeginBehindABatch(20);
  port_->Shutdown();  // its two seconds pass, and every call is cancelled
  EXPECT_EQ(calls_.Ended(), 0);
  std::thread ending([this] { lane_->Shutdown(); });
  // Batch by batch, so that the lane learns of its end between two of them.
  for (size_t batch = 2; batch <= 6; ++batch) {
    handler_.PassOne();
    ASSERT_TRUE(handler_.WaitForBatch(batch));
  }
  handler_.PassOne();
  ending.join();  // the twenty were taken up, answered to nobody, and the queue closed after them
  size_t run = 0;
  for (const size_t size : handler_.sizes()) run += size;
  EXPECT_EQ(run, 21u);
}

TEST_P(LaneTest, ALaneThatOnlyChecksHealthStillFindsTimeToReconnect) {
  Serve({});
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  const int before = prompt_.idles;
  while (prompt_.idles < before + 3 && std::chrono::steady_clock::now() < end) {
    ASSERT_TRUE(CheckHealth().ok());
  }
  EXPECT_GE(prompt_.idles, before + 3);
}

TEST_P(LaneTest, WhoIsRefusedNeverReachesABatch) {
  Serve({.batch_bound = 64, .slots_per_method = 2});
  Calls refused;
  refused.Begin(port_->Channel(Caller::kUnknown), 10);
  EXPECT_EQ(refused.Ended(), 0);
  EXPECT_TRUE(handler_.sizes().empty());
  handler_.Open(true);
  calls_.Begin(channel_, 3);
  EXPECT_EQ(calls_.Ended(), 3);
}

INSTANTIATE_TEST_SUITE_P(Every, LaneTest, testing::Bool(),
                         [](const auto& info) { return info.param ? "Guest" : "WithItsOwnQueue"; });

TEST(LaneEnd, ALaneThatNeverStartedEndsQuietly) {
  const TestDatabase database;
  SettableClock clock;
  RegisterTestCallers(database, clock.Now());
  RpcServer port(database, clock, Port::kTerminal);
  PromptHandler handler;
  SilentObserver observer;
  HealthRpc health;
  std::unique_ptr<Lane> lane;
  port.Start([&](grpc::ServerBuilder& builder) {
    builder.RegisterService(&health);
    lane = std::make_unique<Lane>(Lane::Options{}, builder.AddCompletionQueue(), port.dispatch(),
                                  handler, observer);
  });
  port.Shutdown();
  lane->Shutdown();
  lane->Shutdown();
  port.Stop();
  EXPECT_EQ(handler.idles, 0);
}

}  // namespace
}  // namespace kakunin
