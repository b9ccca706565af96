#include "server/bench/load_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <utility>

namespace kakunin::bench {
namespace {

absl::Status Unreadable(std::string_view what) {
  return absl::InternalError(fmt::format("the bench's {} cannot be read", what));
}

// Weighted is the mean of a figure of a request over two runs of `first` and `second` requests.
double Weighted(double a, int64_t first, double b, int64_t second) {
  const auto all = static_cast<double>(first + second);
  return all == 0 ? 0 : (a * static_cast<double>(first) + b * static_cast<double>(second)) / all;
}

}  // namespace

double Quantile(std::vector<float>& values, double share) {
  if (values.empty()) return 0;
  const size_t at =
      std::min(values.size() - 1, static_cast<size_t>(share * static_cast<double>(values.size())));
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(at), values.end());
  return values[at];
}

LoadOutcome Together(std::vector<LoadOutcome> runs) {
  LoadOutcome all = std::move(runs.front());
  for (size_t i = 1; i < runs.size(); ++i) {
    LoadOutcome& run = runs[i];
    all.server_us = Weighted(all.server_us, all.requests, run.server_us, run.requests);
    all.postgres_us = Weighted(all.postgres_us, all.requests, run.postgres_us, run.requests);
    all.client_us = Weighted(all.client_us, all.requests, run.client_us, run.requests);
    all.requests += run.requests;
    all.errors += run.errors;
    all.seconds += run.seconds;
    all.memory_mb = std::max(all.memory_mb, run.memory_mb);
    if (all.first_error.empty()) all.first_error = std::move(run.first_error);
    if (all.shares.empty()) all.shares = std::move(run.shares);
    all.took.insert(all.took.end(), run.took.begin(), run.took.end());
  }
  all.p50_ms = Quantile(all.took, 0.50);
  all.p99_ms = Quantile(all.took, 0.99);
  return all;
}

std::vector<std::string> Arguments(const LoadPlan& plan) {
  return {fmt::format("{}", static_cast<int>(plan.kind)),
          plan.directory.string(),
          fmt::format("{}", plan.port),
          fmt::format("{}", plan.server),
          fmt::format("{}", plan.postmaster),
          fmt::format("{}", plan.streams),
          fmt::format("{}", plan.channels),
          fmt::format("{}", plan.seconds),
          fmt::format("{}", plan.cards),
          fmt::format("{}", plan.rate),
          fmt::format("{}", plan.connections)};
}

absl::StatusOr<LoadPlan> PlanFromArguments(const std::vector<std::string>& arguments) {
  if (arguments.size() != Arguments({}).size()) return Unreadable("plan");
  LoadPlan plan;
  int kind = 0;
  plan.directory = arguments[1];
  std::string numbers = arguments[0];
  for (size_t i = 2; i < arguments.size(); ++i) numbers += " " + arguments[i];
  std::istringstream in(numbers);
  in >> kind >> plan.port >> plan.server >> plan.postmaster >> plan.streams >> plan.channels >>
      plan.seconds >> plan.cards >> plan.rate >> plan.connections;
  if (!in || kind < 0 || kind > static_cast<int>(LoadKind::kConnections)) return Unreadable("plan");
  plan.kind = static_cast<LoadKind>(kind);
  return plan;
}

std::string ToText(const LoadOutcome& o) {
  return fmt::format("{} {} {} {} {} {} {} {} {}\n{}\n{}\n{:.3f}\n", o.requests, o.errors,
                     o.seconds, o.server_us, o.postgres_us, o.client_us, o.p50_ms, o.p99_ms,
                     o.memory_mb, o.first_error, o.shares, fmt::join(o.took, " "));
}

absl::StatusOr<LoadOutcome> OutcomeFromText(std::string_view text) {
  LoadOutcome o;
  std::istringstream in{std::string(text)};
  in >> o.requests >> o.errors >> o.seconds >> o.server_us >> o.postgres_us >> o.client_us >>
      o.p50_ms >> o.p99_ms >> o.memory_mb;
  if (!in) return Unreadable("outcome");
  in.ignore();
  std::getline(in, o.first_error);
  std::getline(in, o.shares);
  for (float ms = 0; in >> ms;) o.took.push_back(ms);
  return o;
}

}  // namespace kakunin::bench
