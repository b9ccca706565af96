#pragma once

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/bench/workload.h"

namespace kakunin::bench {

// CallLoop has up to `streams` calls of a workload under way, over a set of channels, all from the
// calling thread: one completion queue, raw messages.
class CallLoop {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  // Ending is how one call ended.
  struct Ending {
    bool right = false;
    bool refused = false;  // RESOURCE_EXHAUSTED: one too many
    std::chrono::nanoseconds took{0};
    std::string_view answer;  // valid until the next call of Wait
    size_t ticket = 0;
    size_t channel = 0;
  };

  CallLoop(const std::vector<std::shared_ptr<grpc::Channel>>& channels, Workload& workload,
           int streams);
  ~CallLoop();

  // Start sends the next request from a free stream, as if at `counted_from`; false when no stream
  // is free or the workload has nothing more for it.
  bool Start(Instant counted_from);
  // Wait returns the next call that ends; empty when none has by `until`.
  std::optional<Ending> Wait(Instant until);

  int under_way() const { return under_way_; }
  // first_error is what the first call that did not go right came to, for a human.
  const std::string& first_error() const { return first_error_; }

 private:
  struct Stream;

  void Judge(Stream& stream, Ending& ending);

  Workload& workload_;
  std::vector<std::unique_ptr<grpc::GenericStub>> stubs_;
  grpc::CompletionQueue queue_;
  std::vector<std::unique_ptr<Stream>> streams_;
  std::deque<Stream*> free_;  // the longest free first: all streams get their turn
  int under_way_ = 0;
  grpc::Slice answer_;
  std::string first_error_;
};

}  // namespace kakunin::bench
