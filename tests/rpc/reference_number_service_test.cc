// What a facility calls its patients by (照会番号), from the call that sets it to the desk's
// answers: real TLS, lanes and PostgreSQL.
#include "server/rpc/reference_number_service.h"

#include <fmt/format.h>

#include "kakunin/v1/reference_number_service.grpc.pb.h"
#include "server/rpc/status.h"
#include "storage/postgres/reference_number_store.h"
#include "storage/postgres/registry_store.h"
#include "tests/rpc/card_confirmation_fixture.h"

namespace kakunin {
namespace {

using Stub = v1::ReferenceNumberService::Stub;
using Numbers = std::vector<std::string>;

constexpr char kOtherFacility[] = "1318000002";

class ReferenceNumberServiceTest : public CardConfirmationTest {
 protected:
  ReferenceNumberServiceTest() {
    RegisterOthers();
    while (port_->registry().Current()->FindTerminal(kOtherFacility, "desk-1") == nullptr) {
      std::this_thread::yield();
    }
    desk_ = std::make_unique<RpcServer>(database_, clock_, Port::kTerminal);
    service_ = MakeReferenceNumberService({desk_->dispatch(), desk_->database(), numbers_, guard_,
                                           look_up_key_, audit_key_, handle_key_});
    desk_->Start(*service_);
    Insure(1, "1000001", "01");
    Insure(2, "1000002", "01");
  }
  ~ReferenceNumberServiceTest() override { desk_->Stop(); }

  // Another facility's desk, and a restricted terminal of this one.
  void RegisterOthers() {
    PostgresRegistryStore store;
    const auto row = [&](const char* facility, const char* terminal, TerminalKind kind,
                         const TestIdentity& identity) {
      return TerminalRow{.facility_code = facility,
                         .terminal_id = terminal,
                         .kind = kind,
                         .fingerprint = identity.fingerprint,
                         .not_before = clock_.Now() - absl::Hours(1),
                         .not_after = clock_.Now() + absl::Hours(24 * 1000)};
    };
    const absl::Status status =
        database_.Open("kakunin_operator")->Write(Soon(), [&](Transaction& tx) -> absl::Status {
          RETURN_IF_ERROR(
              store.PutFacility(tx, {.facility_code = kOtherFacility, .name = "別の診療所"}));
          RETURN_IF_ERROR(store.PutTerminal(
              tx, row(kOtherFacility, "desk-1", TerminalKind::kDesk, elsewhere_)));
          return store.PutTerminal(
              tx, row(kTestFacility, "small-1", TerminalKind::kRestricted, restricted_));
        });
    EXPECT_TRUE(status.ok()) << status;
  }

  static v1::PatientKey Named(const std::string& number, const std::string& branch = "01") {
    v1::PatientKey key;
    key.mutable_insured()->set_insurer_number(kTestInsurer);
    key.mutable_insured()->set_symbol("1234");
    key.mutable_insured()->set_number(number);
    key.mutable_insured()->set_branch_number(branch);
    *key.mutable_insured()->mutable_birth_date() = DayToProto(kBirth);
    return key;
  }
  static v1::PatientKey Handle(const std::string& handle) {
    v1::PatientKey key;
    key.set_patient_handle(handle);
    return key;
  }
  static v1::ReferenceNumberChange Change(const v1::PatientKey& patient, const Numbers& numbers,
                                          v1::ReferenceNumberAction action) {
    v1::ReferenceNumberChange change;
    *change.mutable_patient() = patient;
    change.set_action(action);
    for (const std::string& number : numbers) change.add_reference_numbers(number);
    return change;
  }

