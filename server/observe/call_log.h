#pragma once

#include <spdlog/logger.h>

#include <array>
#include <atomic>
#include <chrono>
#include <memory>

#include "server/observe/metrics.h"
#include "server/rpc/dispatch.h"

namespace kakunin {

// CallLog sees every call end: it counts each and writes a line with method, actor, code and reason
// as the caller is told them, PostgreSQL's SQLSTATE where it failed, and milliseconds. Of the calls
// that end in OK one in `ok_calls_one_in` gets its line; every other call always does. While the
// database fails calls, a line a minute tells the operator what to do about it, and others when it
// is slow or gave an SQLSTATE. No line holds anything of a patient. Costs well below a microsecond.
// Thread-safe.
class CallLog final : public CallObserver {
 public:
  // `metrics` outlives the object.
  CallLog(std::shared_ptr<spdlog::logger> logger, Metrics& metrics, int ok_calls_one_in);

  void Ended(std::string_view method, std::string_view actor_name, const absl::Status& status,
             std::chrono::nanoseconds took) override;

 private:
  // A line that tells what to do about a failure of the database, unless there was one of its kind
  // within the minute.
  void SayWhatToDo(const absl::Status& status);

  const std::shared_ptr<spdlog::logger> logger_;
  Metrics& metrics_;
  const uint64_t ok_calls_one_in_;
  std::atomic<uint64_t> ok_calls_{0};
  // When each kind is due again, of the steady clock: gone, slow, with an SQLSTATE.
  std::array<std::atomic<std::chrono::steady_clock::rep>, 3> advice_due_{};
};

}  // namespace kakunin
