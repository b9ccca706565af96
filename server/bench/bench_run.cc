#include "server/bench/bench_run.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <optional>

#include "domain/error.h"
#include "server/bench/bare_limits.h"
#include "server/dev/child_process.h"

namespace kakunin::bench {
namespace {

constexpr int64_t kFewPersons = 10'000;

enum class Place { kMany, kFew, kNoServer };

struct Case {
  std::string_view name;
  LoadKind kind;
  Place place = Place::kMany;
  bool cards = false;
  bool reload = false;  // while the longest CRL is replaced again and again
};

constexpr Case kCases[] = {
    {"noop", LoadKind::kNoop},
    {"number", LoadKind::kNumber},
    {"number_consent", LoadKind::kNumberConsent},
    {"number_10k", LoadKind::kNumber, Place::kFew},
    {"begin", LoadKind::kBegin},
    {"card", LoadKind::kCard, Place::kMany, true},
    {"number_open_loop", LoadKind::kNumberPaced},
    {"number_reload", LoadKind::kNumberPaced, Place::kMany, true, true},
    {"connections", LoadKind::kConnections},
    {"store_alone", LoadKind::kNumber, Place::kNoServer},
    {"fdatasync", LoadKind::kNoop, Place::kNoServer},
};

const Case& CaseNamed(const std::string& name) {
  return *std::find_if(std::begin(kCases), std::end(kCases),
                       [&](const Case& one) { return one.name == name; });
}

// A server and a client with a thousand connections need more descriptors than a shell gives.
void RaiseDescriptorLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// Round runs one case once.
class Round {
 public:
  Round(const BenchOptions& options, std::optional<BenchInstallation>& many,
        std::optional<BenchInstallation>& few)
      : options_(options), many_(many), few_(few) {}

  absl::StatusOr<LoadOutcome> Run(const Case& one) {
    if (one.name == "fdatasync") return MeasureFdatasync(options_.installation.directory);
    if (one.place == Place::kNoServer) return MeasureStore(*many_, options_.plan.seconds);
    BenchInstallation& place = one.place == Place::kFew ? *few_ : *many_;
    // What earlier runs left in the server's memory is not the connections'.
    if (one.kind == LoadKind::kConnections) RETURN_IF_ERROR(place.Restart());
    LoadPlan plan = options_.plan;
    plan.kind = one.kind;
    plan.directory = place.directory();
    plan.port = place.port();
    plan.server = place.server();
    plan.postmaster = place.postmaster();
    std::vector<std::string> client = {dev::SelfPath(), "bench-load"};
    for (std::string& argument : Arguments(plan)) client.push_back(std::move(argument));
    if (one.reload) return RunBesideReloads(place, client);
    ASSIGN_OR_RETURN(const std::string text, dev::ChildProcess::Run(client));
    return OutcomeFromText(text);
  }

 private:
  // RunBesideReloads replaces the longest CRL every two seconds while the client runs; the server
  // looks once a second. The versions are made before, so that only the server works meanwhile.
  absl::StatusOr<LoadOutcome> RunBesideReloads(BenchInstallation& place,
                                               const std::vector<std::string>& client) {
    constexpr auto kEvery = std::chrono::seconds(2);
    const int reloads = std::max(1, static_cast<int>(options_.plan.seconds / 2));
    RETURN_IF_ERROR(place.PrepareReloads(reloads));
    auto running = std::async(std::launch::async, [&] { return dev::ChildProcess::Run(client); });
    absl::Status replaced;
    do {
      const auto put = place.Reload();
      if (!put.ok()) replaced = put.status();
    } while (running.wait_for(kEvery) != std::future_status::ready);
    ASSIGN_OR_RETURN(const std::string text, running.get());
    RETURN_IF_ERROR(replaced);
    RETURN_IF_ERROR(place.AwaitReloaded());
    return OutcomeFromText(text);
  }

  const BenchOptions& options_;
  std::optional<BenchInstallation>& many_;
  std::optional<BenchInstallation>& few_;
};

}  // namespace

std::vector<std::string> CaseNames() {
  std::vector<std::string> names;
  for (const Case& one : kCases) names.emplace_back(one.name);
  return names;
}

std::vector<std::string> DefaultCaseNames() {
  std::vector<std::string> names;
  for (const Case& one : kCases) {
    if (!one.cards) names.emplace_back(one.name);
  }
  return names;
}

absl::StatusOr<std::vector<CaseResult>> RunBench(
    const BenchOptions& options, const std::function<void(const std::string&)>& say) {
  RaiseDescriptorLimit();
  std::vector<CaseResult> results;
  std::optional<BenchInstallation> many;
  std::optional<BenchInstallation> few;
  for (const std::string& name : options.cases) {
    const Case& one = CaseNamed(name);
    const bool alone = one.place == Place::kNoServer;
    const int64_t persons = one.place == Place::kFew ? kFewPersons : options.installation.persons;
    results.push_back({.name = name, .persons = persons, .streams = options.plan.streams});
    if (alone) results.back().streams = 1;
    if (one.place == Place::kFew) {
      if (few) continue;
      InstallationOptions small = options.installation;
      small.directory /= "10k";
      if (!small.cluster.empty()) small.cluster += "-10k";
      small.persons = kFewPersons;
      small.crl_serials = 0;
      few.emplace(std::move(small), say);
      RETURN_IF_ERROR(few->Up());
    } else if (!many) {
      many.emplace(options.installation, say);
      RETURN_IF_ERROR(many->Up());
    }
  }
  Round round(options, many, few);
  for (int run = 1; run <= options.runs; ++run) {
    for (CaseResult& result : results) {
      ASSIGN_OR_RETURN(const LoadOutcome outcome, round.Run(CaseNamed(result.name)));
      result.runs.push_back(outcome);
      say(TableLine({result.name, result.persons, result.streams, {outcome}}));
    }
  }
  return results;
}

}  // namespace kakunin::bench
