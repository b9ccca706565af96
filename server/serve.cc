#include "server/serve.h"

#include <dlfcn.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>
#include <utility>
#include <vector>

#include "server/alarm_watch.h"
#include "server/audit_head_watch.h"
#include "server/card_trust_loader.h"
#include "server/clock.h"
#include "server/config/config_warnings.h"
#include "server/crl_archive.h"
#include "server/delivery_watch.h"
#include "server/first_use.h"
#include "server/housekeeping.h"
#include "server/identity_case_watch.h"
#include "server/inquiry_counter.h"
#include "server/joining_jobs.h"
#include "server/key_check.h"
#include "server/observe/admin_endpoint.h"
#include "server/observe/call_log.h"
#include "server/observe/failed_rows.h"
#include "server/observe/logging.h"
#include "server/observe/metrics.h"
#include "server/observe/standard_checks.h"
#include "server/open_port.h"
#include "server/partition_watch.h"
#include "server/resident_file.h"
#include "server/resident_identity_file.h"
#include "server/rpc/coverage_octets.h"
#include "server/rpc/delivery_service.h"
#include "server/rpc/error_contact.h"
#include "server/rpc/identity_case_service.h"
#include "server/rpc/insurer_feed_service.h"
#include "server/rpc/record_octets.h"
#include "server/secret_keys.h"
#include "server/serve_metrics.h"
#include "server/serve_onboarding.h"
#include "server/serve_operator.h"
#include "server/stores.h"
#include "server/sync_port.h"
#include "server/terminal_authority.h"
#include "server/terminal_port.h"
#include "server/web_port.h"
#include "storage/postgres/alarm_store.h"
#include "storage/postgres/installation_key_store.h"
#include "storage/postgres/registry_store.h"
#include "storage/postgres/request_store.h"

namespace kakunin {
namespace {

using std::chrono::steady_clock;

constexpr int kDrainSeconds = 8;
constexpr auto kRefuseFirst = std::chrono::milliseconds(300);
constexpr std::chrono::seconds kKeyCheckBound(30);

// OfferReflection has every server of this process that is made from now on tell its services.
// gRPC's reflection has no certificate to check and passes no door: it is for sandboxes only. Its
// library registers itself as it is loaded, so that it is loaded here and not linked: a linked one
// would answer everywhere. It stays loaded.
absl::Status OfferReflection() {
  if (dlopen(KAKUNIN_REFLECTION_LIBRARY, RTLD_NOW | RTLD_GLOBAL) != nullptr) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(
      "a sandbox tells its services by " KAKUNIN_REFLECTION_LIBRARY
      ", which cannot be loaded: install the package that has it (libgrpc++ of this machine)");
}
// One connection for housekeeping, one for cards on their first use, one for the jobs of joining.
constexpr int kJobPool = 3;

CertificateRules CertificateRulesOf(const CardsConfig& config) {
  CertificateRules rules;
  if (config.lapse_ignored_from) rules.lapse_ignored_from = StartOfDay(*config.lapse_ignored_from);
  if (config.lapse_ignored_to) rules.lapse_ignored_to = StartOfDay(*config.lapse_ignored_to);
  return rules;
}

ConfirmationRules RulesOf(const Config& config) {
  ConfirmationRules rules;
  rules.documents = config.documents;
  rules.cards = CardPolicyOf(config.cards);
  rules.phone_from = StartOfDay(config.cards.phones_from);
  rules.consents = CertificateRulesOf(config.cards);
  return rules;
}

// Base is what every listener of the process shares. It polls with the role of the first listener.
struct Base {
  std::atomic<bool> shutting_down{false};
  std::unique_ptr<Clock> clock;
  std::unique_ptr<SecretKeys> keys;
  Metrics metrics;
  std::unique_ptr<CallLog> calls;
  std::unique_ptr<Admission> admission;
  PostgresRegistryStore registry_store;
  PostgresRequestStore request_store;
};

}  // namespace

// Parts: declared so that what is used outlives what uses it.
struct Installation::Parts : Stores {
  std::unique_ptr<Logging> logging;
  Base base;
  std::unique_ptr<AuditHeadWatch> audit_head;
  ConfirmationRules rules;
  RecordRules record_rules;
  Contact contact;
  std::optional<ErrorContact> error_contact;
  std::unique_ptr<PostgresDatabase> job_database;
  std::unique_ptr<Housekeeping> housekeeping;
  std::unique_ptr<MailSender> mail;
  std::unique_ptr<JoiningJobs> joining_jobs;

