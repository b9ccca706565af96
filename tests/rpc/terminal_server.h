#pragma once

#include <memory>
#include <span>
#include <vector>

#include "auth/encoding.h"
#include "auth/hash_function.h"
#include "auth/patient_handle.h"
#include "server/lane/terminal_methods.h"
#include "server/rpc/abnormal_times_service.h"
#include "server/rpc/account_service.h"
#include "server/rpc/bulk_service.h"
#include "server/rpc/certificate_renewal_service.h"
#include "server/rpc/coverage_octets.h"
#include "server/rpc/eligibility_list_service.h"
#include "server/rpc/facility_settings_service.h"
#include "server/rpc/notice_service.h"
#include "server/rpc/reception_link_service.h"
#include "server/rpc/reference_number_service.h"
#include "storage/postgres/abnormal_times_store.h"
#include "storage/postgres/bulk_store.h"
#include "storage/postgres/confirmation_store.h"
#include "storage/postgres/eligibility_list_store.h"
#include "storage/postgres/facility_settings_store.h"
#include "storage/postgres/notice_store.h"
#include "storage/postgres/reception_app_store.h"
#include "storage/postgres/reception_link_store.h"
#include "storage/postgres/reference_number_store.h"
#include "storage/postgres/terminal_certificate_store.h"
#include "tests/support/rpc_server.h"

namespace kakunin {

// YesHandler answers whatever dispatch has let in.
class YesHandler final : public LaneHandler {
 public:
  bool Accept(LaneCall& call) override {
    call.Answer("");
    return false;
  }
  void RunBatch(std::span<LaneCall* const>) override {}
  void Idle() override {}
};

class SilentObserver final : public LaneObserver {
 public:
  void BatchRan(size_t, std::chrono::nanoseconds, std::chrono::nanoseconds) override {}
};

// TerminalServer is the terminals' port: its methods on a lane that answers everybody let in.
class TerminalServer {
 public:
  TerminalServer(const TestDatabase& database, const Clock& clock, const PeerSource& peers = {},
                 Admission* admission = nullptr)
      : port_(database, clock, Port::kTerminal, peers, admission),
        confirmations_(
            MakeConfirmationStore(database.ConnInfo("kakunin_terminal"), "", "eligibility lists")),
        searches_(MakeConfirmationStore(database.ConnInfo("kakunin_terminal"), "", "searches")) {
    port_.Start([this](grpc::ServerBuilder& builder) {
      builder.RegisterService(&eligibility_);
      builder.RegisterService(&records_);
      builder.RegisterService(&consents_);
      builder.RegisterService(&accesses_);
      builder.RegisterService(&health_);
      for (QueuedService* service : Queued()) builder.RegisterService(&service->rpc());
      lane_ = std::make_unique<Lane>(Lane::Options{}, builder.AddCompletionQueue(),
                                     port_.dispatch(), handler_, observer_);
      AddTerminalMethods(eligibility_, health_, *lane_);
      AddRecordMethods(records_, *lane_);
      AddConsentMethods(consents_, *lane_);
      AddAccessLogMethods(accesses_, *lane_);
    });
    lane_->Start();
    for (QueuedService* service : Queued()) service->Serve(lane_->queue());
  }
  ~TerminalServer() {
    port_.Shutdown();
    lane_->Shutdown();
    port_.Stop();
  }
  RpcServer& port() { return port_; }
  const RpcServer& port() const { return port_; }

 private:
  std::vector<QueuedService*> Queued() const {
    return {notices_.get(),       lists_.get(),    links_.get(),    numbers_.get(),
            renewals_.get(),      accounts_.get(), settings_.get(), eligibility_lists_.get(),
            abnormal_times_.get()};
  }

  EligibilityRpc eligibility_;
  RecordRpc records_;
  ConsentRpc consents_;
  AccessLogRpc accesses_;
  HealthRpc health_;
  YesHandler handler_;
  SilentObserver observer_;
  RpcServer port_;
  PostgresNoticeStore notice_store_;  // streams of notices end at once: nobody is waited for
  const auth::HmacKey audit_key_ = TestKey("audit");
  const auth::PatientHandleKey handle_key_{auth::AsBytes("0123456789abcdef0123456789abcdef")};
  const std::unique_ptr<QueuedService> notices_ = MakeNoticeService(
      {port_.dispatch(), port_.database(), notice_store_, audit_key_, handle_key_},
      {.turn = std::chrono::milliseconds(10), .stream_life = std::chrono::milliseconds(100)});
  const auth::HmacKey look_up_key_ = TestKey("look-up");
  PostgresBulkStore bulk_store_;
  const std::unique_ptr<QueuedService> lists_ =
      MakeBulkService({port_.dispatch(), port_.database(), bulk_store_, audit_key_, look_up_key_,
                       [] {}, [](const BulkId&) {}});
  PostgresReceptionLinkStore link_store_;
  PostgresReceptionAppStore app_store_;
  const std::unique_ptr<QueuedService> links_ =
      MakeReceptionLinkService({port_.dispatch(), port_.database(), link_store_, app_store_,
                                audit_key_, audit_key_, "https://uketsuke.example.jp"});
  PostgresReferenceNumberStore number_store_;
  UncountedInquiries guard_;
  const std::unique_ptr<QueuedService> numbers_ =
      MakeReferenceNumberService({port_.dispatch(), port_.database(), number_store_, guard_,
                                  look_up_key_, audit_key_, handle_key_});
  PostgresTerminalCertificateStore certificate_store_;
  const std::unique_ptr<QueuedService> renewals_ = MakeCertificateRenewalService(
      {port_.dispatch(), port_.database(), port_.registry_store(), certificate_store_, audit_key_});
  const std::unique_ptr<ConfirmationStore> confirmations_;
  const ConfirmationRules rules_;
  ConfirmEligibility confirm_{*confirmations_, guard_,          {audit_key_, handle_key_},
                              rules_,          &BuildAnswerRow, auth::kSha256};
  PostgresEligibilityListStore list_store_;
  const std::unique_ptr<QueuedService> eligibility_lists_ =
      MakeEligibilityListService({port_.dispatch(), port_.database(), list_store_, confirm_,
                                  audit_key_, handle_key_, [] { return CardTrust{}; }});
  const std::unique_ptr<ConfirmationStore> searches_;
  ConfirmEligibility confirm_searched_{*searches_, guard_,          {audit_key_, handle_key_},
                                       rules_,     &BuildAnswerRow, auth::kSha256};
  PostgresAbnormalTimesStore abnormal_times_store_;
  const std::unique_ptr<QueuedService> abnormal_times_ =
      MakeAbnormalTimesService({port_.dispatch(),
                                port_.database(),
                                abnormal_times_store_,
                                guard_,
                                {&confirm_searched_},
                                audit_key_,
                                look_up_key_,
                                handle_key_});
  const std::unique_ptr<QueuedService> accounts_ =
      MakeAccountService({port_.dispatch(), port_.database(), port_.account_store(),
                          port_.accounts(), look_up_key_, audit_key_});
  PostgresFacilitySettingsStore settings_store_;
  const std::unique_ptr<QueuedService> settings_ =
      MakeFacilitySettingsService({port_.dispatch(), port_.database(), settings_store_,
                                   port_.account_store(), port_.accounts(), audit_key_});
  std::unique_ptr<Lane> lane_;
};

}  // namespace kakunin
