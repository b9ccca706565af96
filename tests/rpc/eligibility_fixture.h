#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "auth/hash_function.h"
#include "domain/civil_day.h"
#include "kakunin/v1/eligibility_service.grpc.pb.h"
#include "server/lane/access_log_handler.h"
#include "server/lane/consent_handler.h"
#include "server/lane/eligibility_handler.h"
#include "server/lane/record_handler.h"
#include "server/lane/record_lane_handler.h"
#include "server/lane/terminal_methods.h"
#include "server/observe/failed_rows.h"
#include "server/rpc/convert_date.h"
#include "server/rpc/coverage_octets.h"
#include "server/rpc/record_octets.h"
#include "server/usecases/feed_keys.h"
#include "storage/postgres/access_log_store.h"
#include "storage/postgres/confirmation_store.h"
#include "storage/postgres/feed_store.h"
#include "storage/postgres/record_store.h"
#include "tests/support/rpc_server.h"

namespace kakunin {

inline constexpr char kLaneName[] = "lane under test";
inline const absl::CivilDay kBirth(1970, 1, 1);

// OpenGuard lets everybody ask until it is closed.
class OpenGuard final : public InquiryGuard {
 public:
  bool Allows(std::string_view, std::string_view, absl::Time) override { return open; }
  void NoMatch(std::string_view, std::string_view, absl::Time) override {}
  void Found(std::string_view, std::string_view, const PersonId&, absl::Time) override {}
  std::atomic<bool> open{true};
};

// ForwardedCards hands unlinked cards on to whoever a test sets, from the next card on.
class ForwardedCards final : public UnlinkedCards {
 public:
  void Seen(std::string_view issuer_key_id, std::string_view serial) override {
    if (UnlinkedCards* const to = receiver) to->Seen(issuer_key_id, serial);
  }
  std::atomic<UnlinkedCards*> receiver{nullptr};
};

// BatchSizes watches how batches form.
class BatchSizes final : public LaneObserver {
 public:
  void BatchRan(size_t size, std::chrono::nanoseconds, std::chrono::nanoseconds) override {
    calls += size;
    largest = std::max<size_t>(largest, size);
  }
  std::atomic<size_t> calls{0};
  std::atomic<size_t> largest{0};
};

// EligibilityServiceTest is the terminals' port as it is served: lane, mutual TLS, PostgreSQL.
class EligibilityServiceTest : public testing::Test {
 protected:
  // `cards` is what the lane judges cards by; without it it cannot tell.
  explicit EligibilityServiceTest(const CardTrust& cards = {}) : revocations_(cards.revocations) {
    RegisterTestCallers(database_, clock_.Now());
    port_ = std::make_unique<RpcServer>(database_, clock_, Port::kTerminal);
    store_ = MakeConfirmationStore(database_.ConnInfo("kakunin_terminal"), "", kLaneName);
    usecase_ = std::make_unique<ConfirmEligibility>(
        *store_, guard_, ConfirmationKeys{audit_key_, handle_key_}, rules_, &BuildAnswerRow,
        auth::kSha256, &unlinked_);
    handler_ = std::make_unique<EligibilityHandler>(
        *usecase_,
        [this, trust = cards.trust] {
          return CardTrust{trust, Revocations()};
        },
        health_, clock_,
        EligibilityHandler::Border{
            .contact = contact_,
            .lookup_key = look_up_key_,
            .audit_key = audit_key_,
            .failed_alone = [this](std::string_view name) { failed_rows_.Add(name); }});
    record_store_ = MakeRecordStore(database_.ConnInfo("kakunin_terminal"), "", "record lane");
    read_records_ = std::make_unique<ReadRecords>(
        *record_store_, guard_, ReadRecords::Keys{audit_key_, handle_key_}, record_rules_,
        AnswersOfThisFormat(), auth::kSha256);
    consent_desk_ = std::make_unique<ConsentDesk>(*record_store_, guard_,
                                                  ConsentDesk::Keys{audit_key_, handle_key_},
                                                  record_rules_, auth::kSha256);
    consent_handler_ = std::make_unique<ConsentHandler>(
        *consent_desk_, [this] { return Revocations(); }, clock_,
        ConsentHandler::Border{
            .lookup_key = look_up_key_,
            .audit_key = audit_key_,
            .failed_alone = [this](std::string_view name) { failed_rows_.Add(name); }});
    record_handler_ = std::make_unique<RecordHandler>(
        *read_records_, [this] { return Revocations(); }, clock_,
        RecordHandler::Border{
            .lookup_key = look_up_key_,
            .audit_key = audit_key_,
            .failed_alone = [this](std::string_view name) { failed_rows_.Add(name); }});
    access_store_ = MakeAccessLogStore(database_.ConnInfo("kakunin_terminal"), "", "access list");
    list_accesses_ =
        std::make_unique<ListAccesses>(*access_store_, audit_key_, rules_, auth::kSha256);
    access_handler_ = std::make_unique<AccessLogHandler>(
        *list_accesses_, [cards] { return cards; }, clock_,
        AccessLogHandler::Border{
            .audit_key = audit_key_,
            .handle_key = handle_key_,
            .failed_alone = [this](std::string_view name) { failed_rows_.Add(name); }});
    record_lane_handler_ =
        std::make_unique<RecordLaneHandler>(*consent_handler_, *record_handler_, *access_handler_);
    port_->Start([this](grpc::ServerBuilder& builder) {
      builder.RegisterService(&eligibility_);
      builder.RegisterService(&records_);
      builder.RegisterService(&consents_);
      builder.RegisterService(&accesses_);
      builder.RegisterService(&health_rpc_);
      builder.SetMaxReceiveMessageSize(1 << 20);
      lane_ = std::make_unique<Lane>(Lane::Options{.batch_bound = 64, .slots_per_method = 128},
                                     builder.AddCompletionQueue(), port_->dispatch(), *handler_,
                                     batches_);
      AddTerminalMethods(eligibility_, health_rpc_, *lane_);
      record_lane_ = std::make_unique<Lane>(
          Lane::Options{.batch_bound = 16, .slots_per_method = 16}, builder.AddCompletionQueue(),
          port_->dispatch(), *record_lane_handler_, record_batches_);
      AddRecordMethods(records_, *record_lane_);
      AddConsentMethods(consents_, *record_lane_);
      AddAccessLogMethods(accesses_, *record_lane_);
    });
    lane_->Start();
    record_lane_->Start();
    // On a busy machine the first connection takes its time, and the lane refuses until it has one.
    while (!handler_->Connected() || !record_handler_->Connected() ||
           !consent_handler_->Connected() || !access_handler_->Connected()) {
      std::this_thread::yield();
    }
  }