  template <class Request, class Response>
  std::string Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                   const Request& request, Response& response,
                   const TestIdentity& who = IdentityOf(Caller::kTerminal)) {
    response.Clear();
    grpc::ClientContext context;
    context.AddMetadata("kakunin-role", "GENERAL");
    const auto stub = v1::ReferenceNumberService::NewStub(desk_->Channel(who));
    const grpc::Status status = (stub.get()->*method)(&context, request, &response);
    return status.ok() ? "" : DescribeError(status).reason;
  }
  // Changes and returns what the patient has then, or the reason of the refusal.
  Numbers Set(const v1::PatientKey& patient, const Numbers& numbers,
              v1::ReferenceNumberAction action = v1::REFERENCE_NUMBER_ACTION_REPLACE,
              const TestIdentity& who = IdentityOf(Caller::kTerminal)) {
    clock_.Advance(absl::Seconds(1));  // what is set later stands later
    v1::ChangeReferenceNumbersRequest request;
    *request.mutable_change() = Change(patient, numbers, action);
    v1::ChangeReferenceNumbersResponse response;
    const std::string reason = Call(&Stub::ChangeReferenceNumbers, request, response, who);
    if (!reason.empty()) return {reason};
    return {response.reference_numbers().begin(), response.reference_numbers().end()};
  }
  Numbers List(const v1::PatientKey& patient,
               const TestIdentity& who = IdentityOf(Caller::kTerminal)) {
    v1::ListReferenceNumbersRequest request;
    *request.mutable_patient() = patient;
    v1::ListReferenceNumbersResponse response;
    const std::string reason = Call(&Stub::ListReferenceNumbers, request, response, who);
    if (!reason.empty()) return {reason};
    return {response.reference_numbers().begin(), response.reference_numbers().end()};
  }
  std::vector<v1::ReferenceNumberResult> SetAll(const std::vector<v1::ReferenceNumberChange>& all) {
    v1::BatchChangeReferenceNumbersRequest request;
    for (const v1::ReferenceNumberChange& change : all) {
      v1::ReferenceNumberUnit& unit = *request.add_units();
      unit.set_row_id(fmt::format("row-{}", request.units_size()));
      *unit.mutable_change() = change;
    }
    v1::BatchChangeReferenceNumbersResponse response;
    batch_reason_ = Call(&Stub::BatchChangeReferenceNumbers, request, response);
    return {response.results().begin(), response.results().end()};
  }

  // What the desk is told by number and by card.
  Numbers ToldByNumber(const std::string& number,
                       const TestIdentity& who = IdentityOf(Caller::kTerminal)) {
    v1::ConfirmByInsuredNumberResponse response;
    const auto stub = v1::EligibilityService::NewStub(port_->Channel(who));
    const grpc::Status status = Confirm(*stub, Ask(number, "01"), response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    handle_ = response.patient_handle();
    return {response.reference_numbers().begin(), response.reference_numbers().end()};
  }
  Numbers ToldByCard() {
    const grpc::Status status = Use(Act());
    EXPECT_TRUE(status.ok()) << status.error_message();
    return {response_.reference_numbers().begin(), response_.reference_numbers().end()};
  }

  const TestIdentity elsewhere_ = IssueTestIdentity({TerminalUri(kOtherFacility, "desk-1")});
  PostgresReferenceNumberStore numbers_;
  const TestIdentity restricted_ = IssueTestIdentity({TerminalUri(kTestFacility, "small-1")});
  std::unique_ptr<QueuedService> service_;
  std::unique_ptr<RpcServer> desk_;
  std::string handle_;
  std::string batch_reason_;
};

TEST_F(ReferenceNumberServiceTest, EveryLaterAnswerHasThemAndNoOtherFacilityIsTold) {
  Link(1);
  EXPECT_EQ(ToldByNumber("1000001"), Numbers{});
  EXPECT_EQ(Set(Named("1000001"), {"A-2", "A-1"}), (Numbers{"A-1", "A-2"}));
  EXPECT_EQ(ToldByNumber("1000001"), (Numbers{"A-1", "A-2"}));
  EXPECT_EQ(ToldByCard(), (Numbers{"A-1", "A-2"}));
  EXPECT_EQ(ToldByNumber("1000002"), Numbers{});
  EXPECT_EQ(ToldByNumber("9999999"), Numbers{});
  EXPECT_EQ(ToldByNumber("1000001", elsewhere_), Numbers{});
  EXPECT_EQ(List(Named("1000001"), elsewhere_), Numbers{});
  // Another facility's numbers of the same patient are its own.
  EXPECT_EQ(Set(Named("1000001"), {"B"}, v1::REFERENCE_NUMBER_ACTION_REPLACE, elsewhere_),
            Numbers{"B"});
  EXPECT_EQ(ToldByNumber("1000001", elsewhere_), Numbers{"B"});
  EXPECT_EQ(ToldByNumber("1000001"), (Numbers{"A-1", "A-2"}));
  EXPECT_EQ(List(Named("1000001")), (Numbers{"A-1", "A-2"}));
}

TEST_F(ReferenceNumberServiceTest, TheyFollowThePersonToAnotherInsurerAndCard) {
  Set(Named("1000001"), {"A-1"});
  // The same individual number at another insurer; the card is linked only now.
  Insure(3, "7000001", "02", {}, kOtherTestInsurer, InsuredAs(1));
  Link(1);
  EXPECT_EQ(ToldByCard(), Numbers{"A-1"});
  v1::ConfirmByInsuredNumberRequest request = Ask("7000001", "02");
  request.set_insurer_number(kOtherTestInsurer);
  v1::ConfirmByInsuredNumberResponse response;
  ASSERT_TRUE(Confirm(*StubOf(), request, response).ok());
  ASSERT_EQ(response.reference_numbers_size(), 1);
  EXPECT_EQ(response.reference_numbers(0), "A-1");
}

TEST_F(ReferenceNumberServiceTest, TheyAreAddedReplacedAndDeleted) {
  ToldByNumber("1000001");
  const v1::PatientKey patient = Handle(handle_);
  EXPECT_EQ(Set(patient, {"B"}), Numbers{"B"});
  EXPECT_EQ(Set(patient, {"A"}, v1::REFERENCE_NUMBER_ACTION_ADD), (Numbers{"B", "A"}));
  EXPECT_EQ(Set(patient, {"A"}, v1::REFERENCE_NUMBER_ACTION_ADD), (Numbers{"B", "A"}));
  EXPECT_EQ(Set(patient, {"A", "C"}), (Numbers{"A", "C"}));
  EXPECT_EQ(Set(patient, {"A", "none"}, v1::REFERENCE_NUMBER_ACTION_DELETE), Numbers{"C"});
  EXPECT_EQ(Set(patient, {}, v1::REFERENCE_NUMBER_ACTION_DELETE), Numbers{});
  EXPECT_EQ(ToldByNumber("1000001"), Numbers{});
  // Each is audited with its person, and none of it holds a number.
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.audit_event WHERE operation = 91 AND code = 0"
                  " AND person IS NOT NULL AND details LIKE 'action=%'"),
            6);
}

