// Two persons found to be one, and one found to be two, from the two operators' calls to what desks
// and consulting rooms are told: lanes, mutual TLS, PostgreSQL.
#include <fmt/format.h>

#include <string>

#include "kakunin/v1/operations_service.grpc.pb.h"
#include "kakunin/v1/record_service.grpc.pb.h"
#include "server/rpc/operations_service.h"
#include "server/rpc/record_octets.h"
#include "server/rpc/status.h"
#include "server/usecases/feed_keys.h"
#include "storage/postgres/coverage_history_store.h"
#include "storage/postgres/feed_store.h"
#include "storage/postgres/identity_case_store.h"
#include "storage/postgres/number_store.h"
#include "storage/postgres/person_repair_store.h"
#include "storage/postgres/protection_store.h"
#include "storage/postgres/request_store.h"
#include "storage/postgres/text_value.h"
#include "tests/postgres/feed_driver.h"
#include "tests/rpc/card_confirmation_fixture.h"

namespace kakunin {
namespace {

using Stub = v1::OperationsService::Stub;

constexpr char kNumber[] = "123456789018";       // its check digit is right
constexpr char kOtherNumber[] = "234567890121";  // likewise

class PersonRepairTest : public CardConfirmationTest {
 protected:
  PersonRepairTest() {
    const TestIdentity second = IssueTestIdentity({"spiffe://kakunin.test/operator/operator-2"});
    database_.Exec(fmt::format(
        "INSERT INTO kakunin.party SELECT kind, 'operator-2', display_name, '{}', not_before,"
        " not_after, active, generation FROM kakunin.party WHERE kind = 3 AND name = '{}'",
        ByteaText(second.fingerprint), kTestOperator));
    operators_ = std::make_unique<RpcServer>(database_, clock_, Port::kOperator);
    operations_ = MakeOperationsService(
        {operators_->dispatch(), operators_->database(), operators_->registry_store(), requests_,
         feeds_, histories_, look_up_key_, audit_key_, protections_, number_key_, repairs_, cases_,
         numbers_, CopiesOfThisFormat()});
    operators_->Start(*operations_);
    first_ = v1::OperationsService::NewStub(operators_->Channel(Caller::kOperator));
    second_ = v1::OperationsService::NewStub(operators_->Channel(second));
  }
  ~PersonRepairTest() override { operators_->Stop(); }

  // A dispensed drug of `person`, as its reviewer pushes it.
  void Dispense(uint8_t person, const std::string& drug) {
    Receipt receipt;
    receipt.reviewer_number = kTestReviewer;
    receipt.reference = fmt::format("C{}", person);
    receipt.treatment_month = absl::CivilMonth(CivilDayAt(clock_.Now()));
    receipt.kind = ReceiptKind::kDispensing;
    receipt.facility = {kTestFacility, "見本薬局"};
    receipt.drug_days.push_back({.dispensing_day = CivilDayAt(clock_.Now()),
                                 .drugs = {{.code = "610406079", .name = drug}}});
    StagedReceipt row{.individual = IndividualNumberHash{.key_id = "k"}, .record = receipt};
    row.individual->hash[0] = person;
    FeedDriver reviewer(database_, kTestReviewer, FeedKind::kReceipts, CopiesOfThisFormat());
    const auto published = reviewer.Publish(reviewer.Stage(person, std::vector{row}), clock_.Now());
    ASSERT_TRUE(published.ok()) << published.status();
  }

  static void SetCoverage(const char* insurer, int person, v1::PersonSubject& subject) {
    subject.mutable_coverage()->set_party_number(insurer);
    subject.mutable_coverage()->set_reference(fmt::format("ref-{}", person));
  }
  static v1::ProposePersonRepairRequest MergeRequest() {
    v1::ProposePersonRepairRequest request;
    request.set_request_id(TestUuid());
    request.set_proposed_by("係長");
    SetCoverage(kTestInsurer, 1, *request.mutable_merge()->mutable_stays());
    SetCoverage(kOtherTestInsurer, 2, *request.mutable_merge()->mutable_given_up());
    return request;
  }
  static v1::ProposePersonRepairRequest SplitRequest() {
    v1::ProposePersonRepairRequest request;
    request.set_request_id(TestUuid());
    request.set_proposed_by("係長");
    SetCoverage(kTestInsurer, 1, *request.mutable_split()->mutable_person());
    return request;
  }