  ~EligibilityServiceTest() override {
    port_->Shutdown();
    lane_->Shutdown();
    record_lane_->Shutdown();
    port_->Stop();
  }

  // The keyed hash of the individual number that Insure gives `person`.
  static IndividualNumberHash InsuredAs(uint8_t person) {
    IndividualNumberHash individual{.key_id = "k"};
    individual.hash[0] = person;
    return individual;
  }

  // Insures one person at the test insurer through the real feed store.
  void Insure(uint8_t person, const std::string& number, const std::string& branch,
              std::optional<absl::CivilDay> lost = {},
              const std::string& insurer_number = kTestInsurer,
              const std::optional<IndividualNumberHash>& individual = {},
              std::vector<MedicalTicket> tickets = {}) {
    PlantCanary(number);
    const auto insurer = InsurerNumber::Parse(insurer_number);
    InsuredKey key{.insurer = *insurer,
                   .symbol = *InsuredSymbol::Parse("1234"),
                   .number = *InsuredNumber::Parse(number),
                   .branch = BranchNumber::Parse(branch),
                   .birth_date = kBirth};
    Coverage coverage;
    coverage.insurer_number = insurer_number;
    coverage.coverage_reference = "ref-" + std::to_string(person);
    coverage.card_classification = CardClassification::kGeneral;
    coverage.symbol = "１２３４";
    coverage.number = number;
    coverage.branch_number = branch;
    coverage.name = {.original = "髙田　花子", .kana = "タカダ　ハナコ"};
    coverage.birth_date = kBirth;
    coverage.qualification_date = absl::CivilDay(2018, 7, 1);
    coverage.disqualification_date = lost;
    coverage.insurer_name = "見本組合";
    coverage.address = "東京都千代田区霞が関";
    coverage.postal_code = "100-8916";
    coverage.medical_tickets = std::move(tickets);
    coverage.key_without_branch = LookUpHash(look_up_key_, key, false);
    coverage.key_with_branch = LookUpHash(look_up_key_, key, true);
    StagedCoverage row{.individual = individual ? *individual : InsuredAs(person),
                       .record = coverage};
    PostgresDatabase insurers({.conninfo = database_.ConnInfo("kakunin_insurer"),
                               .hash = auth::kSha256,
                               .new_stream = [] { return StreamId{auth::RandomArray<16>()}; }});
    PostgresFeedStore feeds;
    const absl::Status status = insurers.Write(
        std::chrono::steady_clock::now() + std::chrono::seconds(10),
        [&](Transaction& tx) -> absl::Status {
          auto feed = feeds.Begin(tx, insurer_number, FeedKind::kCoverages, person,
                                  FeedId{auth::RandomArray<16>()}, clock_.Now());
          if (!feed.ok()) return feed.status();
          const ChunkRecord chunk{.number = 1, .rows = 1};
          if (auto s = feeds.AppendChunk(tx, *feed, chunk, std::vector{row}, {}, {}); !s.ok()) {
            return s;
          }
          if (auto judged = feeds.Judge(tx, *feed, clock_.Now()); !judged.ok()) {
            return judged.status();
          }
          return feeds.Publish(tx, *feed, clock_.Now(), CopiesOfThisFormat()).status();
        });
    ASSERT_TRUE(status.ok()) << status;
  }

