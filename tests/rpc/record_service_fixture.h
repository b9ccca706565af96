#pragma once

#include <fmt/format.h>

#include <string>

#include "domain/month_record.h"
#include "kakunin/v1/record_service.grpc.pb.h"
#include "server/rpc/status.h"
#include "tests/rpc/card_confirmation_fixture.h"
#include "tests/rpc/pushed_records.h"

namespace kakunin {

// RecordServiceTest has one patient with a card, whose records a test has pushed, and asks for
// their drugs.
class RecordServiceTest : public CardConfirmationTest {
 protected:
  RecordServiceTest() {
    Insure(1, "5678910", "01");
    Link(1);
    person_ = database_.Exec("SELECT person_id::text FROM kakunin.answer")[0][0].as<std::string>();
  }

  static std::string HexOf(std::string_view octets) {
    std::string hex;
    for (const char octet : octets) hex += fmt::format("{:02x}", static_cast<uint8_t>(octet));
    return hex;
  }

  // What the lane judges by from now on: a CRL of this instant that lists `serials`, with or
  // without a reason (CRLReason of RFC 5280 5.3.1).
  void RenewCrl(std::initializer_list<uint64_t> serials, std::optional<int> reason = {}) {
    auth::CrlSpec crl = auth::DefaultCrl(clock_.Now());
    for (const uint64_t serial : serials) {
      crl.entries.push_back({.serial = auth::SerialNumber(serial), .reason = reason});
    }
    SetRevocations(std::make_shared<const auth::RevocationSnapshot>(
        auth::SnapshotOf({auth::IssueCrl(crl, CardIssuer())})));
  }

  // A card act that agrees to `agreed` and declines the rest.
  void Consent(std::initializer_list<ConsentKind> agreed) {
    clock_.Advance(absl::Seconds(1));  // of two acts at one instant the stricter would win
    v1::ConfirmByCardRequest request = Act(v1::DECISION_DECLINED);
    for (const ConsentKind kind : agreed) {
      request.mutable_decisions(static_cast<int>(kind) - 1)->set_decision(v1::DECISION_AGREED);
    }
    const grpc::Status status = Use(request);
    ASSERT_TRUE(status.ok()) << status.error_message();
  }

  v1::GetDrugHistoryRequest ByHandle() const {
    v1::GetDrugHistoryRequest request;
    request.mutable_patient()->set_patient_handle(response_.patient_handle());
    request.set_form_of_care(v1::FORM_OF_CARE_OUTPATIENT);
    return request;
  }
  v1::GetDrugHistoryRequest ByNumber() const {
    v1::GetDrugHistoryRequest request;
    v1::InsuredKey& key = *request.mutable_patient()->mutable_insured();
    key.set_insurer_number(kTestInsurer);
    key.set_symbol("1234");
    key.set_number("5678910");
    *key.mutable_birth_date() = DayToProto(kBirth);
    request.set_form_of_care(v1::FORM_OF_CARE_OUTPATIENT);
    return request;
  }

  grpc::Status Drugs(const v1::GetDrugHistoryRequest& request, const char* role = "DOCTOR",
                     Caller caller = Caller::kTerminal) {
    drugs_.Clear();
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(5));
    if (role != nullptr) context.AddMetadata("kakunin-role", role);
    return v1::RecordService::NewStub(port_->Channel(caller))
        ->GetDrugHistory(&context, request, &drugs_);
  }
  std::string ReasonOfDrugs(const v1::GetDrugHistoryRequest& request, const char* role = "DOCTOR") {
    return DescribeError(Drugs(request, role)).reason;
  }
  // Asks for both kinds of certificates as of today.
  grpc::Status Certificates(v1::GetCertificatesResponse& response) {
    v1::GetCertificatesRequest request;
    *request.mutable_patient() = ByNumber().patient();
    request.set_form_of_care(v1::FORM_OF_CARE_OUTPATIENT);
    request.add_kinds(v1::CONSENT_KIND_LIMIT_CERTIFICATE);
    request.add_kinds(v1::CONSENT_KIND_SPECIFIC_DISEASE_CERTIFICATE);
    *request.mutable_day() = DayToProto(CivilDayAt(clock_.Now()));
    response.Clear();
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(5));
    return v1::RecordService::NewStub(port_->Channel(Caller::kTerminal))
        ->GetCertificates(&context, request, &response);
  }

  std::string person_;
  PushedRecords records_{database_, kTestInsurer, clock_, InsuredAs(1)};
  v1::GetDrugHistoryResponse drugs_;
};

}  // namespace kakunin