  template <class Request, class Response>
  std::string Call(const std::unique_ptr<Stub>& stub,
                   grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                   const Request& request, Response& response) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    const grpc::Status status = ((*stub).*method)(&context, request, &response);
    if (!status.ok()) {
      last_details_ = status.error_details();
      return DescribeError(status).reason;
    }
    return "";
  }
  // Proposes as the first operator and returns the repair's id.
  std::string Propose(const v1::ProposePersonRepairRequest& request) {
    proposed_.Clear();
    EXPECT_EQ(Call(first_, &Stub::ProposePersonRepair, request, proposed_), "");
    return proposed_.repair().repair_id();
  }
  std::string Approve(const std::unique_ptr<Stub>& stub, const std::string& repair_id,
                      bool validate_only = false) {
    v1::ApprovePersonRepairRequest request;
    request.set_request_id(TestUuid());
    request.set_repair_id(repair_id);
    request.set_approved_by("課長");
    request.set_validate_only(validate_only);
    approved_.Clear();
    return Call(stub, &Stub::ApprovePersonRepair, request, approved_);
  }
  std::string Apply(const v1::ProposePersonRepairRequest& request) {
    const std::string repair_id = Propose(request);
    clock_.Advance(absl::Seconds(1));  // what was asked before was asked before
    EXPECT_EQ(Approve(second_, repair_id), "");
    return repair_id;
  }

  // The insurers whom a card act tells of, which agrees to everything.
  std::string TellByCard() {
    clock_.Advance(absl::Seconds(1));
    const grpc::Status status = Use(Act(v1::DECISION_AGREED));
    EXPECT_TRUE(status.ok()) << DescribeError(status).reason;
    std::set<std::string> insurers;
    for (const v1::Coverage& coverage : response_.coverages()) {
      insurers.insert(coverage.insurer_number());
    }
    std::string told;
    for (const std::string& insurer : insurers) told += insurer + " ";
    return told;
  }
  // The drugs that the consulting room sees behind the last card act.
  std::string Drugs() {
    v1::GetDrugHistoryRequest request;
    request.mutable_patient()->set_patient_handle(response_.patient_handle());
    request.set_form_of_care(v1::FORM_OF_CARE_OUTPATIENT);
    v1::GetDrugHistoryResponse response;
    grpc::ClientContext context;
    context.AddMetadata("kakunin-role", "DOCTOR");
    const grpc::Status status = v1::RecordService::NewStub(port_->Channel(Caller::kTerminal))
                                    ->GetDrugHistory(&context, request, &response);
    if (!status.ok()) return DescribeError(status).reason;
    std::string names;
    for (const v1::DrugMonth& month : response.months()) {
      for (const v1::DrugDay& day : month.days()) {
        for (const v1::Drug& drug : day.drugs()) names += drug.name() + " ";
      }
    }
    return names;
  }

  PostgresRequestStore requests_;
  PostgresFeedStore feeds_;
  PostgresCoverageHistoryStore histories_;
  PostgresProtectionStore protections_;
  PostgresPersonRepairStore repairs_;
  PostgresIdentityCaseStore cases_;
  PostgresNumberStore numbers_;
  const auth::HmacKey number_key_ = TestKey("individual number");
  std::unique_ptr<RpcServer> operators_;
  std::unique_ptr<grpc::Service> operations_;
  std::unique_ptr<Stub> first_;
  std::unique_ptr<Stub> second_;
  v1::ProposePersonRepairResponse proposed_;
  v1::ApprovePersonRepairResponse approved_;
  std::string last_details_;
};

const std::string kBothInsurers = fmt::format("{} {} ", kTestInsurer, kOtherTestInsurer);

TEST_F(PersonRepairTest, MergedAndSplitBackDesksAndRoomsAreToldAsBefore) {
  Insure(1, "1000001", "01");
  Insure(2, "1000002", "01", {}, kOtherTestInsurer);
  Link(2);
  Dispense(1, "ブロプレス錠１２");
  Dispense(2, "ガスターＤ錠２０ｍｇ");
  const std::string by_card = TellByCard();
  EXPECT_EQ(by_card, fmt::format("{} ", kOtherTestInsurer));
  EXPECT_EQ(Drugs(), "ガスターＤ錠２０ｍｇ ");
  EXPECT_EQ(ValidityOf(Ask("1000001", "01")), v1::VALIDITY_VALID);

  // Looking proposes nothing, and tells what would move.
  auto look = MergeRequest();
  look.set_validate_only(true);
  EXPECT_EQ(Propose(look), "");
  EXPECT_EQ(proposed_.moves_size(), 5);  // number, coverage, card, consent, receipt
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.person_repair"), 0);

  const std::string merge = Propose(MergeRequest());
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.identity_case_person WHERE ended_at IS NULL"), 2);
  EXPECT_EQ(Approve(first_, merge), "REPAIR_SAME_OPERATOR");
  EXPECT_EQ(Approve(second_, merge, /*validate_only=*/true), "");
  EXPECT_EQ(approved_.moves_size(), 5);
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.person_repair WHERE state = 1"), 1);
  EXPECT_EQ(Approve(second_, merge), "");
  EXPECT_EQ(approved_.repair().state(), v1::PERSON_REPAIR_STATE_APPLIED);
  EXPECT_EQ(approved_.repair().decided().operator_(), "operator-2");
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.identity_case_person WHERE ended_at IS NULL"), 0);
  EXPECT_EQ(Approve(second_, merge), "REPAIR_DECIDED");

  EXPECT_EQ(TellByCard(), kBothInsurers);
  EXPECT_EQ(Drugs(), "ブロプレス錠１２ ガスターＤ錠２０ｍｇ ");
  EXPECT_EQ(ValidityOf(Ask("1000001", "01")), v1::VALIDITY_VALID);

  auto back = SplitRequest();
  back.mutable_split()->set_undoes_repair_id(merge);
  Apply(back);
  EXPECT_EQ(approved_.exposures(), 2);  // this desk: by card, and the records
  EXPECT_EQ(TellByCard(), by_card);
  EXPECT_EQ(Drugs(), "ガスターＤ錠２０ｍｇ ");
  EXPECT_EQ(ValidityOf(Ask("1000001", "01")), v1::VALIDITY_VALID);

  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.audit_event WHERE operation BETWEEN 80 AND 84"), 8);
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.audit_event WHERE operation = 81"
                  " AND reason = 'REPAIR_SAME_OPERATOR'"),
            1);
}