  v1::ConfirmByInsuredNumberRequest Ask(const std::string& number,
                                        const std::string& branch = {}) const {
    v1::ConfirmByInsuredNumberRequest request;
    request.set_insurer_number(kTestInsurer);
    request.set_symbol("1234");
    request.set_number(number);
    request.set_branch_number(branch);
    *request.mutable_birth_date() = DayToProto(kBirth);
    *request.mutable_day() = DayToProto(CivilDayAt(clock_.Now()));
    request.set_form_of_care(v1::FORM_OF_CARE_OUTPATIENT);
    request.set_limit_certificate_consent(v1::DECISION_NOT_ASKED);
    request.set_document_shown(v1::DOCUMENT_SHOWN_ELIGIBILITY_CERTIFICATE);
    return request;
  }

  std::unique_ptr<v1::EligibilityService::Stub> StubOf(Caller caller = Caller::kTerminal) const {
    return v1::EligibilityService::NewStub(port_->Channel(caller));
  }

  static grpc::Status Confirm(v1::EligibilityService::Stub& stub,
                              const v1::ConfirmByInsuredNumberRequest& request,
                              v1::ConfirmByInsuredNumberResponse& response,
                              std::chrono::milliseconds within = std::chrono::seconds(5)) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + within);
    return stub.ConfirmByInsuredNumber(&context, request, &response);
  }

  v1::Validity ValidityOf(const v1::ConfirmByInsuredNumberRequest& request) {
    v1::ConfirmByInsuredNumberResponse response;
    const auto stub = StubOf();
    const grpc::Status status = Confirm(*stub, request, response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.validity();
  }

  // What the record lane judges the certificates of consents by.
  std::shared_ptr<const auth::RevocationSnapshot> Revocations() {
    const std::lock_guard lock(revocations_lock_);
    return revocations_;
  }
  void SetRevocations(std::shared_ptr<const auth::RevocationSnapshot> revocations) {
    const std::lock_guard lock(revocations_lock_);
    revocations_ = std::move(revocations);
  }

  int64_t Count(const std::string& sql) const { return database_.Exec(sql)[0][0].as<int64_t>(); }

  int LanePid() const {
    return database_
        .Exec(std::string("SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
                          " AND application_name = '") +
              kLaneName + "'")[0][0]
        .as<int>();
  }

  const TestDatabase database_;
  SettableClock clock_;
  OpenGuard guard_;
  ForwardedCards unlinked_;
  BatchSizes batches_;
  const auth::HmacKey audit_key_ = TestKey("audit");
  const auth::HmacKey look_up_key_ = TestKey("look-up");
  const auth::PatientHandleKey handle_key_{auth::AsBytes("0123456789abcdef0123456789abcdef")};
  const ConfirmationRules rules_;
  const Contact contact_;
  FailedRows failed_rows_;
  const PortHealth health_{Port::kTerminal, [] { return true; }};
  const RecordRules record_rules_;
  BatchSizes record_batches_;
  std::mutex revocations_lock_;
  std::shared_ptr<const auth::RevocationSnapshot> revocations_;
  EligibilityRpc eligibility_;
  RecordRpc records_;
  ConsentRpc consents_;
  AccessLogRpc accesses_;
  HealthRpc health_rpc_;
  std::unique_ptr<RpcServer> port_;
  std::unique_ptr<ConfirmationStore> store_;
  std::unique_ptr<ConfirmEligibility> usecase_;
  std::unique_ptr<EligibilityHandler> handler_;
  std::unique_ptr<Lane> lane_;
  std::unique_ptr<RecordStore> record_store_;
  std::unique_ptr<ReadRecords> read_records_;
  std::unique_ptr<ConsentDesk> consent_desk_;
  std::unique_ptr<ConsentHandler> consent_handler_;
  std::unique_ptr<RecordHandler> record_handler_;
  std::unique_ptr<AccessLogStore> access_store_;
  std::unique_ptr<ListAccesses> list_accesses_;
  std::unique_ptr<AccessLogHandler> access_handler_;
  std::unique_ptr<RecordLaneHandler> record_lane_handler_;
  std::unique_ptr<Lane> record_lane_;
};

}  // namespace kakunin
