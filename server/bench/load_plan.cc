#include "server/bench/load_plan.h"

#include <fmt/format.h>

#include <sstream>

namespace kakunin::bench {
namespace {

absl::Status Unreadable(std::string_view what) {
  return absl::InternalError(fmt::format("the bench's {} cannot be read", what));
}

}  // namespace

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
  return fmt::format("{} {} {} {} {} {} {} {} {} {}\n{}\n{}\n", o.requests, o.errors, o.seconds,
                     o.server_us, o.postgres_us, o.client_us, o.p50_ms, o.p99_ms, o.slow,
                     o.memory_mb, o.first_error, o.shares);
}

absl::StatusOr<LoadOutcome> OutcomeFromText(std::string_view text) {
  LoadOutcome o;
  std::istringstream in{std::string(text)};
  in >> o.requests >> o.errors >> o.seconds >> o.server_us >> o.postgres_us >> o.client_us >>
      o.p50_ms >> o.p99_ms >> o.slow >> o.memory_mb;
  if (!in) return Unreadable("outcome");
  in.ignore();
  std::getline(in, o.first_error);
  std::getline(in, o.shares);
  return o;
}

}  // namespace kakunin::bench