TEST_F(PersonRepairTest, APastAnswerIsExplainedAsItWas) {
  Insure(1, "1000001", "01");
  Insure(2, "1000002", "01", {}, kOtherTestInsurer);
  const absl::Time before = clock_.Now();
  clock_.Advance(absl::Seconds(1));
  Apply(MergeRequest());
  v1::OperationsServiceExplainCoverageRequest request;
  request.set_insurer_number(kOtherTestInsurer);
  request.mutable_subject()->set_coverage_reference("ref-2");
  *request.mutable_known_time() = TimeToProto(before);
  v1::OperationsServiceExplainCoverageResponse response;
  ASSERT_EQ(Call(first_, &Stub::ExplainCoverage, request, response), "");
  int known_then = 0;
  for (const v1::CoverageVersion& version : response.versions()) {
    known_then += version.known() && version.coverage_reference() == "ref-2" ? 1 : 0;
  }
  EXPECT_EQ(known_then, 1);
}

TEST_F(PersonRepairTest, TheSecondPersonOfASplitIsMadeWithItsNumber) {
  Insure(1, "1000001", "01");
  Insure(2, "1000002", "01", {}, kOtherTestInsurer);
  Link(2);
  Apply(MergeRequest());
  auto split = SplitRequest();
  split.mutable_split()->add_individual_numbers(kNumber);
  auto& named = *split.mutable_split()->add_coverages();
  named.set_party_number(kOtherTestInsurer);
  named.set_reference("ref-2");
  split.mutable_split()->set_only_named(true);
  // Looking at a split that names nothing tells what there is.
  auto look = SplitRequest();
  look.set_validate_only(true);
  Propose(look);
  EXPECT_EQ(proposed_.moves_size(), 0);
  EXPECT_EQ(proposed_.stays_size(), 5);  // two numbers, two coverages, a card
  Apply(split);
  EXPECT_EQ(approved_.moves_size(), 2);
  EXPECT_EQ(approved_.stays_size(), 4);
  EXPECT_EQ(TellByCard(), fmt::format("{} ", kTestInsurer));
  const auto hash = HashOf(number_key_, *IndividualNumber::Parse(kNumber));
  EXPECT_EQ(
      Count(fmt::format("SELECT count(*) FROM kakunin.coverage c JOIN kakunin.person_number n"
                        " USING (person_id) WHERE n.number_hash = '{}' AND c.known_to IS NULL",
                        ByteaText(hash.hash))),
      1);
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.person"), 3);
}

TEST_F(PersonRepairTest, AProposalThatIsWithdrawnMovesNothingAndEndsItsCase) {
  Insure(1, "1000001", "01");
  Insure(2, "1000002", "01", {}, kOtherTestInsurer);
  const std::string repair = Propose(MergeRequest());
  v1::ProposePersonRepairResponse again;
  EXPECT_EQ(Call(second_, &Stub::ProposePersonRepair, MergeRequest(), again), "REPAIR_PENDING");
  v1::ListPersonRepairsRequest waiting;
  waiting.set_waiting_only(true);
  v1::ListPersonRepairsResponse list;
  ASSERT_EQ(Call(second_, &Stub::ListPersonRepairs, waiting, list), "");
  ASSERT_EQ(list.repairs_size(), 1);
  EXPECT_EQ(list.repairs(0).proposed().decided_by(), "係長");
  EXPECT_FALSE(list.repairs(0).case_id().empty());

  v1::WithdrawPersonRepairRequest request;
  request.set_request_id(TestUuid());
  request.set_repair_id(repair);
  request.set_withdrawn_by("係長");
  v1::WithdrawPersonRepairResponse response;
  ASSERT_EQ(Call(first_, &Stub::WithdrawPersonRepair, request, response), "");
  EXPECT_EQ(response.repair().state(), v1::PERSON_REPAIR_STATE_WITHDRAWN);
  EXPECT_EQ(Approve(second_, repair), "REPAIR_DECIDED");
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.person_repair_move"), 0);
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.identity_case WHERE state = 1"), 0);
  ASSERT_EQ(Call(second_, &Stub::ListPersonRepairs, waiting, list), "");
  EXPECT_EQ(list.repairs_size(), 0);
}

