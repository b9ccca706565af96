#pragma once

#include <fmt/format.h>
#include <google/protobuf/message.h>

#include <map>
#include <set>

#include "kakunin/v1/bulk_service.grpc.pb.h"
#include "kakunin/v1/consent_service.grpc.pb.h"
#include "kakunin/v1/reception_link_service.grpc.pb.h"
#include "server/bulk_worker.h"
#include "server/rpc/bulk_service.h"
#include "server/rpc/convert_bulk.h"
#include "server/rpc/reception_link_service.h"
#include "server/usecases/terminal_audit.h"
#include "storage/postgres/application_store.h"
#include "storage/postgres/bulk_lane_store.h"
#include "storage/postgres/bulk_store.h"
#include "storage/postgres/reception_app_store.h"
#include "storage/postgres/reception_link_store.h"
#include "storage/postgres/text_value.h"
#include "tests/rpc/operation_test_fixture.h"

namespace kakunin {

inline constexpr uint8_t kTestPerson = 2;  // whom OperationTestTest publishes
inline constexpr uint8_t kRealPerson = 3;
inline constexpr uint64_t kTestCard = auth::kSerial + 1;
inline constexpr uint64_t kRealCard = auth::kSerial + 2;
inline constexpr uint64_t kNobodysCard = auth::kSerial + 3;
inline constexpr char kReal[] = "8642097";

// What only the real person has. The walk asks by the number: no answer may repeat it.
inline constexpr std::string_view kCanaries[] = {"禁句　真実子", "キンク　マミコ", kReal,
                                                 "秘密県真実市", "999-8877",       "真実薬",
                                                 "真実処置",     "真実手術",       "REAL-8642"};

// OperationTestWorld is every service of the terminals that tells of patients, a test person and a
// real one with cards and records of their own, and a search of answers for the real one.
class OperationTestWorld : public OperationTestTest {
 protected:
  OperationTestWorld() {
    PushPersons();
    PushRecords();
    LinkCard(kTestCard, kTestPerson);
    LinkCard(kRealCard, kRealPerson);
    lists_port_ = std::make_unique<RpcServer>(database_, clock_, Port::kTerminal);
    lists_service_ = MakeBulkService(
        {lists_port_->dispatch(), lists_port_->database(), lists_, audit_key_, look_up_key_,
         [this] {
           if (worker_) worker_->Wake();
         },
         [this](const BulkId& id) {
           if (worker_) worker_->Drop(id);
         }},
        {});
    lists_port_->Start(*lists_service_);
    worker_ = std::make_unique<BulkWorker>(
        MakeBulkLaneStore(database_.ConnInfo("kakunin_terminal"), "", "bulk lane"),
        BulkWorker::Backend{.keys = {audit_key_, handle_key_},
                            .rules = rules_,
                            .build = &BuildAnswerRow,
                            .hash = auth::kSha256,
                            .codec = BulkCodecFor(),
                            .terminal =
                                [this](const BulkHeader& header, absl::Time at) {
                                  return RegisteredTerminal(lists_port_->registry(), header, at);
                                },
                            .cards = [] { return FreshTrust(); }},
        clock_, [] { return false; });
    links_port_ = std::make_unique<RpcServer>(database_, clock_, Port::kTerminal);
    links_service_ =
        MakeReceptionLinkService({links_port_->dispatch(), links_port_->database(), links_, apps_,
                                  look_up_key_, audit_key_, "https://uketsuke.example.jp"});
    links_port_->Start(*links_service_);
    eligibility_stub_ = StubOf();
    records_stub_ = v1::RecordService::NewStub(port_->Channel(Caller::kTerminal));
    consents_stub_ = v1::ConsentService::NewStub(port_->Channel(Caller::kTerminal));
    numbers_stub_ = v1::ReferenceNumberService::NewStub(numbers_port_->Channel(Caller::kTerminal));
    lists_stub_ = v1::BulkService::NewStub(lists_port_->Channel(Caller::kTerminal));
    links_stub_ = v1::ReceptionLinkService::NewStub(links_port_->Channel(Caller::kTerminal));
    real_ = UuidFromText<PersonId>(
        database_
            .Exec(
                "SELECT person_id::text FROM kakunin.coverage WHERE coverage_reference = 'real'")[0]
                                                                                                 [0]
            .c_str());
  }
  ~OperationTestWorld() override {
    worker_.reset();
    lists_port_->Stop();
    links_port_->Stop();
  }

