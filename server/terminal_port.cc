#include "server/terminal_port.h"

#include <fmt/format.h>

#include <algorithm>

#include "auth/hash_function.h"
#include "server/lane/access_log_handler.h"
#include "server/lane/consent_handler.h"
#include "server/lane/record_lane_handler.h"
#include "server/lane/terminal_methods.h"
#include "server/listener.h"
#include "server/rpc/abnormal_times_service.h"
#include "server/rpc/account_service.h"
#include "server/rpc/bulk_service.h"
#include "server/rpc/certificate_renewal_service.h"
#include "server/rpc/convert_bulk.h"
#include "server/rpc/coverage_octets.h"
#include "server/rpc/eligibility_list_service.h"
#include "server/rpc/facility_settings_service.h"
#include "server/rpc/notice_service.h"
#include "server/rpc/reception_link_service.h"
#include "server/rpc/record_octets.h"
#include "server/rpc/reference_number_service.h"
#include "storage/postgres/access_log_store.h"
#include "storage/postgres/bulk_lane_store.h"
#include "storage/postgres/confirmation_store.h"
#include "storage/postgres/record_store.h"

namespace kakunin {
namespace {

// CountingIn counts calls whose rows failed alone for their terminal; `rows` outlives it.
std::function<void(std::string_view)> CountingIn(FailedRows& rows) {
  return [&rows](std::string_view terminal) { rows.Add(terminal); };
}

}  // namespace

// ListParts is what lists of eligibility are asked by: like a lane's, over a connection of its own.
struct TerminalPort::ListParts {
  ListParts(const Backend& backend, const ListenerConfig& listener, const std::string& conninfo)
      : store(MakeConfirmationStore(conninfo, listener.database.user, "kakunin eligibility lists",
                                    backend.fence)),
        usecase(*store, backend.guard, {backend.audit_key, backend.handle_key}, backend.rules,
                &BuildAnswerRow, auth::kSha256),
        service(MakeEligibilityListService({.dispatch = backend.dispatch,
                                            .database = backend.database,
                                            .lists = backend.eligibility_lists,
                                            .confirm = usecase,
                                            .audit_key = backend.audit_key,
                                            .handle_key = backend.handle_key,
                                            .cards = backend.cards})) {}

  std::unique_ptr<ConfirmationStore> store;
  ConfirmEligibility usecase;
  std::unique_ptr<QueuedService> service;
};

// AbnormalTimesParts is the same for searches in abnormal times, of which some run at once: each
// waits for two commits, one of them on the bounded pool, which keeps a connection for other calls.
struct TerminalPort::AbnormalTimesParts {
  static constexpr int kMostSearches = 4;

  AbnormalTimesParts(const Backend& backend, const ListenerConfig& listener,
                     const std::string& conninfo) {
    std::vector<ConfirmEligibility*> confirms;
    const int searches = std::clamp(listener.pool - 1, 1, kMostSearches);
    for (int i = 0; i < searches; ++i) {
      stores.push_back(MakeConfirmationStore(conninfo, listener.database.user,
                                             fmt::format("kakunin abnormal times {}", i),
                                             backend.fence));
      usecases.push_back(std::make_unique<ConfirmEligibility>(
          *stores.back(), backend.guard, ConfirmationKeys{backend.audit_key, backend.handle_key},
          backend.rules, &BuildAnswerRow, auth::kSha256));
      confirms.push_back(usecases.back().get());
    }
    service = MakeAbnormalTimesService({.dispatch = backend.dispatch,
                                        .database = backend.database,
                                        .store = backend.abnormal_times,
                                        .guard = backend.guard,
                                        .confirms = std::move(confirms),
                                        .audit_key = backend.audit_key,
                                        .look_up_key = backend.look_up_key,
                                        .handle_key = backend.handle_key});
  }

  std::vector<std::unique_ptr<ConfirmationStore>> stores;
  std::vector<std::unique_ptr<ConfirmEligibility>> usecases;
  std::unique_ptr<QueuedService> service;
};

struct TerminalPort::Services {
  EligibilityRpc eligibility;
  RecordRpc records;
  ConsentRpc consents;
  AccessLogRpc accesses;
  HealthRpc health;
  std::unique_ptr<QueuedService> notices;
  std::unique_ptr<QueuedService> lists;
  std::unique_ptr<QueuedService> links;
  std::unique_ptr<QueuedService> numbers;
  std::unique_ptr<QueuedService> renewals;
  std::unique_ptr<QueuedService> accounts;
  std::unique_ptr<QueuedService> settings;
  std::unique_ptr<ListParts> eligibility_lists;
  std::unique_ptr<AbnormalTimesParts> abnormal_times;

