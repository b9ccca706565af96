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
// Of so many the first 20,000 with a valid card have records.
constexpr int64_t kPersonsBesideRecords = 60'000;
constexpr int kPersonsWithRecords = 20'000;
// The desk's calls a second while records are read at full speed.
constexpr int kDeskRate = 1000;

enum class Place { kMany, kFew, kRecords, kNoServer };

struct Case {
  std::string_view name;
  LoadKind kind;
  Place place = Place::kMany;
  bool cards = false;
  bool reload = false;          // while the longest CRL is replaced again and again
  bool beside_records = false;  // while drug histories are read at full speed
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
    {"drugs", LoadKind::kDrugs, Place::kRecords},
    {"examination", LoadKind::kExamination, Place::kRecords},
    {"desk_beside_drugs", LoadKind::kNumberPaced, Place::kRecords, false, false, true},
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

// Places are the installations that some case needs.
struct Places {
  std::optional<BenchInstallation> many;
  std::optional<BenchInstallation> few;
  std::optional<BenchInstallation> records;

  std::optional<BenchInstallation>& Of(Place place) {
    return place == Place::kFew ? few : place == Place::kRecords ? records : many;
  }
};

InstallationOptions OptionsOf(Place place, const BenchOptions& options) {
  InstallationOptions one = options.installation;
  if (place != Place::kFew && place != Place::kRecords) return one;
  const std::string name = place == Place::kFew ? "10k" : "records";
  one.directory /= name;
  if (!one.cluster.empty()) one.cluster += "-" + name;
  one.persons = kFewPersons;
  one.crl_serials = 0;
  if (place == Place::kFew) return one;
  one.persons = kPersonsBesideRecords;
  one.cards = kPersonsWithRecords;
  one.records = true;
  one.plan = options.plan;
  return one;
}

// Round runs one case once.
class Round {
 public:
  Round(const BenchOptions& options, Places& places) : options_(options), places_(places) {}

  absl::StatusOr<LoadOutcome> Run(const Case& one) {
    if (one.name == "fdatasync") return MeasureFdatasync(options_.installation.directory);
    BenchInstallation& place = *places_.Of(one.place);
    if (one.place == Place::kNoServer) return MeasureStore(place, options_.plan.seconds);
    // What earlier runs left in the server's memory is not the connections'.
    if (one.kind == LoadKind::kConnections) RETURN_IF_ERROR(place.Restart());
    const LoadPlan plan = place.PlanFor(one.kind, options_.plan);
    if (one.reload) return RunBesideReloads(place, plan);
    if (one.beside_records) return RunBesideRecords(place, plan);
    return BenchInstallation::RunClient(plan);
  }

 private:
  // RunBesideReloads replaces the longest CRL every two seconds while the client runs; the server
  // looks once a second. The versions are made before, so that only the server works meanwhile.
  absl::StatusOr<LoadOutcome> RunBesideReloads(BenchInstallation& place, const LoadPlan& plan) {
    constexpr auto kEvery = std::chrono::seconds(2);
    const int reloads = std::max(1, static_cast<int>(options_.plan.seconds / 2));
    RETURN_IF_ERROR(place.PrepareReloads(reloads));
    auto running =
        std::async(std::launch::async, [&] { return BenchInstallation::RunClient(plan); });
    absl::Status replaced;
    do {
      const auto put = place.Reload();
      if (!put.ok()) replaced = put.status();
    } while (running.wait_for(kEvery) != std::future_status::ready);
    absl::StatusOr<LoadOutcome> outcome = running.get();
    RETURN_IF_ERROR(outcome.status());
    RETURN_IF_ERROR(replaced);
    RETURN_IF_ERROR(place.AwaitReloaded());
    return outcome;
  }

  // RunBesideRecords measures the desk while another client keeps the record lane busy, from before
  // until after. Errors of either count.
  absl::StatusOr<LoadOutcome> RunBesideRecords(BenchInstallation& place, LoadPlan plan) {
    LoadPlan records = place.PlanFor(LoadKind::kDrugs, options_.plan);
    records.seconds = 2 * plan.seconds;
    plan.rate = kDeskRate;
    auto running =
        std::async(std::launch::async, [&] { return BenchInstallation::RunClient(records); });
    absl::StatusOr<LoadOutcome> outcome = BenchInstallation::RunClient(plan);
    const absl::StatusOr<LoadOutcome> beside = running.get();
    RETURN_IF_ERROR(outcome.status());
    RETURN_IF_ERROR(beside.status());
    outcome->errors += beside->errors;
    if (outcome->first_error.empty()) outcome->first_error = beside->first_error;
    return outcome;
  }

  const BenchOptions& options_;
  Places& places_;
};

std::vector<std::string> NamesOf(bool (*wanted)(const Case&)) {
  std::vector<std::string> names;
  for (const Case& one : kCases) {
    if (wanted(one)) names.emplace_back(one.name);
  }
  return names;
}

}  // namespace

std::vector<std::string> CaseNames() {
  return NamesOf([](const Case&) { return true; });
}
std::vector<std::string> DefaultCaseNames() {
  return NamesOf([](const Case& one) { return !one.cards && one.place != Place::kRecords; });
}
std::vector<std::string> CardCaseNames() {
  return NamesOf([](const Case& one) { return one.place != Place::kRecords; });
}
std::vector<std::string> RecordCaseNames() {
  return NamesOf([](const Case& one) { return one.place == Place::kRecords; });
}

absl::StatusOr<std::vector<CaseResult>> RunBench(
    const BenchOptions& options, const std::function<void(const std::string&)>& say) {
  RaiseDescriptorLimit();
  std::vector<CaseResult> results;
  Places places;
  for (const std::string& name : options.cases) {
    const Case& one = CaseNamed(name);
    InstallationOptions wanted = OptionsOf(one.place, options);
    results.push_back({.name = name,
                       .persons = wanted.records ? wanted.cards : wanted.persons,
                       .streams = one.place == Place::kNoServer ? 1 : options.plan.streams});
    std::optional<BenchInstallation>& place = places.Of(one.place);
    if (place) continue;
    place.emplace(std::move(wanted), say);
    RETURN_IF_ERROR(place->Up());
  }
  Round round(options, places);
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
