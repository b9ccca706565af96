#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "kakunin/v1/reference_number_service.grpc.pb.h"
#include "server/rpc/reference_number_service.h"
#include "storage/postgres/reference_number_store.h"
#include "tests/rpc/record_service_fixture.h"

namespace kakunin {

inline constexpr char kRealNumber[] = "5678910";  // RecordServiceTest's patient, who has a card
inline constexpr char kTestNumber[] = "7700001";

// OperationTestTest is a facility that begins and ends its operation test, a published test person
// of kTestNumber, and a real one of kRealNumber.
class OperationTestTest : public RecordServiceTest {
 protected:
  OperationTestTest() {
    Insure(2, kTestNumber, "01");
    Publish(2);
    numbers_port_ = std::make_unique<RpcServer>(database_, clock_, Port::kTerminal);
    numbers_service_ =
        MakeReferenceNumberService({numbers_port_->dispatch(), numbers_port_->database(), numbers_,
                                    guard_, look_up_key_, audit_key_, handle_key_});
    numbers_port_->Start(*numbers_service_);
  }
  ~OperationTestTest() override { numbers_port_->Stop(); }

  void Registry(const std::function<absl::Status(Transaction&, PostgresRegistryStore&)>& act) {
    PostgresRegistryStore store;
    const absl::Status status =
        database_.Open("kakunin_operator")->Write(Soon(), [&](Transaction& tx) {
          return act(tx, store);
        });
    ASSERT_TRUE(status.ok()) << status;
    const int64_t now = Count("SELECT generation FROM kakunin.registry_generation");
    for (const RpcServer* server : {port_.get(), numbers_port_.get()}) {
      while (server != nullptr && server->registry().Current()->generation() < now) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
      }
    }
  }
  // Publishes whom Insure made of `person`.
  void Publish(uint8_t person, bool published = true) {
    const std::string id =
        database_
            .Exec("SELECT person_id::text FROM kakunin.person_number WHERE number_hash = '\\x" +
                  HexOf({reinterpret_cast<const char*>(InsuredAs(person).hash.data()), 32}) +
                  "'")[0][0]
            .as<std::string>();
    PersonId who;
    std::string digits = id;
    std::erase(digits, '-');
    for (size_t i = 0; i < who.octets.size(); ++i) {
      who.octets[i] = static_cast<uint8_t>(std::stoi(digits.substr(2 * i, 2), nullptr, 16));
    }
    Registry([&](Transaction& tx, PostgresRegistryStore& store) {
      return store.PutTestPerson(tx, {.person = who, .published = published});
    });
  }
  void BeginTest() {
    Registry([&](Transaction& tx, PostgresRegistryStore& store) {
      return store.SetOperationTest(tx, kTestFacility, clock_.Now());
    });
  }
  void StartUse() {
    Registry([&](Transaction& tx, PostgresRegistryStore& store) {
      return store.SetOperationTest(tx, kTestFacility, {});
    });
  }

  v1::ConfirmByInsuredNumberResponse Answer(const std::string& number,
                                            const std::string& branch = "01") {
    v1::ConfirmByInsuredNumberResponse response;
    const grpc::Status status = Confirm(*StubOf(), Ask(number, branch), response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }
  static bool Warns(const auto& response) {
    return std::ranges::any_of(response.warnings(), [](const v1::Warning& warning) {
      return warning.reason() == "OPERATION_TEST";
    });
  }

  template <class Service, class Request, class Response>
  std::string Reason(grpc::Status (Service::Stub::*method)(grpc::ClientContext*, const Request&,
                                                           Response*),
                     const Request& request, Response& response, const RpcServer& server) {
    grpc::ClientContext context;
    context.AddMetadata("kakunin-role", "ADMINISTRATOR");
    const auto stub = Service::NewStub(server.Channel(Caller::kTerminal));
    return DescribeError((stub.get()->*method)(&context, request, &response)).reason;
  }
  static v1::PatientKey Key(const std::string& number) {
    v1::PatientKey key;
    key.mutable_insured()->set_insurer_number(kTestInsurer);
    key.mutable_insured()->set_symbol("1234");
    key.mutable_insured()->set_number(number);
    key.mutable_insured()->set_branch_number("01");
    *key.mutable_insured()->mutable_birth_date() = DayToProto(kBirth);
    return key;
  }
  std::string SetNumber(const v1::PatientKey& patient) {
    v1::ChangeReferenceNumbersRequest request;
    *request.mutable_change()->mutable_patient() = patient;
    request.mutable_change()->set_action(v1::REFERENCE_NUMBER_ACTION_REPLACE);
    request.mutable_change()->add_reference_numbers("A-1");
    v1::ChangeReferenceNumbersResponse response;
    return Reason<v1::ReferenceNumberService>(
        &v1::ReferenceNumberService::Stub::ChangeReferenceNumbers, request, response,
        *numbers_port_);
  }
  std::string ListNumbers(const v1::PatientKey& patient) {
    v1::ListReferenceNumbersRequest request;
    *request.mutable_patient() = patient;
    v1::ListReferenceNumbersResponse response;
    return Reason<v1::ReferenceNumberService>(
        &v1::ReferenceNumberService::Stub::ListReferenceNumbers, request, response, *numbers_port_);
  }

  // Everything that is kept of the real person's being asked about.
  int64_t Traces() const {
    const std::string of = " WHERE person_id = '" + person_ + "'";
    return Count("SELECT (SELECT count(*) FROM kakunin.confirmation" + of +
                 ") + (SELECT count(*) FROM kakunin.record_access" + of +
                 ") + (SELECT count(*) FROM kakunin.consent_act" + of +
                 ") + (SELECT count(*) FROM kakunin.consent_end" + of +
                 ") + (SELECT count(*) FROM kakunin.reference_number" + of + ")");
  }

  PostgresReferenceNumberStore numbers_;
  std::unique_ptr<QueuedService> numbers_service_;
  std::unique_ptr<RpcServer> numbers_port_;
};

}  // namespace kakunin
