#include "server/bench/bench_run.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "domain/error.h"
#include "server/bench/bare_limits.h"
#include "server/bench/bench_bulk.h"
#include "server/bench/bench_feed.h"
#include "server/bench/process_usage.h"
#include "server/dev/child_process.h"

namespace kakunin::bench {
namespace {

constexpr int64_t kFewPersons = 10'000;
// Of so many the first 20,000 with a valid card have records.
constexpr int64_t kPersonsBesideRecords = 60'000;
constexpr int kPersonsWithRecords = 20'000;
// The desk's calls a second while records are read at full speed.
constexpr int kDeskRate = 1000;

// What is admitted of calls a second while five times as many are offered.
constexpr int kAdmitted = 2000;
constexpr int kOverloadRate = 10'000;

enum class Place { kMany, kFew, kRecords, kFeeds, kNoServer };

// What is pushed in a case of feeds.
enum class Delivery { kNone, kFirst, kAgain, kFirstBesideDesk };

struct Case {
  std::string_view name;
  LoadKind kind;
  Place place = Place::kMany;
  bool cards = false;
  bool reload = false;          // while the longest CRL is replaced again and again
  bool beside_records = false;  // while drug histories are read at full speed
  Delivery delivery = Delivery::kNone;
  bool list = false;  // a list runs: measured itself, or the desk beside it
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
    {"overload", LoadKind::kOverload},
    {"connections", LoadKind::kConnections},
    {"drugs", LoadKind::kDrugs, Place::kRecords},
    {"examination", LoadKind::kExamination, Place::kRecords},
    {"desk_beside_drugs", LoadKind::kNumberPaced, Place::kRecords, false, false, true},
    {"feed_first", LoadKind::kNoop, Place::kFeeds, false, false, false, Delivery::kFirst},
    {"feed_again", LoadKind::kNoop, Place::kFeeds, false, false, false, Delivery::kAgain},
    {"desk_beside_feed", LoadKind::kNumberPaced, Place::kFeeds, false, false, false,
     Delivery::kFirstBesideDesk},
    {"bulk", LoadKind::kNoop, Place::kMany, false, false, false, Delivery::kNone, true},
    {"desk_beside_bulk", LoadKind::kNumberPaced, Place::kMany, false, false, false, Delivery::kNone,
     true},
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
  std::optional<BenchInstallation> feeds;

  std::optional<BenchInstallation>& Of(Place place) {
    switch (place) {
      case Place::kFew:
        return few;
      case Place::kRecords:
        return records;
      case Place::kFeeds:
        return feeds;
      case Place::kMany:
      case Place::kNoServer:
        break;
    }
    return many;
  }
};

InstallationOptions OptionsOf(Place place, const BenchOptions& options) {
  InstallationOptions one = options.installation;
  if (place == Place::kMany || place == Place::kNoServer) return one;
  const std::string name = place == Place::kFew     ? "10k"
                           : place == Place::kFeeds ? "feed"
                                                    : "records";
  one.directory /= name;
  if (!one.cluster.empty()) one.cluster += "-" + name;
  one.persons = kFewPersons;
  one.crl_serials = 0;
  if (place == Place::kFew) return one;
  if (place == Place::kFeeds) {
    // A first delivery needs an insurer that made none: one for each run of two cases.
    one.feed_insurers = 2 * options.runs;
    one.feed_rows = options.feed_rows;
    return one;
  }
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
    if (one.kind == LoadKind::kOverload) return RunOverload(place);
    const LoadPlan plan = place.PlanFor(one.kind, options_.plan);
    if (one.reload) return RunBesideReloads(place, plan);
    if (one.beside_records) return RunBesideRecords(place, plan);
    if (one.delivery == Delivery::kFirstBesideDesk) {
      return RunBeside(plan, [&] { return RunFeed(place, Delivery::kFirst); });
    }
    if (one.delivery != Delivery::kNone) return RunFeed(place, one.delivery);
    const auto list = [&] { return RunBulk(place); };
    if (one.list) return one.kind == LoadKind::kNoop ? list() : RunBeside(plan, list);
    return BenchInstallation::RunClient(plan);
  }

 private:
  // RunOverload offers a server that admits kAdmitted far more than that.
  absl::StatusOr<LoadOutcome> RunOverload(BenchInstallation& place) {
    RETURN_IF_ERROR(place.Restart(kAdmitted));
    LoadPlan plan = place.PlanFor(LoadKind::kOverload, options_.plan);
    plan.rate = kOverloadRate;
    absl::StatusOr<LoadOutcome> outcome = BenchInstallation::RunClient(plan);
    RETURN_IF_ERROR(place.Restart());
    return outcome;
  }

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