TEST_F(ReferenceNumberServiceTest, UpToFiftyCharactersAreKeptAsTheyAre) {
  std::string fifty;
  for (int i = 0; i < 50; ++i) fifty += "漢";
  EXPECT_EQ(Set(Named("1000001"), {fifty, " a ", "Ａ"}), (Numbers{" a ", fifty, "Ａ"}));
  EXPECT_EQ(ToldByNumber("1000001"), (Numbers{" a ", fifty, "Ａ"}));
  EXPECT_EQ(Set(Named("1000001"), {fifty + "漢"}), Numbers{"INVALID_FIELDS"});
  EXPECT_EQ(Set(Named("1000001"), {"a\tb"}), Numbers{"INVALID_FIELDS"});
  EXPECT_EQ(Set(Named("1000001"), {"a\u0085"}), Numbers{"INVALID_FIELDS"});
  EXPECT_EQ(Set(Named("1000001"), {"a\x7f"}), Numbers{"INVALID_FIELDS"});
  EXPECT_EQ(Set(Named("1000001"), {std::string("a\0", 2)}), Numbers{"INVALID_FIELDS"});
  EXPECT_EQ(Set(Named("1000001"), {" "}), Numbers{"INVALID_FIELDS"});
  EXPECT_EQ(Set(Named("1000001"), {}), Numbers{"INVALID_FIELDS"});
  EXPECT_EQ(Set(Named("1000001"), Numbers(11, "x")), Numbers{"INVALID_FIELDS"});
  EXPECT_EQ(Set(Named("1000001"), {"1", "2", "3", "4", "5", "6", "7", "8"},
                v1::REFERENCE_NUMBER_ACTION_ADD),
            Numbers{"REFERENCE_NUMBER_LIMIT"});
  EXPECT_EQ(List(Named("1000001")).size(), 3u);
}

TEST_F(ReferenceNumberServiceTest, WhoIsNotOnePersonIsRefused) {
  Insure(4, "1000001", "02");
  EXPECT_EQ(Set(Named("1000001", ""), {"A"}), Numbers{"BRANCH_NUMBER_NEEDED"});
  EXPECT_EQ(List(Named("1000001", "")), Numbers{"BRANCH_NUMBER_NEEDED"});
  EXPECT_EQ(Set(Named("1000009"), {"A"}), Numbers{"PATIENT_NOT_FOUND"});
  EXPECT_EQ(Set(Handle("no handle"), {"A"}), Numbers{"PATIENT_HANDLE_REFUSED"});
  ToldByNumber("1000002");
  EXPECT_EQ(Set(Handle(handle_), {"A"}, v1::REFERENCE_NUMBER_ACTION_REPLACE, elsewhere_),
            Numbers{"PATIENT_HANDLE_REFUSED"});
  guard_.open = false;
  EXPECT_EQ(Set(Named("1000001"), {"A"}), Numbers{"INQUIRY_LIMIT"});
  EXPECT_EQ(List(Named("1000001")), Numbers{"INQUIRY_LIMIT"});
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.reference_number"), 0);
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.audit_event WHERE operation IN (91, 93)"
                  " AND reason <> ''"),
            7);
}