TEST_F(PersonRepairTest, WhatCannotBeRepairedIsRefusedWithItsReason) {
  Insure(1, "1000001", "01");
  Insure(2, "1000002", "01", {}, kOtherTestInsurer);
  v1::ProposePersonRepairResponse response;
  const auto refused = [&](const v1::ProposePersonRepairRequest& request) {
    return Call(first_, &Stub::ProposePersonRepair, request, response);
  };
  auto unknown = MergeRequest();
  unknown.mutable_merge()->mutable_stays()->mutable_coverage()->set_reference("nobody's");
  EXPECT_EQ(refused(unknown), "PERSON_NOT_FOUND");
  auto one = MergeRequest();
  *one.mutable_merge()->mutable_given_up() = one.merge().stays();
  EXPECT_EQ(refused(one), "REPAIR_ONE_PERSON");
  auto foreign = SplitRequest();
  auto& coverage = *foreign.mutable_split()->add_coverages();
  coverage.set_party_number(kOtherTestInsurer);
  coverage.set_reference("ref-2");
  EXPECT_EQ(refused(foreign), "REPAIR_ROW_NOT_HELD");
  EXPECT_EQ(refused(SplitRequest()), "REPAIR_ROW_NOT_HELD");
  auto undoes = SplitRequest();
  undoes.mutable_split()->set_undoes_repair_id(TestUuid());
  EXPECT_EQ(refused(undoes), "REPAIR_NOT_FOUND");
  EXPECT_EQ(Approve(second_, TestUuid()), "REPAIR_NOT_FOUND");
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.person_repair"), 0);
}

TEST_F(PersonRepairTest, FieldsAtFaultAreAllToldAndNoNumberIs) {
  v1::ProposePersonRepairRequest request;
  request.mutable_merge()->mutable_stays()->set_individual_number("123456789012");
  v1::ProposePersonRepairResponse response;
  EXPECT_EQ(Call(first_, &Stub::ProposePersonRepair, request, response), "INVALID_FIELDS");
  for (const char* field :
       {"request_id", "proposed_by", "merge.stays.individual_number", "merge.given_up"}) {
    EXPECT_NE(last_details_.find(field), std::string::npos) << field;
  }
  EXPECT_EQ(last_details_.find("123456789012"), std::string::npos);
}

TEST_F(PersonRepairTest, AReplacedNumberLeadsToItsPersonFromTheApprovalOn) {
  const auto old_hash = HashOf(number_key_, *IndividualNumber::Parse(kNumber));
  ASSERT_TRUE(IndividualNumber::Parse(kOtherNumber)->HasValidCheckDigit());
  Insure(1, "1000001", "01", {}, kTestInsurer, old_hash);
  v1::ProposePersonRepairRequest request;
  request.set_request_id(TestUuid());
  request.set_proposed_by("係長");
  request.mutable_replace_number()->set_old_individual_number(kNumber);
  request.mutable_replace_number()->set_new_individual_number(kOtherNumber);
  *request.mutable_replace_number()->mutable_day() = DayToProto(CivilDayAt(clock_.Now()));
  const std::string repair = Propose(request);
  EXPECT_TRUE(proposed_.repair().case_id().empty());
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.person_number"), 1);
  EXPECT_EQ(Approve(second_, repair), "");
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.person_number WHERE replaced_by IS NOT NULL"), 1);
  EXPECT_EQ(Count("SELECT count(DISTINCT person_id) FROM kakunin.person_number"), 1);
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.person_number"), 2);

  // Two persons are merged first.
  Insure(2, "1000002", "01", {}, kOtherTestInsurer,
         HashOf(number_key_, *IndividualNumber::Parse("345678901234")));
  request.set_request_id(TestUuid());
  request.mutable_replace_number()->set_old_individual_number(kOtherNumber);
  request.mutable_replace_number()->set_new_individual_number("345678901234");
  EXPECT_EQ(Call(first_, &Stub::ProposePersonRepair, request, proposed_), "REPAIR_TWO_PERSONS");
}

}  // namespace
}  // namespace kakunin
