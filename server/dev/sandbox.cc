#include "server/dev/sandbox.h"

#include <fmt/format.h>
#include <httplib.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "absl/strings/strip.h"
#include "auth/key_file.h"
#include "domain/civil_day.h"
#include "domain/error.h"
#include "server/dev/api_channel.h"
#include "server/dev/registration.h"
#include "server/synth/resident_registers.h"
#include "server/text_file.h"

namespace kakunin::dev {
namespace {

using std::chrono::steady_clock;

constexpr char kDatabase[] = "kakunin";
constexpr absl::Duration kCrlEvery = absl::Hours(1);
constexpr auto kReadyWithin = std::chrono::seconds(60);

}  // namespace

Sandbox::Sandbox(SandboxOptions options, Watcher watcher)
    : options_(std::move(options)),
      paths_(options_.directory),
      watcher_(std::move(watcher)),
      clock_(paths_.clock_offset().string()),
      binary_(options_.binary.empty() ? SelfPath() : options_.binary.string()),
      cluster_(options_.cluster.empty() ? paths_.root() / "pg" : options_.cluster) {}

Sandbox::~Sandbox() { Down(); }

absl::CivilDay Sandbox::Today() const { return CivilDayAt(clock_.Now()); }

absl::Status Sandbox::Step(const std::string& what) const {
  if (watcher_.interrupted()) return absl::CancelledError("interrupted");
  watcher_.say(what);
  return absl::OkStatus();
}

absl::Status Sandbox::Up() {
  std::error_code failure;
  std::filesystem::create_directories(paths_.server_log().parent_path(), failure);
  if (failure) return absl::InternalError("cannot make " + paths_.root().string());
  ASSIGN_OR_RETURN(lock_, FolderLock::Take(paths_.root(), "sandbox"));
  RETURN_IF_ERROR(OpenNation());
  RETURN_IF_ERROR(Step("certificates and keys"));
  RETURN_IF_ERROR(MakeSecrets());
  ASSIGN_OR_RETURN(certificates_, ServiceCertificates::Open(paths_, machine_clock_.Now()));
  ASSIGN_OR_RETURN(cards_, CardAuthorities::Open(paths_, nation_->summary().options));
  RETURN_IF_ERROR(cards_->WriteTestCards(nation_day()));
  RETURN_IF_ERROR(WriteResidents());
  partitions_ = nation_->nation().CrlPartitions();
  RETURN_IF_ERROR(IssueCrls());
  RETURN_IF_ERROR(StartDatabase());
  RETURN_IF_ERROR(StartServer());
  absl::Status status = RegisterAndPush();
  // A call that fails because the server is gone says less than this does.
  if (server_->HasEnded()) return Tend();
  return status;
}

absl::Status Sandbox::OpenNation() {
  auto opened = synth::NationFiles::Open(paths_.nation());
  if (absl::IsNotFound(opened.status())) {
    RETURN_IF_ERROR(
        Step(fmt::format("generating a nation of {} persons, {} of them with records",
                         options_.persons, std::min(options_.records_for, options_.persons))));
    synth::NationOptions wanted;
    wanted.persons = options_.persons;
    wanted.records_for = std::min(options_.records_for, options_.persons);
    wanted.seed = options_.seed;
    wanted.today = Today();
    RETURN_IF_ERROR(synth::CheckOptions(wanted));
    const auto written = synth::WriteNation(
        paths_.nation(), wanted,
        [this](int64_t done, int64_t total) { watcher_.progress("persons", done, total); });
    RETURN_IF_ERROR(written.status());
    opened = synth::NationFiles::Open(paths_.nation());
  }
  RETURN_IF_ERROR(opened.status());
  nation_ = *std::move(opened);
  const synth::NationOptions& held = nation_->summary().options;
  if (held.persons != options_.persons || held.seed != options_.seed) {
    return absl::FailedPreconditionError(
        fmt::format("{} holds a nation of {} persons with seed {}: ask for that one, or name "
                    "another directory",
                    paths_.root().string(), held.persons, held.seed));
  }
  return absl::OkStatus();
}

// Nations of an older form know no residents.
absl::Status Sandbox::WriteResidents() const {
  const synth::Nation nation = nation_->nation();
  if (!std::filesystem::exists(paths_.resident_identities())) {
    RETURN_IF_ERROR(synth::WriteResidentIdentities(paths_.resident_identities(), nation));
  }
  if (std::filesystem::exists(paths_.resident_cards())) return absl::OkStatus();
  return synth::WriteResidentCards(paths_.resident_cards(), nation, cards_->IssuerKeyIds());
}

absl::Status Sandbox::MakeSecrets() {
  std::error_code failure;
  std::filesystem::create_directories(paths_.secret("lookup").parent_path(), failure);
  for (const char* name : {"individual-number", "lookup", "audit", "handle", "abnormal-times"}) {
    absl::Status made = auth::GenerateSecretKey(paths_.secret(name));
    if (!made.ok() && !absl::IsAlreadyExists(made)) return made;
  }
  return absl::OkStatus();
}

absl::Status Sandbox::StartDatabase() {
  RETURN_IF_ERROR(Step("PostgreSQL in " + cluster_.string()));
  ASSIGN_OR_RETURN(const std::string printed,
                   ChildProcess::Run({options_.postgres_script.string(), "start", cluster_.string(),
                                      "--database", kDatabase}));
  database_runs_ = true;
  const std::string socket_folder(absl::StripSuffix(printed, "\n"));
  ASSIGN_OR_RETURN(ports_, FreePorts(options_.first_port));
  RETURN_IF_ERROR(ReplaceTextFile(paths_.config(), SandboxConfig(paths_, ports_, socket_folder)));
  RETURN_IF_ERROR(Step("migrations"));
  return ChildProcess::Run({binary_, "migrate", "up", "--config", paths_.config().string()})
      .status();
}

absl::Status Sandbox::IssueCrls() {
  const absl::Time now = clock_.Now();
  RETURN_IF_ERROR(cards_->IssueCrls(partitions_, now, machine_clock_.Now()));
  crls_issued_ = now;
  return absl::OkStatus();
}

absl::Status Sandbox::StartServer() {
  const std::string config = paths_.config().string();
  for (const SandboxOperator& one : kOperators) {
    RETURN_IF_ERROR(certificates_->Operator(one.name, one.file).status());
    const std::vector<std::string> let_in = {binary_,
                                             "migrate",
                                             "operator",
                                             "--config",
                                             config,
                                             "--name",
                                             std::string(one.name),
                                             "--certificate",
                                             paths_.certificate(one.file).string(),
                                             "--body",
                                             std::string(one.body),
                                             "--commit"};
    RETURN_IF_ERROR(ChildProcess::Run(let_in).status());
  }
  RETURN_IF_ERROR(
      Step(fmt::format("server on ports {} (terminals), {} (insurers), {} (operators), {} (admin)",
                       ports_.terminal, ports_.insurer, ports_.operators, ports_.admin)));
  ASSIGN_OR_RETURN(
      server_, ChildProcess::Start({binary_, "serve", "--config", config}, paths_.server_log()));
  return AwaitReady();
}

absl::Status Sandbox::AwaitReady() {
  httplib::Client admin("127.0.0.1", ports_.admin);
  const auto until = steady_clock::now() + kReadyWithin;
  while (steady_clock::now() < until) {
    if (server_->HasEnded()) break;
    if (watcher_.interrupted()) return absl::CancelledError("interrupted");
    const auto answer = admin.Get("/readyz");
    if (answer && answer->status == 200) return absl::OkStatus();
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return absl::UnavailableError("the server did not become ready; see " +
                                paths_.server_log().string());
}

absl::Status Sandbox::RegisterAndPush() {
  ASSIGN_OR_RETURN(const auto operators, OpenChannel(paths_, "operator", ports_.operators));
  ASSIGN_OR_RETURN(const auto insurers, InsurersWithRows(*nation_));
  ASSIGN_OR_RETURN(const RegistrationCounts registered,
                   RegisterParties(operators, *certificates_, TestFacilities(), insurers));
  RETURN_IF_ERROR(
      Step(fmt::format("registered {} facilities, terminals, insurers, claims reviewers and a card "
                       "link provider; {} "
                       "were there",
                       registered.made, registered.kept)));
  RETURN_IF_ERROR(Step("pushing coverages, receipts and check-ups through InsurerFeedService"));
  // Servers poll the registry four times a second.
  if (registered.made > 0) std::this_thread::sleep_for(std::chrono::milliseconds(500));
  const auto progress = [this](int64_t done, int64_t total) -> absl::Status {
    if (watcher_.interrupted()) return absl::CancelledError("interrupted");
    watcher_.progress("feeds of insurers and reviewers", done, total);
    return absl::OkStatus();
  };
  ASSIGN_OR_RETURN(const PushCounts pushed,
                   PushNation(paths_, ports_, *nation_, *cards_, progress));
  watcher_.say(fmt::format(
      "pushed {} feeds with {} rows of coverages, receipts and check-ups ({} refused) and {} card "
      "links; {} feeds were there",
      pushed.feeds, pushed.rows, pushed.refused_rows, pushed.card_links, pushed.feeds_kept));
  RETURN_IF_ERROR(PublishTestPersons(operators, nation_day()));
  return absl::OkStatus();
}

absl::Status Sandbox::Tend() {
  if (server_ && server_->HasEnded()) {
    return absl::InternalError("the server has ended; see " + paths_.server_log().string());
  }
  if (absl::AbsDuration(clock_.Now() - crls_issued_) >= kCrlEvery) return IssueCrls();
  return absl::OkStatus();
}

void Sandbox::Down() {
  if (server_) {
    watcher_.say("stopping the server");
    server_->Stop(std::chrono::seconds(15));
    server_.reset();
  }
  if (database_runs_) {
    watcher_.say("stopping PostgreSQL");
    const auto stopped =
        ChildProcess::Run({options_.postgres_script.string(), "stop", cluster_.string()});
    if (!stopped.ok()) watcher_.say(std::string(stopped.status().message()));
    database_runs_ = false;
  }
}

}  // namespace kakunin::dev
