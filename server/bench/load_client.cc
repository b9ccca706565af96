#include "server/bench/load_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "domain/error.h"
#include "server/bench/call_loop.h"
#include "server/bench/card_workload.h"
#include "server/bench/process_usage.h"
#include "server/bench/record_workload.h"
#include "server/bench/terminals.h"
#include "server/bench/workload.h"

namespace kakunin::bench {
namespace {

using std::chrono::duration;
using std::chrono::nanoseconds;
using std::chrono::steady_clock;
using Instant = CallLoop::Instant;

constexpr double kWarmUpShare = 1.0 / 6;
// At the end of a run of fixed size fewer and fewer calls are under way: that is not measured.
constexpr double kTailShare = 0.03;
// Calls of the paced load that may be under way; more would hide that the server cannot keep up.
constexpr int kPacedStreams = 1024;
constexpr int kHandshakesAtOnce = 32;
constexpr int kOverloadTimes = 5;
constexpr int kSecondsAfter = 6;
// What an answer takes at most when all is well.
constexpr auto kNormal = std::chrono::milliseconds(50);
constexpr auto kPatience = std::chrono::seconds(15);

// Meter measures everything between Begin and End.
class Meter {
 public:
  explicit Meter(const LoadPlan& plan) : plan_(plan) {}

  void Begin() {
    server_ = CpuOfProcess(plan_.server);
    postgres_ = CpuOfCluster(plan_.postmaster);
    client_ = CpuOfProcess(getpid());
    began_ = steady_clock::now();
    running_ = true;
  }

  void Count(const CallLoop::Ending& ending) {
    if (!ending.right) {
      ++errors_;  // at any time: a run with errors is no run
    } else if (running_) {
      took_.push_back(static_cast<float>(duration<double, std::milli>(ending.took).count()));
    }
  }

  void End() {
    if (!running_) return;
    running_ = false;
    outcome_.seconds = duration<double>(steady_clock::now() - began_).count();
    outcome_.server_us = PerRequest(CpuOfProcess(plan_.server) - server_);
    outcome_.postgres_us = PerRequest(CpuOfCluster(plan_.postmaster) - postgres_);
    outcome_.client_us = PerRequest(CpuOfProcess(getpid()) - client_);
  }

  bool running() const { return running_; }
  Instant began() const { return began_; }

  LoadOutcome Result(const CallLoop& loop) {
    End();
    outcome_.requests = static_cast<int64_t>(took_.size());
    outcome_.errors = errors_;
    outcome_.first_error = loop.first_error();
    outcome_.p50_ms = Quantile(took_, 0.50);
    outcome_.p99_ms = Quantile(took_, 0.99);
    outcome_.memory_mb = static_cast<double>(ResidentOctets(plan_.server)) / (1 << 20);
    if (plan_.kind == LoadKind::kNumberPaced) outcome_.took = took_;
    return outcome_;
  }

 private:
  double PerRequest(nanoseconds cpu) const {
    return took_.empty()
               ? 0
               : duration<double, std::micro>(cpu).count() / static_cast<double>(took_.size());
  }

