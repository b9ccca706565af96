#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/bench/load_plan.h"

namespace kakunin::bench {

// Workload makes the requests of one method, serialised, and judges the answers. Used by one
// thread.
class Workload {
 public:
  // Request is what is sent; `ticket` names it to Judge.
  struct Request {
    std::string_view octets;  // valid until the next call of Next
    size_t ticket = 0;
  };

  virtual ~Workload() = default;

  // method is the full name, "/package.Service/Method".
  virtual const std::string& method() const = 0;
  // role is what the user at the terminal is, as `kakunin-role` says it.
  virtual const char* role() const { return "GENERAL"; }
  // Next is the next request over a channel; empty when all were sent.
  virtual std::optional<Request> Next(size_t channel) = 0;
  // IsRight tells whether `answer` is the one that the request must get.
  virtual bool IsRight(size_t ticket, std::string_view answer) = 0;
  // size is how many requests there are; 0: no end.
  virtual size_t size() const { return 0; }
};

std::unique_ptr<Workload> MakeNoopLoad();
std::unique_ptr<Workload> MakeBeginLoad();
// INTERNAL when the installation's request file cannot be read.
absl::StatusOr<std::unique_ptr<Workload>> MakeNumberLoad(const LoadPlan& plan);

}  // namespace kakunin::bench