  // RunFeed pushes one feed and measures from BeginFeed until it is visible; requests are rows. The
  // insurer of a first delivery is the next one; again is the last one's.
  absl::StatusOr<LoadOutcome> RunFeed(const BenchInstallation& place, Delivery delivery) {
    const bool first = delivery == Delivery::kFirst || insurer_ < 0;
    if (first) ++insurer_, delivery_ = 1;
    const dev::FeedToPush feed =
        delivery == Delivery::kFirst
            ? FirstFeed(insurer_, options_.feed_rows, place.today())
            : FeedAgain(insurer_, ++delivery_, options_.feed_rows, place.today());
    ASSIGN_OR_RETURN(const auto steps_before, FeedStepSeconds(place.admin_port()));
    const auto server = CpuOfProcess(place.server());
    const auto cluster = CpuOfCluster(place.postmaster());
    const auto client = CpuOfProcess(getpid());
    const auto begin = std::chrono::steady_clock::now();
    RETURN_IF_ERROR(place.Deliver(insurer_, feed).status());
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
    ASSIGN_OR_RETURN(const auto steps_after, FeedStepSeconds(place.admin_port()));
    return LoadOutcome{
        .requests = options_.feed_rows,
        .seconds = taken.count(),
        .server_us = ARow(CpuOfProcess(place.server()) - server, options_.feed_rows),
        .postgres_us = ARow(CpuOfCluster(place.postmaster()) - cluster, options_.feed_rows),
        .client_us = ARow(CpuOfProcess(getpid()) - client, options_.feed_rows),
        .memory_mb = static_cast<double>(ResidentOctets(place.server())) / 1e6,
        .shares = StepShares(steps_before, steps_after)};
  }

  // RunBulk runs one list; requests are rows, seconds go from its first message until the last
  // result is ready, CPU until all have been fetched.
  absl::StatusOr<LoadOutcome> RunBulk(const BenchInstallation& place) {
    const auto server = CpuOfProcess(place.server());
    const auto cluster = CpuOfCluster(place.postmaster());
    const auto client = CpuOfProcess(getpid());
    ASSIGN_OR_RETURN(const ListTimes times,
                     RunList(place.directory(), place.port(), options_.bulk_rows, place.today()));
    return LoadOutcome{
        .requests = options_.bulk_rows,
        .seconds = times.done,
        .server_us = ARow(CpuOfProcess(place.server()) - server, options_.bulk_rows),
        .postgres_us = ARow(CpuOfCluster(place.postmaster()) - cluster, options_.bulk_rows),
        .client_us = ARow(CpuOfProcess(getpid()) - client, options_.bulk_rows),
        .memory_mb = static_cast<double>(ResidentOctets(place.server())) / 1e6,
        .shares = fmt::format("sent after {:.1f} s, read after {:.1f}, deleted after {:.1f}",
                              times.sent, times.read, times.deleted)};
  }

  // RunBeside measures the desk while `work` goes on, as often as the client runs meanwhile; its
  // latencies are of all those calls. `shares` tells each run's, and what the work says of itself.
  template <class Work>
  absl::StatusOr<LoadOutcome> RunBeside(LoadPlan plan, Work work) {
    plan.rate = kDeskRate;
    auto running = std::async(std::launch::async, work);
    absl::Status failed;
    std::vector<LoadOutcome> runs;
    std::string each = "p99 of each run:";
    do {
      absl::StatusOr<LoadOutcome> outcome = BenchInstallation::RunClient(plan);
      if (!outcome.ok()) {
        failed = outcome.status();
        break;
      }
      each += fmt::format(" {:.1f}", outcome->p99_ms);
      runs.push_back(*std::move(outcome));
    } while (running.wait_for(std::chrono::seconds(0)) != std::future_status::ready);
    const absl::StatusOr<LoadOutcome> beside = running.get();
    RETURN_IF_ERROR(beside.status());
    RETURN_IF_ERROR(failed);
    LoadOutcome all = Together(std::move(runs));
    all.shares = fmt::format("{}; {}", each, beside->shares);
    return all;
  }

  // ARow is CPU of a row of `rows`, in microseconds.
  static double ARow(std::chrono::nanoseconds cpu, int64_t rows) {
    return 1e-3 * static_cast<double>(cpu.count()) / static_cast<double>(rows);
  }

  const BenchOptions& options_;
  Places& places_;
  int insurer_ = -1;      // whose feed came last
  int64_t delivery_ = 0;  // its number
};

bool IsOfConfirmations(const Case& one) {
  return one.place != Place::kRecords && one.place != Place::kFeeds && !one.list;
}

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
  return NamesOf([](const Case& one) { return !one.cards && IsOfConfirmations(one); });
}
std::vector<std::string> CardCaseNames() {
  return NamesOf([](const Case& one) { return IsOfConfirmations(one); });
}
std::vector<std::string> RecordCaseNames() {
  return NamesOf([](const Case& one) { return one.place == Place::kRecords; });
}
std::vector<std::string> BulkCaseNames() {
  return NamesOf([](const Case& one) { return one.list; });
}

std::vector<std::string> FeedCaseNames() {
  return NamesOf([](const Case& one) { return one.place == Place::kFeeds; });
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