  const LoadPlan& plan_;
  bool running_ = false;
  Instant began_;
  nanoseconds server_{0};
  nanoseconds postgres_{0};
  nanoseconds client_{0};
  std::vector<float> took_;  // ms
  int64_t errors_ = 0;
  LoadOutcome outcome_;
};

// Finish waits for what is still under way.
void Finish(CallLoop& loop, Meter& meter) {
  while (loop.under_way() > 0) {
    const auto ending = loop.Wait(steady_clock::now() + kPatience);
    if (!ending) break;
    meter.Count(*ending);
  }
}

// RunClosed keeps all streams busy: for a time, or until a workload of fixed size has run out.
LoadOutcome RunClosed(const LoadPlan& plan, CallLoop& loop, size_t size) {
  Meter meter(plan);
  const auto began = steady_clock::now();
  const auto warm = duration<double>(plan.seconds * kWarmUpShare);
  const auto measured = duration<double>(plan.seconds);
  const auto warm_calls = static_cast<size_t>(static_cast<double>(size) * kWarmUpShare);
  const auto last_call = static_cast<size_t>(static_cast<double>(size) * (1 - kTailShare));
  size_t ended = 0;
  while (loop.Start(steady_clock::now())) {
  }
  while (loop.under_way() > 0) {
    const auto ending = loop.Wait(steady_clock::now() + kPatience);
    if (!ending) break;
    meter.Count(*ending);
    ++ended;
    const auto now = steady_clock::now();
    if (meter.running()) {
      if (size > 0 ? ended >= last_call : now - meter.began() >= measured) break;
    } else if (size > 0 ? ended >= warm_calls : now - began >= warm) {
      meter.Begin();
    }
    loop.Start(steady_clock::now());
  }
  meter.End();
  Finish(loop, meter);
  return meter.Result(loop);
}

// RunPaced starts a call at every scheduled instant, and counts its time from that instant however
// late it was started: a server that falls behind cannot hide it.
LoadOutcome RunPaced(const LoadPlan& plan, CallLoop& loop) {
  Meter meter(plan);
  const auto step = nanoseconds(1'000'000'000 / plan.rate);
  const auto warm = steady_clock::now() + std::chrono::duration_cast<nanoseconds>(
                                              duration<double>(plan.seconds * kWarmUpShare));
  const auto end = warm + std::chrono::duration_cast<nanoseconds>(duration<double>(plan.seconds));
  Instant due = steady_clock::now();
  while (due < end) {
    while (due <= steady_clock::now() && loop.Start(due)) due += step;
    if (!meter.running() && due >= warm) meter.Begin();
    if (const auto ending = loop.Wait(due)) meter.Count(*ending);
  }
  meter.End();
  Finish(loop, meter);
  return meter.Result(loop);
}

// RunOverload offers far more than is admitted, and then less: `shares` tells how the refusals and
// the return to normal went. Only answers count as requests, of the span of the overload.
LoadOutcome RunOverload(const LoadPlan& plan, CallLoop& loop) {
  Meter meter(plan);
  std::vector<double> refused;  // ms
  const auto span = std::chrono::duration_cast<nanoseconds>(duration<double>(plan.seconds));
  const auto warm = steady_clock::now() + span / 6;
  const auto over = warm + span;
  const auto end = over + std::chrono::seconds(kSecondsAfter);
  const auto step = nanoseconds(1'000'000'000 / plan.rate);
  Instant due = steady_clock::now();
  Instant last_trouble = over;
  while (due < end) {
    while (due <= steady_clock::now() && loop.Start(due)) {
      due += due < over ? step : step * kOverloadTimes * 2;
    }
    if (!meter.running() && due >= warm && due < over) meter.Begin();
    const auto ending = loop.Wait(due);
    const Instant now = steady_clock::now();
    if (meter.running() && now >= over) meter.End();
    if (!ending) continue;
    if (now >= over && (ending->refused || ending->took > kNormal)) last_trouble = now;
    if (!ending->refused) {
      meter.Count(*ending);
    } else if (meter.running()) {
      refused.push_back(duration<double, std::milli>(ending->took).count());
    }
  }
  Finish(loop, meter);
  LoadOutcome outcome = meter.Result(loop);
  std::sort(refused.begin(), refused.end());
  if (outcome.errors == 0) outcome.first_error.clear();  // a refusal is none
  outcome.shares =
      fmt::format("{} refused, p99 {:.1f} ms; normal again after {:.2f} s", refused.size(),
                  refused.empty() ? 0.0 : refused[refused.size() * 99 / 100],
                  duration<double>(last_trouble - over).count());
  return outcome;
}

// RunConnections gives every channel one call, so that all are connected, and looks at the server's
// memory while they are.
LoadOutcome RunConnections(const LoadPlan& plan, CallLoop& loop) {
  Meter meter(plan);
  meter.Begin();
  int started = 0;
  for (int ended = 0; ended < plan.connections; ++ended) {
    while (started < plan.connections && loop.under_way() < kHandshakesAtOnce &&
           loop.Start(steady_clock::now())) {
      ++started;
    }
    const auto ending = loop.Wait(steady_clock::now() + kPatience);
    if (!ending) break;
    meter.Count(*ending);
  }
  return meter.Result(loop);
}

}  // namespace

absl::StatusOr<LoadOutcome> RunLoad(const LoadPlan& plan) {
  const bool many = plan.kind == LoadKind::kConnections;
  ASSIGN_OR_RETURN(const auto channels, ConnectDesks(plan.directory, plan.port,
                                                     many ? plan.connections : plan.channels));
  if (plan.kind == LoadKind::kConsents) return GiveConsents(plan, channels);
  std::unique_ptr<Workload> load;
  switch (plan.kind) {
    case LoadKind::kNoop:
      load = MakeNoopLoad();
      break;
    case LoadKind::kBegin:
      load = MakeBeginLoad();
      break;
    case LoadKind::kCard: {
      ASSIGN_OR_RETURN(load, MakeCardLoad(plan, channels));
      break;
    }
    case LoadKind::kDrugs:
    case LoadKind::kExamination: {
      ASSIGN_OR_RETURN(load, MakeRecordLoad(plan));
      break;
    }
    default: {
      ASSIGN_OR_RETURN(load, MakeNumberLoad(plan));
      break;
    }
  }
  const bool paced = plan.kind == LoadKind::kNumberPaced || plan.kind == LoadKind::kOverload;
  CallLoop loop(channels, *load, many ? plan.connections : paced ? kPacedStreams : plan.streams);
  if (many) return RunConnections(plan, loop);
  if (plan.kind == LoadKind::kOverload) return RunOverload(plan, loop);
  return paced ? RunPaced(plan, loop) : RunClosed(plan, loop, load->size());
}

}  // namespace kakunin::bench
