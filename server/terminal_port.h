#pragma once

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "server/account_watch.h"
#include "server/bulk_worker.h"
#include "server/config/config.h"
#include "server/lane/eligibility_handler.h"
#include "server/lane/lane.h"
#include "server/lane/record_handler.h"
#include "server/observe/failed_rows.h"
#include "server/observe/metrics.h"
#include "storage/abnormal_times_store.h"
#include "storage/account_store.h"
#include "storage/audit_fence.h"
#include "storage/bulk_store.h"
#include "storage/eligibility_list_store.h"
#include "storage/facility_settings_store.h"
#include "storage/notice_store.h"
#include "storage/reception_app_store.h"
#include "storage/reception_link_store.h"
#include "storage/reference_number_store.h"
#include "storage/registry_store.h"
#include "storage/terminal_certificate_store.h"

namespace kakunin {

// TerminalPort is the listener of the terminals: its gRPC server and its lanes, each with a store,
// a usecase and a handler of its own.
class TerminalPort {
 public:
  // Everything referred to outlives the port.
  struct Backend {
    const Dispatch& dispatch;
    const PortHealth& health;
    const Clock& clock;
    InquiryGuard& guard;
    const ConfirmationRules& rules;
    const RecordRules& record_rules;
    const Contact& contact;
    const auth::HmacKey& audit_key;
    const auth::HmacKey& look_up_key;
    const auth::PatientHandleKey& handle_key;
    EligibilityHandler::CardTrustSource cards;
    UnlinkedCards* unlinked;  // null: nobody looks for the holders of unlinked cards
    const InsurerDelays& delays;
    Metrics& metrics;
    FailedRows& failed_rows;
    Database& database;  // for what is served beside the lanes
    NoticeStore& notices;
    BulkStore& lists;
    const Registry& registry;  // whose lists are run
    ReceptionLinkStore& links;
    ReceptionAppStore& apps;
    ReferenceNumberStore& numbers;
    EligibilityListStore& eligibility_lists;
    AbnormalTimesStore& abnormal_times;
    RegistryStore& registrations;  // as the database has them
    TerminalCertificateStore& certificates;
    AccountStore& accounts;
    FacilitySettingsStore& settings;
    AccountWatch& account_watch;
    AuditFence* fence;       // null: no connection is asked for what was seen
    std::string public_url;  // of the patients' door; empty: there is none
  };

  explicit TerminalPort(Backend backend);
  ~TerminalPort();

  // Start listens and begins to serve. FAILED_PRECONDITION when the address or a file cannot be
  // used. `conninfo` is the lanes' connection string.
  absl::Status Start(const ListenerConfig& listener, const std::string& conninfo);

  // Shutdown lets running calls finish until `until`, then ends the lanes. Safe to repeat.
  void Shutdown(gpr_timespec until);

  int port() const { return port_; }
  // ConnectedLanes is how many lanes of either kind had their database connection when they last
  // looked.
  int ConnectedLanes() const;

 private:
  struct LaneParts;
  struct RecordLaneParts;
  struct ListParts;
  struct AbnormalTimesParts;
  struct Services;

  // DeskWaits tells whether a desk's batch is being answered.
  bool DeskWaits() const;

  Backend backend_;
  std::unique_ptr<Services> services_;
  std::vector<std::unique_ptr<LaneParts>> lanes_;
  std::vector<std::unique_ptr<RecordLaneParts>> record_lanes_;
  std::unique_ptr<BulkWorker> bulk_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
};

}  // namespace kakunin