TEST_F(ReferenceNumberServiceTest, OneUnitsErrorKeepsNoOtherFromBeingDone) {
  constexpr auto kReplace = v1::REFERENCE_NUMBER_ACTION_REPLACE;
  Set(Named("1000002"), {"old"});
  const auto results = SetAll(
      {Change(Named("1000001"), {"A-1"}, kReplace), Change(Named("1000009"), {"X"}, kReplace),
       Change(Named("1000002"), {std::string(51, 'x')}, kReplace),
       Change(Named("1000002"), {"A-2"}, kReplace), Change(Named("1000002"), {"A-3"}, kReplace)});
  ASSERT_EQ(results.size(), 5u) << batch_reason_;
  const auto outcome = [&](size_t i) {
    std::string told = results[i].row_id() + ":";
    for (const std::string& number : results[i].reference_numbers()) told += " " + number;
    if (results[i].has_error()) told += " " + results[i].error().reason();
    return told;
  };
  EXPECT_EQ(outcome(0), "row-1: A-1");
  EXPECT_EQ(outcome(1), "row-2: PATIENT_NOT_FOUND");
  EXPECT_EQ(outcome(2), "row-3: INVALID_FIELDS");
  EXPECT_EQ(results[2].error().violations(0).field(), "change.reference_numbers[0]");
  EXPECT_EQ(outcome(3), "row-4: A-2");
  EXPECT_EQ(outcome(4), "row-5: A-2 A-3");  // two rows of one patient count together
  EXPECT_EQ(ToldByNumber("1000001"), Numbers{"A-1"});
  EXPECT_EQ(ToldByNumber("1000002"), (Numbers{"A-2", "A-3"}));
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.audit_event WHERE operation = 92"), 5);
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.reference_number r JOIN kakunin.audit_event a"
                  " ON a.stream = r.stream AND a.number = r.audit_number WHERE a.operation = 92"),
            3);
}

TEST_F(ReferenceNumberServiceTest, ABatchIsBoundedAndNobodyGuessesByIt) {
  EXPECT_TRUE(SetAll({}).empty());
  EXPECT_EQ(batch_reason_, "INVALID_FIELDS");
  const auto nobody = Change(Named("1000009"), {"X"}, v1::REFERENCE_NUMBER_ACTION_REPLACE);
  SetAll(std::vector(1001, nobody));
  EXPECT_EQ(batch_reason_, "INVALID_FIELDS");
  EXPECT_EQ(SetAll(std::vector(1000, nobody)).size(), 1000u) << batch_reason_;
  SetAll({nobody});
  EXPECT_EQ(batch_reason_, "INQUIRY_LIMIT");
  clock_.Advance(absl::Hours(24));
  EXPECT_EQ(SetAll({nobody}).size(), 1u) << batch_reason_;
}

TEST_F(ReferenceNumberServiceTest, ARestrictedTerminalIsToldWhatItsScreenShows) {
  ASSERT_EQ(Set(Named("1000001"), {"A-1"}), Numbers{"A-1"});
  EXPECT_EQ(ToldByNumber("1000001"), Numbers{"A-1"});
  EXPECT_FALSE(handle_.empty());
  EXPECT_EQ(ToldByNumber("1000001", restricted_), Numbers{});
  EXPECT_TRUE(handle_.empty());
}

TEST_F(ReferenceNumberServiceTest, ARestrictedTerminalAndAnotherFacilitysCodeAreRefused) {
  v1::ListReferenceNumbersRequest request;
  *request.mutable_patient() = Named("1000001");
  request.set_facility_code(kOtherFacility);
  v1::ListReferenceNumbersResponse response;
  EXPECT_EQ(Call(&Stub::ListReferenceNumbers, request, response), "FACILITY_CODE_DIFFERS");
  EXPECT_EQ(Set(Named("1000001"), {"A"}, v1::REFERENCE_NUMBER_ACTION_REPLACE, restricted_),
            Numbers{"TERMINAL_RESTRICTED"});
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.reference_number"), 0);
}

}  // namespace
}  // namespace kakunin