  void PushPersons() {
    const InsuredKey key{.insurer = *InsurerNumber::Parse(kTestInsurer),
                         .symbol = *InsuredSymbol::Parse("1234"),
                         .number = *InsuredNumber::Parse(kReal),
                         .branch = BranchNumber::Parse("01"),
                         .birth_date = kBirth};
    StagedCoverage row = SampleRow(kTestInsurer, "real", kRealPerson);
    row.individual = InsuredAs(kRealPerson);
    row.record.symbol = "１２３４";
    row.record.number = kReal;
    row.record.branch_number = "01";
    row.record.name = {.original = "禁句　真実子", .kana = "キンク　マミコ"};
    row.record.birth_date = kBirth;
    row.record.address = "秘密県真実市一丁目";
    row.record.postal_code = "999-8877";
    row.record.key_without_branch = LookUpHash(look_up_key_, key, false);
    row.record.key_with_branch = LookUpHash(look_up_key_, key, true);
    FeedDriver driver(database_, kTestInsurer, FeedKind::kCoverages, CopiesOfThisFormat());
    ASSERT_TRUE(driver.Publish(driver.Stage(100, std::vector{row}), clock_.Now()).ok());
  }
  void PushRecords() {
    std::vector<StagedReceipt> receipts;
    std::vector<StagedHealthCheck> checks;
    for (const auto& [person, word] : {std::pair{kTestPerson, "試験"}, {kRealPerson, "真実"}}) {
      const absl::CivilMonth month = absl::CivilMonth(CivilDayAt(clock_.Now())) - 1;
      for (Receipt receipt : {DrugReceipt(month, fmt::format("{}薬", word)),
                              TreatmentReceipt(month, fmt::format("{}処置", word), false),
                              TreatmentReceipt(month, fmt::format("{}手術", word), true)}) {
        receipt.reviewer_number = "113";
        receipt.reference = fmt::format("W{}", receipts.size());
        receipts.push_back({.individual = InsuredAs(person), .record = std::move(receipt)});
      }
      HealthCheck check;
      check.reference = fmt::format("W{}", checks.size());
      check.examination_day = absl::CivilDay(month);
      check.registrar_number = kTestInsurer;
      check.facility = {"1310000001", fmt::format("{}薬院", word)};
      check.items = {{.code = "9N001000000000001", .data_type = "PQ", .value = "170.2"}};
      checks.push_back({.individual = InsuredAs(person), .record = std::move(check)});
    }
    FeedDriver reviewer(database_, "113", FeedKind::kReceipts, CopiesOfThisFormat());
    ASSERT_TRUE(reviewer.Publish(reviewer.Stage(100, receipts), clock_.Now()).ok());
    FeedDriver insurer(database_, kTestInsurer, FeedKind::kHealthChecks, CopiesOfThisFormat());
    ASSERT_TRUE(insurer.Publish(insurer.Stage(101, checks), clock_.Now()).ok());
  }
  void LinkCard(uint64_t serial, uint8_t person) {
    CardLinkRow link{.issuer_key_id = CardIssuerKeyId(),
                     .serial = SerialOctets(serial),
                     .medium = 1,
                     .individual = InsuredAs(person)};
    PostgresCardLinkStore links;
    const absl::Status status =
        database_.Open("kakunin_operator")->Write(Soon(), [&](Transaction& tx) {
          return links.Put(tx, std::span(&link, 1), clock_.Now()).status();
        });
    ASSERT_TRUE(status.ok()) << status;
  }
  // As an approval begins it.
  void BeginTestAsApproved() {
    const absl::Status status =
        database_.Open("kakunin_operator")->Write(Soon(), [&](Transaction& tx) {
          return PostgresApplicationStore().DropLists(tx, kTestFacility);
        });
    ASSERT_TRUE(status.ok()) << status;
    BeginTest();
    const int64_t now = Count("SELECT generation FROM kakunin.registry_generation");
    for (const RpcServer* server : {lists_port_.get(), links_port_.get()}) {
      while (server->registry().Current()->generation() < now) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
      }
    }
  }