  // Those that no lane serves.
  std::vector<QueuedService*> Queued() const {
    return {notices.get(),
            lists.get(),
            links.get(),
            numbers.get(),
            renewals.get(),
            accounts.get(),
            settings.get(),
            eligibility_lists->service.get(),
            abnormal_times->service.get()};
  }
};

// LaneParts is one lane from the socket to the database.
struct TerminalPort::LaneParts {
  LaneParts(const Backend& backend, const ListenerConfig& listener, const std::string& conninfo,
            int number, std::unique_ptr<grpc::ServerCompletionQueue> queue)
      : store(MakeConfirmationStore(conninfo, listener.database.user,
                                    fmt::format("kakunin lane {}", number), backend.fence)),
        usecase(*store, backend.guard, {backend.audit_key, backend.handle_key}, backend.rules,
                &BuildAnswerRow, auth::kSha256, backend.unlinked, &backend.delays),
        handler(usecase, backend.cards, backend.health, backend.clock,
                {.contact = backend.contact,
                 .lookup_key = backend.look_up_key,
                 .audit_key = backend.audit_key,
                 .failed_alone = CountingIn(backend.failed_rows)}),
        lane({.batch_bound = static_cast<size_t>(listener.batch_bound)}, std::move(queue),
             backend.dispatch, handler, backend.metrics.Lane(fmt::format("terminal-{}", number))) {}

  std::unique_ptr<ConfirmationStore> store;
  ConfirmEligibility usecase;
  EligibilityHandler handler;
  Lane lane;
};

// RecordLaneParts is the same for a lane that reads records, serves consents and, over a connection
// of their own, lists accesses: a guest of a desk's lane.
struct TerminalPort::RecordLaneParts {
  RecordLaneParts(const Backend& backend, const ListenerConfig& listener,
                  const std::string& conninfo, int number, Lane& host)
      : store(MakeRecordStore(conninfo, listener.database.user,
                              fmt::format("kakunin record lane {}", number), backend.fence)),
        usecase(*store, backend.guard, {backend.audit_key, backend.handle_key},
                backend.record_rules, AnswersOfThisFormat(), auth::kSha256),
        desk(*store, backend.guard, {backend.audit_key, backend.handle_key}, backend.record_rules,
             auth::kSha256),
        consents(desk, [&backend] { return backend.cards().revocations; }, backend.clock,
                 {.lookup_key = backend.look_up_key,
                  .audit_key = backend.audit_key,
                  .failed_alone = CountingIn(backend.failed_rows)}),
        handler(usecase, [&backend] { return backend.cards().revocations; }, backend.clock,
                {.lookup_key = backend.look_up_key,
                 .audit_key = backend.audit_key,
                 .failed_alone = CountingIn(backend.failed_rows)}),
        access_store(MakeAccessLogStore(conninfo, listener.database.user,
                                        fmt::format("kakunin access list {}", number),
                                        backend.fence)),
        list_accesses(*access_store, backend.audit_key, backend.rules, auth::kSha256,
                      backend.unlinked),
        access_handler(list_accesses, backend.cards, backend.clock,
                       {.audit_key = backend.audit_key,
                        .handle_key = backend.handle_key,
                        .failed_alone = CountingIn(backend.failed_rows)}),
        all(consents, handler, access_handler),
        lane({.batch_bound = static_cast<size_t>(listener.record_batch_bound)}, host,
             backend.dispatch, all, backend.metrics.Lane(fmt::format("record-{}", number))) {}

