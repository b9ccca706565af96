#include "server/bench/bench_installation.h"

#include <fmt/format.h>
#include <httplib.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <random>
#include <set>
#include <thread>

#include "absl/strings/strip.h"
#include "auth/key_file.h"
#include "domain/civil_day.h"
#include "domain/error.h"
#include "server/bench/bench_config.h"
#include "server/bench/bench_feed.h"
#include "server/bench/bench_records.h"
#include "server/bench/request_files.h"
#include "server/bench/terminals.h"
#include "server/clock.h"
#include "server/dev/api_channel.h"
#include "server/dev/feed_client.h"
#include "server/dev/nation_push.h"
#include "server/dev/registration.h"
#include "server/dev/service_certificates.h"
#include "server/synth/record_plan.h"
#include "server/text_file.h"
#include "storage/postgres/measured_cluster.h"

namespace kakunin::bench {
namespace {

using dev::ChildProcess;
using std::chrono::steady_clock;

constexpr char kDatabase[] = "kakunin";
constexpr int kFirstPort = 17843;
constexpr auto kReadyWithin = std::chrono::seconds(60);
constexpr auto kStopPatience = std::chrono::seconds(15);

// Present once the whole nation was delivered and the requests about it are written.
std::filesystem::path LoadedMark(const dev::SandboxPaths& paths) { return paths.root() / "loaded"; }
std::filesystem::path MeasuredConfigFile(const dev::SandboxPaths& paths) {
  return paths.root() / "measured.toml";
}

// Serials that no card has: the nation's are counted up from below. More of them begin with the
// same.
void AddInventedSerials(int64_t count, synth::CrlPartition& partition) {
  std::mt19937_64 random(1);
  for (int64_t i = 0; i < count; ++i) {
    synth::CardRecord card;
    card.serial = random() | (uint64_t{1} << 62);
    card.serial &= ~(uint64_t{1} << 63);
    card.revoked_at = absl::FromUnixSeconds(1'700'000'000);
    card.revocation_reason = 4;
    partition.revoked.push_back(std::move(card));
  }
}

}  // namespace

BenchInstallation::BenchInstallation(InstallationOptions options, Say say)
    : options_(std::move(options)),
      paths_(options_.directory),
      say_(std::move(say)),
      cluster_(options_.cluster.empty() ? paths_.root() / "pg" : options_.cluster) {}

BenchInstallation::~BenchInstallation() {
  server_.reset();
  if (database_runs_) {
    const auto stopped =
        ChildProcess::Run({options_.postgres_script.string(), "stop", cluster_.string()});
    if (!stopped.ok()) say_(std::string(stopped.status().message()));
  }
}

absl::Status BenchInstallation::Up() {
  std::error_code failure;
  std::filesystem::create_directories(paths_.server_log().parent_path(), failure);
  if (failure) return absl::InternalError("cannot make " + paths_.root().string());
  ASSIGN_OR_RETURN(lock_, dev::FolderLock::Take(paths_.root(), "bench"));
  if (options_.feed_insurers > 0) RETURN_IF_ERROR(Forget());
  RETURN_IF_ERROR(OpenNation());
  std::filesystem::create_directories(paths_.secret("lookup").parent_path(), failure);
  for (const char* name : {"individual-number", "lookup", "audit", "handle"}) {
    absl::Status made = auth::GenerateSecretKey(paths_.secret(name));
    if (!made.ok() && !absl::IsAlreadyExists(made)) return made;
  }
  ASSIGN_OR_RETURN(cards_, dev::CardAuthorities::Open(paths_, nation_->summary().options));
  RETURN_IF_ERROR(StartDatabase());
  if (!std::filesystem::exists(LoadedMark(paths_))) RETURN_IF_ERROR(Load());
  RETURN_IF_ERROR(IssueCrls());
  say_("warming the database");
  RETURN_IF_ERROR(WarmCluster(Superuser()));
  RETURN_IF_ERROR(WriteMeasuredConfig());
  RETURN_IF_ERROR(StartServer(MeasuredConfigFile(paths_)));
  return options_.records ? TakeConsents() : absl::OkStatus();
}

// A first delivery is one only to an installation that has not had it.
absl::Status BenchInstallation::Forget() {
  if (!std::filesystem::exists(LoadedMark(paths_))) return absl::OkStatus();
  RETURN_IF_ERROR(
      ChildProcess::Run({options_.postgres_script.string(), "stop", cluster_.string()}).status());
  std::error_code failure;
  std::filesystem::remove(LoadedMark(paths_), failure);
  if (!failure) std::filesystem::remove_all(cluster_, failure);
  // Which cards the server had been told of.
  if (!failure) std::filesystem::remove(paths_.root() / "card-links-pushed", failure);
  if (failure) return absl::InternalError("cannot empty " + paths_.root().string());
  return absl::OkStatus();
}

absl::Status BenchInstallation::WriteMeasuredConfig(int calls_per_second) const {
  if (options_.feed_insurers == 0) {
    return ReplaceTextFile(MeasuredConfigFile(paths_),
                           MeasuredConfig(ports_, socket_folder_, options_.lanes,
                                          options_.crl_reload_every, calls_per_second));
  }
  constexpr char kResidents[] = "residents.csv";
  say_("writing the register of residents");
  RETURN_IF_ERROR(
      WriteResidents(paths_.root() / kResidents, options_.feed_insurers, options_.feed_rows));
  return ReplaceTextFile(MeasuredConfigFile(paths_),
                         FeedConfig(ports_, socket_folder_, options_.lanes, kResidents));
}

absl::StatusOr<dev::FeedOutcome> BenchInstallation::Deliver(int insurer,
                                                            const dev::FeedToPush& feed) const {
  const synth::Insurer& party = *FeedInsurers(insurer + 1).back();
  ASSIGN_OR_RETURN(const auto channel,
                   dev::OpenChannel(paths_, dev::InsurerName(party.number), ports_.insurer));
  ASSIGN_OR_RETURN(dev::FeedOutcome outcome, dev::PushFeed(channel, feed));
  const v1::FeedCounts& counts = outcome.counts;
  if (outcome.was_published || counts.refused_rows() > 0 || counts.hidden_rows() > 0) {
    return absl::InternalError(fmt::format("of a feed of the bench {} rows were refused, {} hidden",
                                           counts.refused_rows(), counts.hidden_rows()));
  }
  return outcome;
}

absl::Status BenchInstallation::Restart(int calls_per_second) {
  RETURN_IF_ERROR(WriteMeasuredConfig(calls_per_second));
  return StartServer(MeasuredConfigFile(paths_));
}

absl::Status BenchInstallation::OpenNation() {
  auto opened = synth::NationFiles::Open(paths_.nation());
  if (absl::IsNotFound(opened.status())) {
    say_(fmt::format("generating a nation of {} persons", options_.persons));
    synth::NationOptions wanted;
    wanted.persons = options_.persons;
    wanted.today = CivilDayAt(SystemClock().Now());
    RETURN_IF_ERROR(synth::CheckOptions(wanted));
    RETURN_IF_ERROR(synth::WriteNation(paths_.nation(), wanted, {}).status());
    opened = synth::NationFiles::Open(paths_.nation());
  }
  RETURN_IF_ERROR(opened.status());
  nation_ = *std::move(opened);
  if (const int64_t held = nation_->summary().options.persons; held != options_.persons) {
    return absl::FailedPreconditionError(
        fmt::format("{} holds a nation of {} persons: ask for that one, or name another directory",
                    paths_.root().string(), held));
  }
  return absl::OkStatus();
}

std::string BenchInstallation::Superuser() const {
  return fmt::format("host={} user=postgres dbname={}", socket_folder_, kDatabase);
}

absl::Status BenchInstallation::StartDatabase() {
  say_("starting PostgreSQL in " + cluster_.string());
  const std::string script = options_.postgres_script.string();
  const std::vector<std::string> start = {script,
                                          "start",
                                          cluster_.string(),
                                          "--database",
                                          kDatabase,
                                          "--shared-buffers",
                                          options_.shared_buffers};
  ASSIGN_OR_RETURN(std::string printed, ChildProcess::Run(start));
  database_runs_ = true;
  socket_folder_ = std::string(absl::StripSuffix(printed, "\n"));
  ASSIGN_OR_RETURN(const bool restart, TuneCluster(Superuser()));
  if (restart) {
    RETURN_IF_ERROR(ChildProcess::Run({script, "stop", cluster_.string()}).status());
    RETURN_IF_ERROR(ChildProcess::Run(start).status());
  }
  std::ifstream(cluster_ / "data" / "postmaster.pid") >> postmaster_;
  if (postmaster_ <= 0) return absl::InternalError("PostgreSQL's process is not known");
  ASSIGN_OR_RETURN(ports_, dev::FreePorts(kFirstPort));
  const auto config = paths_.config();
  RETURN_IF_ERROR(ReplaceTextFile(config, LoadingConfig(ports_, socket_folder_)));
  for (const char* act : {"up", "partitions"}) {
    RETURN_IF_ERROR(
        ChildProcess::Run({dev::SelfPath(), "migrate", act, "--config", config.string()}).status());
  }
  return absl::OkStatus();
}

absl::Status BenchInstallation::Load() {
  ASSIGN_OR_RETURN(const auto certificates,
                   dev::ServiceCertificates::Open(paths_, SystemClock().Now()));
  RETURN_IF_ERROR(certificates.Operator(dev::kOperatorName).status());
  RETURN_IF_ERROR(
      ChildProcess::Run({dev::SelfPath(), "migrate", "operator", "--config",
                         paths_.config().string(), "--name", std::string(dev::kOperatorName),
                         "--certificate", paths_.certificate("operator").string(), "--commit"})
          .status());
  RETURN_IF_ERROR(StartServer(paths_.config()));
  say_("registering terminals and insurers");
  ASSIGN_OR_RETURN(const auto operators, dev::OpenChannel(paths_, "operator", ports_.operators));
  ASSIGN_OR_RETURN(auto insurers, dev::InsurersWithRows(*nation_));
  const auto more = FeedInsurers(options_.feed_insurers);
  insurers.insert(insurers.end(), more.begin(), more.end());
  RETURN_IF_ERROR(dev::RegisterParties(operators, certificates, Desks(), insurers).status());
  int64_t said = 0;
  const auto progress = [&](int64_t done, int64_t total) {
    if (const int64_t tenth = done * 10 / total; tenth > said) {
      say_(fmt::format("pushing feeds: {} of {}", done, total));
      said = tenth;
    }
    return absl::OkStatus();
  };
  ASSIGN_OR_RETURN(const dev::PushCounts pushed,
                   dev::PushNation(paths_, ports_, *nation_, *cards_, progress));
  say_(fmt::format("pushed {} rows and {} card links; writing requests", pushed.rows,
                   pushed.card_links));
  const RequestFolder requests(paths_.root());
  const synth::Nation nation = nation_->nation();
  RETURN_IF_ERROR(WriteNumberRequests(requests, nation));
  const std::vector<CardHolder> holders = CardHolders(nation, options_.cards);
  RETURN_IF_ERROR(WriteCardRequests(requests, nation.options().today, holders, *cards_));
  if (options_.records) RETURN_IF_ERROR(PushRecords(holders));
  server_.reset();
  return ReplaceTextFile(LoadedMark(paths_), "");
}

absl::Status BenchInstallation::PushRecords(const std::vector<CardHolder>& holders) {
  if (std::ssize(holders) < options_.cards) {
    return absl::InternalError("the nation holds too few valid cards");
  }
  const auto subjects = std::make_shared<std::vector<RecordSubject>>();
  std::set<size_t> insurers;
  for (const CardHolder& holder : holders) {
    subjects->push_back({std::ssize(*subjects), holder.individual_number, holder.insurer});
    insurers.insert(holder.insurer);
  }
  say_(fmt::format("pushing the records of {} persons", subjects->size()));
  const absl::CivilDay today = nation_->summary().options.today;
  int64_t rows = 0;
  const auto push = [&](const std::string& certificate, const dev::FeedToPush& feed) {
    const auto channel = dev::OpenChannel(paths_, certificate, ports_.insurer);
    if (!channel.ok()) return channel.status();
    const auto outcome = dev::PushFeed(*channel, feed);
    if (!outcome.ok()) return outcome.status();
    rows += outcome->rows_sent;
    return outcome->counts.refused_rows() == 0
               ? absl::OkStatus()
               : absl::InternalError("rows of the bench's records were refused");
  };
  RETURN_IF_ERROR(
      push(dev::ReviewerName(synth::Reviewers().front().number), Receipts(subjects, today)));
  for (const size_t insurer : insurers) {
    RETURN_IF_ERROR(push(dev::InsurerName(synth::Insurers()[insurer].number),
                         HealthChecks(subjects, insurer, today)));
  }
  say_(fmt::format("pushed {} receipts and examinations", rows));
  return absl::OkStatus();
}

absl::Status BenchInstallation::TakeConsents() {
  say_(fmt::format("taking the consents of {} persons", options_.cards));
  ASSIGN_OR_RETURN(const LoadOutcome given, RunClient(PlanFor(LoadKind::kConsents, options_.plan)));
  return given.requests == options_.cards ? absl::OkStatus()
                                          : absl::InternalError("not everybody agreed");
}

LoadPlan BenchInstallation::PlanFor(LoadKind kind, LoadPlan plan) const {
  plan.kind = kind;
  plan.directory = directory();
  plan.port = port();
  plan.server = server();
  plan.postmaster = postmaster();
  return plan;
}

absl::StatusOr<LoadOutcome> BenchInstallation::RunClient(const LoadPlan& plan) {
  std::vector<std::string> client = {dev::SelfPath(), "bench-load"};
  for (std::string& argument : Arguments(plan)) client.push_back(std::move(argument));
  ASSIGN_OR_RETURN(const std::string text, ChildProcess::Run(client));
  return OutcomeFromText(text);
}

absl::Status BenchInstallation::IssueCrls() {
  auto partitions = nation_->nation().CrlPartitions();
  if (options_.crl_serials > 0) {
    say_(fmt::format("issuing CRLs, one of {} serials", options_.crl_serials));
    AddInventedSerials(options_.crl_serials, partitions.back());
  }
  const absl::Time now = SystemClock().Now();
  return cards_->IssueCrls(partitions, now, now);
}

absl::Status BenchInstallation::PrepareReloads(int count) {
  const auto partitions = nation_->nation().CrlPartitions();
  const synth::CrlPartition& last = partitions.back();
  if (serials_without_ == 0) {
    ASSIGN_OR_RETURN(const int64_t held, RevokedSerialsHeld());
    serials_without_ = held - options_.crl_serials;
  }
  long_crl_ = cards_->CrlFile(last);
  const absl::Time now = SystemClock().Now();
  next_crls_.clear();
  for (int i = 1; i <= count; ++i) {
    synth::CrlPartition longer = last;
    AddInventedSerials(options_.crl_serials + i, longer);
    next_crls_.push_back(fmt::format("{}.{}", long_crl_.string(), i));
    RETURN_IF_ERROR(
        ReplaceTextFile(next_crls_.back(), cards_->Crl(longer, now, now + absl::Milliseconds(i))));
  }
  std::ranges::reverse(next_crls_);
  prepared_ = count;
  return absl::OkStatus();
}

absl::StatusOr<bool> BenchInstallation::Reload() {
  if (next_crls_.empty()) return false;
  std::filesystem::rename(next_crls_.back(), long_crl_);
  next_crls_.pop_back();
  return true;
}

absl::Status BenchInstallation::AwaitReloaded() const {
  if (!next_crls_.empty()) return absl::InternalError("not every version was put in place");
  const int64_t expected = serials_without_ + options_.crl_serials + prepared_;
  const auto until = steady_clock::now() + kReadyWithin;
  while (steady_clock::now() < until) {
    ASSIGN_OR_RETURN(const int64_t held, RevokedSerialsHeld());
    if (held == expected) return absl::OkStatus();
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return absl::InternalError("the server did not take the last version; see " +
                             paths_.server_log().string());
}

absl::StatusOr<int64_t> BenchInstallation::RevokedSerialsHeld() const {
  constexpr std::string_view kGauge = "\nkakunin_crl_entries ";
  httplib::Client admin("127.0.0.1", ports_.admin);
  const auto answer = admin.Get("/metrics");
  const size_t at = answer ? answer->body.find(kGauge) : std::string::npos;
  if (at == std::string::npos) return absl::InternalError("the server tells no revoked serials");
  return static_cast<int64_t>(std::strtod(answer->body.c_str() + at + kGauge.size(), nullptr));
}

absl::Status BenchInstallation::StartServer(const std::filesystem::path& config) {
  if (server_) server_->Stop(kStopPatience);
  ASSIGN_OR_RETURN(server_,
                   ChildProcess::Start({dev::SelfPath(), "serve", "--config", config.string()},
                                       paths_.server_log()));
  httplib::Client admin("127.0.0.1", ports_.admin);
  const auto until = steady_clock::now() + kReadyWithin;
  while (steady_clock::now() < until && !server_->HasEnded()) {
    const auto answer = admin.Get("/readyz");
    if (answer && answer->status == 200) return absl::OkStatus();
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return absl::UnavailableError("the server did not become ready; see " +
                                paths_.server_log().string());
}

}  // namespace kakunin::bench