  std::optional<OpenedPort> terminal_base;
  std::unique_ptr<DatabaseCrlArchive> crl_archive;
  std::unique_ptr<CardTrustLoader> cards;
  std::unique_ptr<InquiryCounter> inquiries;
  FailedRows failed_rows;
  std::unique_ptr<ResidentFile> residents;
  std::unique_ptr<FirstUse> first_use;
  std::unique_ptr<DeliveryWatch> delivery_watch;
  std::unique_ptr<TerminalPort> terminal;
  std::unique_ptr<WebPort> web;
  std::unique_ptr<ResidentIdentityFile> identities;
  FeedTimes feed_times;
  std::optional<SyncPort> insurer;
  std::optional<SyncPort> operator_;
  std::unique_ptr<OnboardingLimits> onboarding_limits;
  JoiningRules joining_rules;
  std::optional<SyncPort> onboarding;
  std::unique_ptr<IdentityCaseWatch> case_watch;
  PostgresAlarmStore alarm_store;
  std::unique_ptr<AlarmWatch> alarm_watch;
  std::unique_ptr<PartitionWatch> partitions;
  std::vector<ReadinessCheck> checks;
  std::unique_ptr<AdminEndpoint> admin;
  int admin_port = 0;
  bool shut_down = false;

  // Open opens a port, and watches it from the admin port.
  absl::StatusOr<OpenedPort> Open(const Config& config, const ListenerConfig& listener, Port port,
                                  const std::string& name, OnboardingLimits* onboarding = nullptr);
  // StartAuditHead refuses a database that is older than what was seen of it, before anything
  // opens.
  absl::Status StartAuditHead(const Config& config);
  AuditFence* fence() { return audit_head != nullptr ? &audit_head->fence() : nullptr; }
  absl::Status StartJobs(const LoginConfig& login, const Config& config);
  absl::Status StartTerminal(const Config& config);
  absl::Status StartWeb(const Config& config);
  void StartFirstUse(const std::filesystem::path& registry);
  absl::Status OpenIdentities(const std::filesystem::path& file);
  absl::Status StartInsurer(const Config& config);
  absl::Status StartOperator(const Config& config);
  absl::Status StartOnboarding(const OnboardingConfig& own, const Config& config);
  absl::Status StartAdmin(const Config& config);
};

absl::Status Installation::Parts::StartJobs(const LoginConfig& login, const Config& config) {
  ASSIGN_OR_RETURN(job_database, OpenPool(config.database, login, kJobPool, "jobs", fence()));
  housekeeping = std::make_unique<Housekeeping>(*job_database, housekeeping_store, *base.clock);
  AddHousekeepingGauges(base.metrics, *housekeeping);
  if (config.mail) mail = std::make_unique<FileMailSender>(config.mail->folder);
  joining_jobs = MakeJoiningJobs(*job_database, *this, *base.clock, config, mail.get());
  AddJoiningGauge(base.metrics, *joining_jobs);
  return absl::OkStatus();
}

absl::StatusOr<OpenedPort> Installation::Parts::Open(const Config& config,
                                                     const ListenerConfig& listener, Port port,
                                                     const std::string& name,
                                                     OnboardingLimits* onboarding) {
  ASSIGN_OR_RETURN(
      OpenedPort opened,
      OpenPort(
          config.database, listener, port, name,
          {.clock = *base.clock,
           .calls = *base.calls,
           .registry_store = base.registry_store,
           .account_store = account_store,
           .application_store = application_store,
           .look_up_key = base.keys->look_up,
           .policy_key = base.keys->policies(),
           .shutting_down = [this] { return base.shutting_down.load(std::memory_order_relaxed); },
           .admission = base.admission.get(),
           .onboarding = onboarding,
           .fence = fence(),
           .grounds = config.grounds}));
  PostgresInstallationKeyStore known_keys;
  RETURN_IF_ERROR(
      CheckKeys(*opened.control, known_keys, *base.keys, steady_clock::now() + kKeyCheckBound));
  const auto age = [registry = opened.registry.get()] { return registry->Age(); };
  checks.push_back(RegistryCheck(name, age));
  const auto forged = [registry = opened.registry.get()] { return registry->PoliciesForged(); };
  checks.push_back(PolicyCheckOf(name, forged));
  AddPoliciesForged(base.metrics, name, forged);
  AddSnapshotAge(base.metrics, "registry", name, age);
  AddPortGauges(base.metrics, opened, name);
  return opened;
}

absl::Status Installation::Parts::StartTerminal(const Config& config) {
  const ListenerConfig& listener = *config.terminal;
  ASSIGN_OR_RETURN(terminal_base, Open(config, listener, Port::kTerminal, "terminal"));
  AddSnapshotAge(base.metrics, "accounts", "terminal",
                 [this] { return terminal_base->accounts->Age(); });
  crl_archive = std::make_unique<DatabaseCrlArchive>(*terminal_base->database, crl_memory_store);
  cards =
      std::make_unique<CardTrustLoader>(config.cards.trust_directory, config.cards.crl_directory,
                                        config.cards.crl_reload_every, *base.clock, *crl_archive);
  RETURN_IF_ERROR(cards->Start());
  AddCardTrustGauges(base.metrics, *cards, *base.clock);
  const GuessingConfig& guessing = config.guessing;
  inquiries = std::make_unique<InquiryCounter>(
      InquiryLimits{.no_match_per_terminal = guessing.no_match_per_terminal,
                    .no_match_per_facility = guessing.no_match_per_facility,
                    .persons_per_terminal = guessing.persons_per_terminal,
                    .persons_per_facility = guessing.persons_per_facility},
      *terminal_base->control, inquiry_store, *base.clock);
  AddSnapshotAge(base.metrics, "inquiry_counts", "terminal", [this] { return inquiries->Age(); });
  failed_rows.AddTo(base.metrics);
  delivery_watch = std::make_unique<DeliveryWatch>(*terminal_base->control, delivery_store,
                                                   *base.clock, config.feeds.tolerated_days);
  AddSnapshotAge(base.metrics, "deliveries", "terminal", [this] { return delivery_watch->Age(); });
  base.metrics.AddGauge("kakunin_insurers_behind",
                        "Registered insurers that deliver nothing for longer than is tolerated.",
                        {}, [this] { return static_cast<double>(delivery_watch->Behind()); });
  if (!config.cards.resident_registry.empty()) StartFirstUse(config.cards.resident_registry);
  ASSIGN_OR_RETURN(const std::string conninfo,
                   ConnectionString(config.database, listener.database));
  terminal = std::make_unique<TerminalPort>(
      TerminalPort::Backend{.dispatch = *terminal_base->dispatch,
                            .health = *terminal_base->health,
                            .clock = *base.clock,
                            .guard = *inquiries,
                            .rules = rules,
                            .record_rules = record_rules,
                            .contact = contact,
                            .audit_key = base.keys->audit,
                            .look_up_key = base.keys->look_up,
                            .handle_key = base.keys->handle,
                            .cards = [this] { return cards->Current(); },
                            .unlinked = first_use.get(),
                            .delays = *delivery_watch,
                            .metrics = base.metrics,
                            .failed_rows = failed_rows,
                            .database = *terminal_base->database,
                            .notices = notice_store,
                            .lists = bulk_store,
                            .registry = *terminal_base->registry,
                            .links = link_store,
                            .apps = app_store,
                            .numbers = reference_store,
                            .eligibility_lists = eligibility_list_store,
                            .abnormal_times = abnormal_times_store,
                            .registrations = base.registry_store,
                            .certificates = certificate_store,
                            .accounts = account_store,
                            .settings = settings_store,
                            .account_watch = *terminal_base->accounts,
                            .fence = fence(),
                            .public_url = config.web ? config.web->public_url : ""});
  return terminal->Start(listener, conninfo);
}

absl::Status Installation::Parts::StartWeb(const Config& config) {
  web = std::make_unique<WebPort>(WebPort::Backend{
      .database = *terminal_base->database,
      .links = link_store,
      .apps = app_store,
      .clock = *base.clock,
      .look_up_key = base.keys->look_up,
      .calls = *base.calls,
      .acts = {*inquiries, rules, record_rules, base.keys->audit, base.keys->handle,
               [this] { return cards->Current(); }, first_use.get(), fence()}});
  ASSIGN_OR_RETURN(const auto acts, ConnectionString(config.database, config.terminal->database));
  RETURN_IF_ERROR(web->Start(config, acts));
  checks.push_back(web->Check());
  web->AddTo(base.metrics);
  return absl::OkStatus();
}

void Installation::Parts::StartFirstUse(const std::filesystem::path& registry) {
  residents = std::make_unique<ResidentFile>(registry);
  first_use = std::make_unique<FirstUse>(
      FirstUseBackend{.database = *job_database,
                      .links = card_link_store,
                      .registry = *residents,
                      .individual_number_key = base.keys->individual_number,
                      .audit_key = base.keys->audit},
      *base.clock);
  AddFirstUseCounters(base.metrics, *first_use);
}

// A sandbox without a register serves, and says at start and to whoever asks that it compares
// nothing; nobody else has none (VisitFeeds).
absl::Status Installation::Parts::OpenIdentities(const std::filesystem::path& file) {
  if (file.empty()) {
    checks.push_back(ResidentsCheck(nullptr));
    spdlog::warn("coverages are compared with no register of residents");
    return absl::OkStatus();
  }
  identities = std::make_unique<ResidentIdentityFile>(file, base.keys->individual_number);
  const auto count = [this] { return identities->Count(); };
  checks.push_back(ResidentsCheck(count));
  base.metrics.AddGauge("kakunin_residents_known",
                        "Residents with whom coverages are compared; 0 is an alarm.", {},
                        [count] { return static_cast<double>(count()); });
  return identities->Read();
}

absl::Status Installation::Parts::StartInsurer(const Config& config) {
  insurer.emplace();
  ASSIGN_OR_RETURN(insurer->base, Open(config, *config.insurer, Port::kInsurer, "insurer"));
  RETURN_IF_ERROR(OpenIdentities(config.feeds.resident_identities));
  AddFeedTimes(base.metrics, feed_times);
  insurer->services.push_back(MakeInsurerFeedService(
      {.dispatch = *insurer->base.dispatch,
       .database = *insurer->base.database,
       .feeds = feed_store,
       .registry = base.registry_store,
       .requests = base.request_store,
       .keys = {base.keys->individual_number, base.keys->look_up, base.keys->audit},
       .build = CopiesOfThisFormat(),
       .histories = history_store,
       .residents = identities.get(),
       .times = &feed_times},
      // A publication holds its connection for minutes: half of the pool is left for the rest.
      {.most_publishing = std::max(1, config.insurer->pool / 2)}));
  insurer->services.push_back(MakeIdentityCaseService({.dispatch = *insurer->base.dispatch,
                                                       .database = *insurer->base.database,
                                                       .cases = case_store,
                                                       .audit_key = base.keys->audit,
                                                       .build = CopiesOfThisFormat()}));
  insurer->services.push_back(MakeDeliveryService({.dispatch = *insurer->base.dispatch,
                                                   .database = *insurer->base.database,
                                                   .deliveries = delivery_store,
                                                   .audit_key = base.keys->audit,
                                                   .tolerated_days = config.feeds.tolerated_days}));
  return StartSyncPort(*config.insurer, *base.calls, *insurer);
}

absl::Status Installation::Parts::StartOperator(const Config& config) {
  operator_.emplace();
  ASSIGN_OR_RETURN(operator_->base, Open(config, *config.operator_, Port::kOperator, "operator"));
  const OpenedPort& opened = operator_->base;
  operator_->services =
      MakeOperatorServices(opened, *this, {base.registry_store, base.request_store}, *base.keys,
                           TerminalAuthorityOf(config), config.grounds);
  case_watch = std::make_unique<IdentityCaseWatch>(*opened.control, case_store, *base.clock);
  AddSnapshotAge(base.metrics, "identity_cases", "operator", [this] { return case_watch->Age(); });
  AddIdentityCaseGauges(base.metrics, *case_watch);
  alarm_watch = std::make_unique<AlarmWatch>(*opened.control, alarm_store, *base.clock);
  AddSnapshotAge(base.metrics, "alarms", "operator", [this] { return alarm_watch->Age(); });
  AddAlarmGauges(base.metrics, *alarm_watch);
  return StartSyncPort(*config.operator_, *base.calls, *operator_);
}

absl::Status Installation::Parts::StartOnboarding(const OnboardingConfig& own,
                                                  const Config& config) {
  onboarding_limits = std::make_unique<OnboardingLimits>(own.calls_per_address, own.calls_in_all);
  onboarding.emplace();
  ASSIGN_OR_RETURN(onboarding->base, Open(config, own.listener, Port::kOnboarding, "onboarding",
                                          onboarding_limits.get()));
  joining_rules.grounds = config.grounds;
  if (own.reader_offer_from) {
    joining_rules.reader_offer = {.from = *own.reader_offer_from,
                                  .last_day = own.reader_offer_through};
  }
  onboarding->services =
      MakeOnboardingServices(onboarding->base, *onboarding_limits, *this,
                             {base.registry_store, base.request_store}, joining_rules, *base.keys);
  return StartSyncPort(own.listener, *base.calls, *onboarding, /*anonymous=*/true);
}

absl::Status Installation::Parts::StartAdmin(const Config& config) {
  const OpenedPort* any = terminal_base ? &*terminal_base
                          : insurer     ? &insurer->base
                          : operator_   ? &operator_->base
                                        : &onboarding->base;
  partitions = std::make_unique<PartitionWatch>(*any->control, *base.clock);
  if (terminal != nullptr) {
    checks.push_back(LaneCheck([this] { return terminal->ConnectedLanes(); },
                               config.terminal->lanes + config.terminal->record_lanes));
    checks.push_back(CrlCheck([this] { return cards->Current().revocations; }, *base.clock,
                              config.cards.crl_max_age));
    checks.push_back(
        MachineClockCheck([this] { return cards->MachineClock().Back(); }, kMostClockBack));
  }
  checks.push_back(PartitionCheck([this] { return partitions->DaysLeft(); },
                                  [this] { return partitions->DefaultsHoldingRows(); }));
  AddSnapshotAge(base.metrics, "partitions", "", [this] { return partitions->Age(); });
  AddPartitionGauges(base.metrics, *partitions);
  checks.push_back({.name = "running", .look = [this]() -> CheckFinding {
                      if (!base.shutting_down.load(std::memory_order_relaxed)) return {};
                      return {.health = Health::kFault, .text = "the server is shutting down"};
                    }});
  admin =
      std::make_unique<AdminEndpoint>(std::move(checks), [this] { return base.metrics.Text(); });
  ASSIGN_OR_RETURN(admin_port, admin->Start(config.admin.host, config.admin.port));
  return absl::OkStatus();
}

Installation::Installation(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Installation::~Installation() { Shutdown(); }

absl::StatusOr<std::unique_ptr<Installation>> Installation::Start(const Config& config) {
  if (!config.terminal && !config.insurer && !config.operator_ && !config.onboarding) {
    return absl::FailedPreconditionError(
        "the configuration has no listener: add [terminal], [insurer], [operator] or [onboarding]");
  }
  auto installation = std::unique_ptr<Installation>(new Installation(std::make_unique<Parts>()));
  Parts& parts = *installation->parts_;
  ASSIGN_OR_RETURN(parts.logging, Logging::Start(config.log));
  for (const std::string& warning : ConfigWarnings(config)) spdlog::warn("{}", warning);
  parts.base.calls = std::make_unique<CallLog>(parts.logging->calls(), parts.base.metrics,
                                               config.log.ok_calls_one_in);
  parts.base.admission = std::make_unique<Admission>(
      AdmissionLimits{.calls_per_second = config.admission.calls_per_second,
                      .calls_per_certificate = config.admission.calls_per_certificate});
  AddAdmissionCounters(parts.base.metrics, *parts.base.admission);
  parts.base.clock = MakeClock(config.environment, parts.base.metrics);
  ASSIGN_OR_RETURN(parts.base.keys, LoadSecretKeys(config.keys));
  parts.rules = RulesOf(config);
  parts.record_rules.crl_max_age = config.cards.crl_max_age;
  parts.record_rules.certificates = CertificateRulesOf(config.cards);
  parts.record_rules.retention = config.retention;
  parts.contact = config.contact;
  parts.error_contact.emplace(config.contact,
                              [clock = parts.base.clock.get()] { return clock->Now(); });
  if (config.environment.IsSandbox()) RETURN_IF_ERROR(OfferReflection());

  ASSIGN_OR_RETURN(parts.audit_head, StartAuditHead(config, parts.checks, parts.base.metrics));
  if (config.operator_) RETURN_IF_ERROR(parts.StartOperator(config));
  if (config.insurer) RETURN_IF_ERROR(parts.StartInsurer(config));
  if (config.onboarding) RETURN_IF_ERROR(parts.StartOnboarding(*config.onboarding, config));
  if (config.jobs) RETURN_IF_ERROR(parts.StartJobs(*config.jobs, config));
  if (config.terminal) RETURN_IF_ERROR(parts.StartTerminal(config));
  if (config.web) RETURN_IF_ERROR(parts.StartWeb(config));
  RETURN_IF_ERROR(parts.StartAdmin(config));
  spdlog::info("serving: terminal {} insurer {} operator {} onboarding {} web {} admin {}",
               installation->terminal_port(), installation->insurer_port(),
               installation->operator_port(), installation->onboarding_port(),
               installation->web_port(), installation->admin_port());
  return installation;
}

void Installation::Shutdown() {
  if (parts_ == nullptr || parts_->shut_down) return;
  parts_->shut_down = true;
  parts_->base.shutting_down.store(true, std::memory_order_relaxed);
  // Callers are refused in our words first (UNAVAILABLE, ask again): a call that meets gRPC's own
  // shutdown ends as CANCELLED.
  std::this_thread::sleep_for(kRefuseFirst);
  const gpr_timespec until = gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                                          gpr_time_from_seconds(kDrainSeconds, GPR_TIMESPAN));
  if (parts_->web != nullptr) parts_->web->Stop();
  if (parts_->terminal != nullptr) parts_->terminal->Shutdown(until);
  for (auto* port : {&parts_->insurer, &parts_->operator_, &parts_->onboarding}) {
    if (port->has_value() && (*port)->server != nullptr) (*port)->server->Shutdown(until);
  }
  if (parts_->admin != nullptr) parts_->admin->Stop();
}

int Installation::terminal_port() const {
  return parts_->terminal != nullptr ? parts_->terminal->port() : 0;
}
int Installation::insurer_port() const { return parts_->insurer ? parts_->insurer->port : 0; }
int Installation::operator_port() const { return parts_->operator_ ? parts_->operator_->port : 0; }
int Installation::onboarding_port() const {
  return parts_->onboarding ? parts_->onboarding->port : 0;
}
int Installation::web_port() const { return parts_->web != nullptr ? parts_->web->port() : 0; }
int Installation::admin_port() const { return parts_->admin_port; }

}  // namespace kakunin