  std::unique_ptr<RecordStore> store;
  ReadRecords usecase;
  ConsentDesk desk;
  ConsentHandler consents;
  RecordHandler handler;
  std::unique_ptr<AccessLogStore> access_store;
  ListAccesses list_accesses;
  AccessLogHandler access_handler;
  RecordLaneHandler all;
  Lane lane;
};

TerminalPort::TerminalPort(Backend backend)
    : backend_(std::move(backend)), services_(std::make_unique<Services>()) {
  services_->notices = MakeNoticeService({.dispatch = backend_.dispatch,
                                          .database = backend_.database,
                                          .notices = backend_.notices,
                                          .audit_key = backend_.audit_key,
                                          .handle_key = backend_.handle_key});
  services_->lists = MakeBulkService({.dispatch = backend_.dispatch,
                                      .database = backend_.database,
                                      .lists = backend_.lists,
                                      .audit_key = backend_.audit_key,
                                      .look_up_key = backend_.look_up_key,
                                      .run = [this] { bulk_->Wake(); },
                                      .drop = [this](const BulkId& id) { bulk_->Drop(id); }});
  services_->links = MakeReceptionLinkService({.dispatch = backend_.dispatch,
                                               .database = backend_.database,
                                               .links = backend_.links,
                                               .apps = backend_.apps,
                                               .look_up_key = backend_.look_up_key,
                                               .audit_key = backend_.audit_key,
                                               .public_url = backend_.public_url});
  services_->numbers = MakeReferenceNumberService({.dispatch = backend_.dispatch,
                                                   .database = backend_.database,
                                                   .numbers = backend_.numbers,
                                                   .guard = backend_.guard,
                                                   .look_up_key = backend_.look_up_key,
                                                   .audit_key = backend_.audit_key,
                                                   .handle_key = backend_.handle_key});
  services_->renewals = MakeCertificateRenewalService({.dispatch = backend_.dispatch,
                                                       .database = backend_.database,
                                                       .registry = backend_.registrations,
                                                       .store = backend_.certificates,
                                                       .audit_key = backend_.audit_key});
  services_->accounts = MakeAccountService({.dispatch = backend_.dispatch,
                                            .database = backend_.database,
                                            .accounts = backend_.accounts,
                                            .watch = backend_.account_watch,
                                            .look_up_key = backend_.look_up_key,
                                            .audit_key = backend_.audit_key});
  services_->settings = MakeFacilitySettingsService({.dispatch = backend_.dispatch,
                                                     .database = backend_.database,
                                                     .settings = backend_.settings,
                                                     .account_store = backend_.accounts,
                                                     .watch = backend_.account_watch,
                                                     .audit_key = backend_.audit_key});
}

TerminalPort::~TerminalPort() { Shutdown(gpr_now(GPR_CLOCK_MONOTONIC)); }

absl::Status TerminalPort::Start(const ListenerConfig& listener, const std::string& conninfo) {
  grpc::ServerBuilder builder;
  builder.RegisterService(&services_->eligibility);
  builder.RegisterService(&services_->records);
  builder.RegisterService(&services_->consents);
  builder.RegisterService(&services_->accesses);
  builder.RegisterService(&services_->health);
  services_->eligibility_lists = std::make_unique<ListParts>(backend_, listener, conninfo);
  services_->abnormal_times = std::make_unique<AbnormalTimesParts>(backend_, listener, conninfo);
  const std::vector<QueuedService*> queued = services_->Queued();
  for (QueuedService* service : queued) builder.RegisterService(&service->rpc());
  for (int i = 0; i < listener.lanes; ++i) {
    lanes_.push_back(
        std::make_unique<LaneParts>(backend_, listener, conninfo, i, builder.AddCompletionQueue()));
    AddTerminalMethods(services_->eligibility, services_->health, lanes_.back()->lane);
  }
  for (int i = 0; i < listener.record_lanes; ++i) {
    record_lanes_.push_back(
        std::make_unique<RecordLaneParts>(backend_, listener, conninfo, i, lanes_.front()->lane));
    AddRecordMethods(services_->records, record_lanes_.back()->lane);
    AddConsentMethods(services_->consents, record_lanes_.back()->lane);
    AddAccessLogMethods(services_->accesses, record_lanes_.back()->lane);
  }
  bulk_ = std::make_unique<BulkWorker>(
      MakeBulkLaneStore(conninfo, listener.database.user, "kakunin bulk lane", backend_.fence),
      BulkWorker::Backend{.keys = {backend_.audit_key, backend_.handle_key},
                          .rules = backend_.rules,
                          .build = &BuildAnswerRow,
                          .hash = auth::kSha256,
                          .delays = &backend_.delays,
                          .codec = BulkCodecFor(),
                          .terminal =
                              [this](const BulkHeader& header, absl::Time at) {
                                return RegisteredTerminal(backend_.registry, header, at);
                              },
                          .cards = backend_.cards},
      backend_.clock, [this] { return DeskWaits(); });
  backend_.metrics.AddCounter("kakunin_bulk_rounds_total", "Rounds of bulk inquiries answered.", {},
                              [this] { return static_cast<double>(bulk_->Rounds()); });
  RETURN_IF_ERROR(StartServer(listener, builder, server_, port_));
  for (const auto& parts : lanes_) parts->lane.Start();
  for (const auto& parts : record_lanes_) parts->lane.Start();
  for (QueuedService* service : queued) service->Serve(lanes_.front()->lane.queue());
  return absl::OkStatus();
}

void TerminalPort::Shutdown(gpr_timespec until) {
  if (bulk_ != nullptr) bulk_->BeginStop();
  if (server_ != nullptr) server_->Shutdown(until);
  if (bulk_ != nullptr) bulk_->Stop();
  for (const auto& parts : record_lanes_) parts->lane.Shutdown();
  for (const auto& parts : lanes_) parts->lane.Shutdown();
}

bool TerminalPort::DeskWaits() const {
  return std::ranges::any_of(lanes_, [](const auto& parts) { return parts->lane.Busy(); });
}

int TerminalPort::ConnectedLanes() const {
  int connected = 0;
  for (const auto& parts : lanes_) connected += parts->handler.Connected() ? 1 : 0;
  for (const auto& parts : record_lanes_) {
    connected += parts->handler.Connected() && parts->access_handler.Connected() ? 1 : 0;
  }
  return connected;
}

}  // namespace kakunin