  // See searches one answer, whatever it is: its octets, the error's, and every handle in it.
  template <class Response>
  void See(Operation operation, const grpc::Status& status, const Response& response) {
    ++answers_;
    called_.insert(operation);
    if (status.ok()) ++answered_[operation];
    const std::string octets =
        response.SerializeAsString() + status.error_message() + status.error_details();
    if (octets.find("髙田　花子") != std::string::npos ||
        octets.find("試験") != std::string::npos) {
      ++of_test_person_;
    }
    if (!testing_) return;
    for (const std::string_view canary : kCanaries) {
      EXPECT_EQ(octets.find(canary), std::string::npos)
          << "operation " << static_cast<int>(operation) << " tells " << canary << ": "
          << response.ShortDebugString() << status.error_message();
    }
    for (const std::string& handle : real_handles_) {
      EXPECT_EQ(octets.find(handle), std::string::npos) << static_cast<int>(operation);
    }
    LookForHandles(operation, response);
  }
  void LookForHandles(Operation operation, const google::protobuf::Message& message) {
    const google::protobuf::Reflection& reflection = *message.GetReflection();
    std::vector<const google::protobuf::FieldDescriptor*> fields;
    reflection.ListFields(message, &fields);
    for (const auto* field : fields) {
      const bool repeated = field->is_repeated();
      const int count = repeated ? reflection.FieldSize(message, field) : 1;
      for (int i = 0; i < count; ++i) {
        if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE) {
          LookForHandles(operation, repeated ? reflection.GetRepeatedMessage(message, field, i)
                                             : reflection.GetMessage(message, field));
        } else if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_STRING) {
          const auto handle = handle_key_.Open(
              kTestFacility, repeated ? reflection.GetRepeatedString(message, field, i)
                                      : reflection.GetString(message, field));
          if (!handle) continue;
          EXPECT_NE(PersonId{handle->person}, real_) << "operation " << static_cast<int>(operation)
                                                     << " gives a handle of the real person";
        }
      }
    }
  }
  // Everything that is kept of the real person's being asked about.
  int64_t RealTraces() const {
    const std::string of = " WHERE person_id = '" + UuidText(real_) + "'";
    int64_t traces = Count("SELECT count(*) FROM kakunin.audit_event WHERE person = '" +
                           UuidText(PseudonymOf(audit_key_, real_)) + "'");
    for (const char* table :
         {"confirmation", "record_access", "consent_act", "consent_end", "reference_number"}) {
      traces += Count(std::string("SELECT count(*) FROM kakunin.") + table + of);
    }
    return traces +
           Count("SELECT count(*) FROM kakunin.notice" + of + " AND acknowledged_at IS NOT NULL");
  }

  bool testing_ = false;
  PersonId real_;
  std::vector<std::string> real_handles_;
  int answers_ = 0;
  int of_test_person_ = 0;
  std::set<Operation> called_;
  std::map<Operation, int> answered_;
  PostgresBulkStore lists_;
  PostgresReceptionLinkStore links_;
  PostgresReceptionAppStore apps_;
  std::unique_ptr<BulkWorker> worker_;
  std::unique_ptr<QueuedService> lists_service_;
  std::unique_ptr<QueuedService> links_service_;
  std::unique_ptr<RpcServer> lists_port_;
  std::unique_ptr<RpcServer> links_port_;
  std::unique_ptr<v1::EligibilityService::Stub> eligibility_stub_;
  std::unique_ptr<v1::RecordService::Stub> records_stub_;
  std::unique_ptr<v1::ConsentService::Stub> consents_stub_;
  std::unique_ptr<v1::ReferenceNumberService::Stub> numbers_stub_;
  std::unique_ptr<v1::BulkService::Stub> lists_stub_;
  std::unique_ptr<v1::ReceptionLinkService::Stub> links_stub_;
};

}  // namespace kakunin
