#pragma once

#include <fmt/format.h>

#include <string>

#include "domain/month_record.h"
#include "kakunin/v1/record_service.grpc.pb.h"
#include "server/rpc/status.h"
#include "tests/rpc/card_confirmation_fixture.h"

namespace kakunin {

// RecordServiceTest has one patient with a card, whose months and consents a test stores, and asks
// for their drugs.
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

  // Stores a month as the feed does: octets whose facilities stand apart.
  void Store(RecordKind kind, absl::CivilMonth month, std::span<const RecordEntry> entries) {
    const std::string octets = EncodeMonthRecord(entries, auth::kSha256);
    database_.Exec(fmt::format(
        "INSERT INTO kakunin.month_record (person_id, kind, month, format, arrived_at, octets)"
        " VALUES ('{}', {}, '{:04}-{:02}-01', {}, '2026-11-11T00:00:00+09', '\\x{}')",
        person_, static_cast<int>(kind), month.year(), month.month(), kMonthRecordFormat,
        HexOf(octets)));
  }

  void StoreDrugs(absl::CivilMonth month, const std::string& name,
                  v1::DrugSource source = v1::DRUG_SOURCE_RECEIPT,
                  std::optional<absl::CivilDay> reckoned = {}) {
    v1::DrugMonth body;
    body.set_month(fmt::format("{:04}-{:02}", month.year(), month.month()));
    body.set_source(source);
    body.add_days()->add_drugs()->set_name(name);
    v1::DrugMonth facilities;
    facilities.mutable_facility()->set_name("見本薬局");
    const std::string body_octets = body.SerializeAsString();
    const std::string facility_octets = facilities.SerializeAsString();
    const RecordEntry entry{source, body_octets, facility_octets, reckoned};
    Store(RecordKind::kDrug, month, std::span(&entry, 1));
  }

  // What the lane judges by from now on: a CRL of this instant that lists `serials`.
  void RenewCrl(std::initializer_list<uint64_t> serials) {
    auth::CrlSpec crl = auth::DefaultCrl(clock_.Now());
    for (const uint64_t serial : serials) {
      crl.entries.push_back({.serial = auth::SerialNumber(serial)});
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

  std::string person_;
  v1::GetDrugHistoryResponse drugs_;
};

}  // namespace kakunin
