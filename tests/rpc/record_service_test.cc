// Records from the consent at the desk to the answer: real card, consent, lane, TLS and PostgreSQL.
#include <fmt/format.h>

#include <string>

#include "domain/retention.h"
#include "server/usecases/terminal_audit.h"
#include "tests/rpc/record_service_fixture.h"
#include "tests/support/identity_case.h"
#include "tests/support/protected_person.h"

namespace kakunin {
namespace {

TEST_F(RecordServiceTest, ShowsDrugsForTwentyFourHoursAndNotASecondLonger) {
  records_.Push({DrugReceipt(absl::CivilMonth(2026, 9), "ガスターＤ錠２０ｍｇ")});
  records_.Push({DrugReceipt(absl::CivilMonth(2026, 10), "ブロプレス錠１２")});
  Consent({ConsentKind::kDrug});
  const absl::Time given = clock_.Now();

  clock_.Advance(absl::Hours(24) - absl::Seconds(1));
  RenewCrl({});
  for (const auto& request : {ByHandle(), ByNumber()}) {
    const grpc::Status status = Drugs(request);
    ASSERT_TRUE(status.ok()) << DescribeError(status).reason;
    ASSERT_EQ(drugs_.months_size(), 2);
    EXPECT_EQ(drugs_.months(0).month(), "2026-10");
    EXPECT_EQ(drugs_.months(1).days(0).drugs(0).name(), "ガスターＤ錠２０ｍｇ");
    EXPECT_EQ(drugs_.months(0).facility().name(), "見本薬局");
    EXPECT_EQ(TimeFromProto(drugs_.consent_end_time()), given + absl::Hours(24));
    EXPECT_FALSE(drugs_.audit_id().empty());
    EXPECT_FALSE(drugs_.basis().note().empty());
    EXPECT_TRUE(drugs_.basis().has_latest_arrival_time());
  }
  clock_.Advance(absl::Seconds(1));
  // The handle lasts to the end of the second.
  EXPECT_EQ(ReasonOfDrugs(ByNumber()), "CONSENT_EXPIRED");
  EXPECT_EQ(ReasonOfDrugs(ByHandle()), "CONSENT_EXPIRED");
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(ReasonOfDrugs(ByNumber()), "CONSENT_EXPIRED");
  EXPECT_EQ(ReasonOfDrugs(ByHandle()), "PATIENT_HANDLE_REFUSED");
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.audit_event WHERE operation = 50 AND code = 0"), 2);
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.audit_event WHERE operation = 50"
                  " AND reason = 'CONSENT_EXPIRED' AND person IS NOT NULL"),
            3);
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.record_access WHERE reason = ''"), 2);
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.record_access WHERE reason = 'CONSENT_EXPIRED'"),
            3);
}

TEST_F(RecordServiceTest, EachRefusalHasAReasonOfItsOwn) {
  records_.Push({DrugReceipt(absl::CivilMonth(2026, 10), "ブロプレス錠１２")});
  EXPECT_EQ(ReasonOfDrugs(ByNumber()), "NO_CONSENT");
  v1::GetDrugHistoryRequest stranger = ByNumber();
  stranger.mutable_patient()->mutable_insured()->set_number("999");
  EXPECT_EQ(ReasonOfDrugs(stranger), "NO_CONSENT");
  Consent({ConsentKind::kHealthCheck});
  EXPECT_EQ(ReasonOfDrugs(ByNumber()), "CONSENT_DECLINED");
  Consent({ConsentKind::kDrug});
  EXPECT_EQ(ReasonOfDrugs(ByNumber(), "GENERAL"), "ROLE_NOT_ALLOWED");
  EXPECT_EQ(ReasonOfDrugs(ByNumber(), nullptr), "ROLE_NOT_ALLOWED");
  EXPECT_EQ(ReasonOfDrugs(ByNumber(), "PHARMACIST"), "");
  v1::GetDrugHistoryRequest home = ByNumber();
  home.set_form_of_care(v1::FORM_OF_CARE_HOME_VISIT);
  home.mutable_patient()->mutable_insured()->set_branch_number("01");
  EXPECT_EQ(ReasonOfDrugs(home), "NO_CONSENT");
  v1::GetDrugHistoryRequest broken = ByHandle();
  broken.mutable_patient()->set_patient_handle("no such handle");
  EXPECT_EQ(ReasonOfDrugs(broken), "PATIENT_HANDLE_REFUSED");
  v1::GetDrugHistoryRequest elsewhere = ByNumber();
  elsewhere.set_facility_code("1399999999");
  EXPECT_EQ(ReasonOfDrugs(elsewhere), "FACILITY_CODE_DIFFERS");
}

TEST_F(RecordServiceTest, TwoPersonsUnderOneNumberAreNeverChosenFrom) {
  Insure(2, "5678910", "02");
  Consent({ConsentKind::kDrug});
  EXPECT_EQ(ReasonOfDrugs(ByNumber()), "BRANCH_NUMBER_NEEDED");
  v1::GetDrugHistoryRequest first = ByNumber();
  first.mutable_patient()->mutable_insured()->set_branch_number("01");
  EXPECT_EQ(ReasonOfDrugs(first), "");
  v1::GetDrugHistoryRequest second = ByNumber();
  second.mutable_patient()->mutable_insured()->set_branch_number("02");
  EXPECT_EQ(ReasonOfDrugs(second), "NO_CONSENT");
}

TEST_F(RecordServiceTest, ACertificateRevokedSinceClosesItsConsent) {
  Consent({ConsentKind::kDrug});
  EXPECT_EQ(ReasonOfDrugs(ByNumber()), "");
  RenewCrl({auth::kSerial});
  EXPECT_EQ(ReasonOfDrugs(ByNumber()), "CONSENT_CERTIFICATE_REVOKED");
  SetRevocations(nullptr);
  const ErrorDescription unknown = DescribeError(Drugs(ByNumber()));
  EXPECT_EQ(unknown.reason, "REVOCATION_UNKNOWN");
  EXPECT_TRUE(unknown.retry_after);
}

TEST_F(RecordServiceTest, RenewalOfTheCardLeavesItsConsents) {
  Consent({ConsentKind::kDrug});
  CardLinkRow renewed{.issuer_key_id = CardIssuerKeyId(),
                      .serial = SerialOctets(auth::kSerial + 1),
                      .medium = 1,
                      .individual = {.key_id = "k"},
                      .replaces_issuer_key_id = CardIssuerKeyId(),
                      .replaces_serial = SerialOctets(auth::kSerial)};
  renewed.individual.hash[0] = 1;
  PostgresCardLinkStore links;
  ASSERT_TRUE(database_.Open("kakunin_operator")
                  ->Write(Soon(),
                          [&](Transaction& tx) {
                            return links.Put(tx, std::span(&renewed, 1), clock_.Now()).status();
                          })
                  .ok());
  EXPECT_EQ(ReasonOfDrugs(ByNumber()), "");
  // Listed as well, without a reason or with another: stolen cards are renewed, too.
  RenewCrl({auth::kSerial});
  EXPECT_EQ(ReasonOfDrugs(ByNumber()), "CONSENT_CERTIFICATE_REVOKED");
  RenewCrl({auth::kSerial}, 1);  // keyCompromise
  EXPECT_EQ(ReasonOfDrugs(ByNumber()), "CONSENT_CERTIFICATE_REVOKED");
  RenewCrl({auth::kSerial}, 4);  // superseded
  EXPECT_EQ(ReasonOfDrugs(ByNumber()), "");
}

TEST_F(RecordServiceTest, CertificatesComeFromTheTruthWhileTheRowHasAnotherFormat) {
  Consent({ConsentKind::kLimitCertificate});
  const auto ask = [&](v1::GetCertificatesResponse& response) {
    v1::GetCertificatesRequest request;
    *request.mutable_patient() = ByNumber().patient();
    request.set_form_of_care(v1::FORM_OF_CARE_OUTPATIENT);
    request.add_kinds(v1::CONSENT_KIND_LIMIT_CERTIFICATE);
    *request.mutable_day() = DayToProto(CivilDayAt(clock_.Now()));
    grpc::ClientContext context;
    return v1::RecordService::NewStub(port_->Channel(Caller::kTerminal))
        ->GetCertificates(&context, request, &response);
  };
  database_.Exec(
      "UPDATE kakunin.coverage SET limit_certificates = '[{\"classification\": 1,"
      " \"classification_flag\": \"A03\", \"valid_from\": \"2020-04-01\"}]'");
  database_.Exec("UPDATE kakunin.answer SET format = 1");
  v1::GetCertificatesResponse response;
  const grpc::Status status = ask(response);
  ASSERT_TRUE(status.ok()) << DescribeError(status).reason;
  ASSERT_EQ(response.answers_size(), 1);
  ASSERT_EQ(response.answers(0).limit_certificates_size(), 1);
  EXPECT_EQ(response.answers(0).limit_certificates(0).classification_flag(), "A03");
  EXPECT_TRUE(response.answers(0).refused_reason().empty());
}

TEST_F(RecordServiceTest, ACertificateThatCannotBeReadFailsTheAnswerAndItsAuditRowAlike) {
  Consent({ConsentKind::kLimitCertificate});
  AnswerCoverage coverage{.qualification_date = absl::CivilDay(2018, 7, 1)};
  const auto plant = [&](std::string_view octets) {
    coverage.pieces = {{.kind = PieceKind::kLimitCertificate, .octets = octets}};
    database_.Exec(fmt::format("UPDATE kakunin.answer SET octets = '\\x{}'",
                               HexOf(EncodeAnswerRow(std::span(&coverage, 1)))));
  };
  const auto ask = [&] {
    v1::GetCertificatesRequest request;
    *request.mutable_patient() = ByNumber().patient();
    request.set_form_of_care(v1::FORM_OF_CARE_OUTPATIENT);
    request.add_kinds(v1::CONSENT_KIND_LIMIT_CERTIFICATE);
    *request.mutable_day() = DayToProto(CivilDayAt(clock_.Now()));
    grpc::ClientContext context;
    v1::GetCertificatesResponse response;
    return v1::RecordService::NewStub(port_->Channel(Caller::kTerminal))
        ->GetCertificates(&context, request, &response);
  };
  v1::Coverage holder;
  holder.mutable_limit_certificate()->set_classification_flag("A03");
  const std::string whole = holder.SerializeAsString();
  plant(whole);
  EXPECT_TRUE(ask().ok());
  plant(whole.substr(0, whole.size() - 1));
  const grpc::Status status = ask();
  EXPECT_EQ(DescribeError(status).reason, "INTERNAL");
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.audit_event WHERE operation = 53 AND code = 0"), 1);
  EXPECT_EQ(Count(fmt::format("SELECT count(*) FROM kakunin.audit_event WHERE operation = 53"
                              " AND code = {} AND reason = 'INTERNAL'"
                              " AND answer_digest = '00000000-0000-0000-0000-000000000000'",
                              static_cast<int>(status.error_code()))),
            1);
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.record_access WHERE operation = 53"), 1);
}

TEST_F(RecordServiceTest, MonthsComeFromTheTruthWhileTheirRowHasAnotherFormat) {
  Consent({ConsentKind::kDrug, ConsentKind::kHealthCheck});
  for (const int month : {9, 10}) {
    const std::string name = fmt::format("薬2026-{:02}", month);
    records_.Push({DrugReceipt(absl::CivilMonth(2026, month), name)});
  }
  HealthCheck check;
  check.examination_day = absl::CivilDay(2026, 5, 20);
  check.registrar_number = kTestInsurer;
  check.facility = {"1310000001", "見本医院"};
  check.items = {{.code = "9N001000000000001", .data_type = "PQ", .value = "170.2"}};
  records_.Push(check);
  database_.Exec("UPDATE kakunin.month_record SET format = 1, octets = '\\x00'");
  const grpc::Status status = Drugs(ByNumber());
  ASSERT_TRUE(status.ok()) << DescribeError(status).reason;
  ASSERT_EQ(drugs_.months_size(), 2);
  EXPECT_EQ(drugs_.months(0).month(), "2026-10");
  EXPECT_EQ(drugs_.months(0).days(0).drugs(0).name(), "薬2026-10");
  EXPECT_EQ(drugs_.months(0).facility().name(), "見本薬局");
  EXPECT_EQ(drugs_.months(1).days(0).drugs(0).name(), "薬2026-09");
  EXPECT_TRUE(drugs_.basis().has_latest_arrival_time());
  v1::GetHealthChecksRequest request;
  *request.mutable_patient() = ByNumber().patient();
  request.set_form_of_care(v1::FORM_OF_CARE_OUTPATIENT);
  grpc::ClientContext context;
  context.AddMetadata("kakunin-role", "DOCTOR");
  v1::GetHealthChecksResponse checks;
  ASSERT_TRUE(v1::RecordService::NewStub(port_->Channel(Caller::kTerminal))
                  ->GetHealthChecks(&context, request, &checks)
                  .ok());
  ASSERT_EQ(checks.health_checks_size(), 1);
  EXPECT_EQ(checks.health_checks(0).items(0).value(), "170.2");
}

TEST_F(RecordServiceTest, DataThatHaveHadTheirTimeAreShownToNobodyThoughTheyAreStillThere) {
  const absl::CivilDay today = CivilDayAt(clock_.Now());
  const absl::CivilMonth first = FirstMonthKept(RetainedKind::kDrug, today, {});
  for (const int edge : {-1, 0, 1}) {
    records_.Push({DrugReceipt(first + edge, fmt::format("薬{}", edge))});
  }
  const absl::CivilDay last = today - 100;
  for (const int edge : {-1, 0, 1}) {
    Receipt prescription = DrugReceipt(absl::CivilMonth(2026, 2 + edge),
                                       fmt::format("処方{}", edge), DrugSource::kPrescription);
    prescription.drug_days[0].prescribing_day = last + edge;
    records_.Push({prescription});
  }
  Consent({ConsentKind::kDrug});
  v1::GetDrugHistoryRequest request = ByNumber();
  request.set_with_prescriptions(true);
  request.set_from_month("2021-01");
  ASSERT_TRUE(Drugs(request).ok());
  std::vector<std::string> names;
  for (const v1::DrugMonth& month : drugs_.months()) {
    names.push_back(month.days(0).drugs(0).name());
  }
  EXPECT_EQ(names, (std::vector<std::string>{"処方1", "処方0", "薬1", "薬0"}));
}

TEST_F(RecordServiceTest, WhoGuessesKeysIsStoppedHereToo) {
  guard_.open = false;
  EXPECT_EQ(ReasonOfDrugs(ByNumber()), "INQUIRY_LIMIT");
}

TEST_F(RecordServiceTest, FacilitiesOfAProtectedPatientAreNamedToNobody) {
  records_.Push({DrugReceipt(absl::CivilMonth(2026, 10), "ブロプレス錠１２")});
  Consent({ConsentKind::kDrug});
  ProtectPerson(database_, person_, true, true);
  ASSERT_TRUE(Drugs(ByNumber()).ok());
  ASSERT_EQ(drugs_.months_size(), 1);
  EXPECT_EQ(drugs_.months(0).days(0).drugs(0).name(), "ブロプレス錠１２");
  EXPECT_FALSE(drugs_.months(0).has_facility());
}

TEST_F(RecordServiceTest, WhileACaseIsOpenOnlyWhoHasAConsentIsToldThatRecordsAreWithheld) {
  records_.Push({DrugReceipt(absl::CivilMonth(2026, 10), "ブロプレス錠１２")});
  Consent({ConsentKind::kDrug});
  OpenCaseAboutEverybody(database_);
  EXPECT_EQ(ReasonOfDrugs(ByNumber()), "IDENTITY_IN_QUESTION");
  EXPECT_EQ(ReasonOfDrugs(ByNumber(), "GENERAL"), "ROLE_NOT_ALLOWED");
  clock_.Advance(absl::Hours(24));
  EXPECT_EQ(ReasonOfDrugs(ByNumber()), "CONSENT_EXPIRED");
  clock_.Advance(-absl::Hours(24));
  EndCases(database_);
  EXPECT_EQ(ReasonOfDrugs(ByNumber()), "");
}

TEST_F(RecordServiceTest, TwinsOfTheEPrescriptionServiceComeOnlyWhenAskedForAndRanked) {
  records_.Push({DrugReceipt(absl::CivilMonth(2026, 10), "調剤", DrugSource::kDispensing)});
  Consent({ConsentKind::kDrug});
  v1::GetDrugHistoryRequest request = ByNumber();
  ASSERT_TRUE(Drugs(request).ok());
  EXPECT_EQ(drugs_.months_size(), 0);
  request.set_with_prescriptions(true);
  ASSERT_TRUE(Drugs(request).ok());
  EXPECT_EQ(drugs_.months_size(), 1);
}

TEST_F(RecordServiceTest, MonthsAreCutToWhatWasAskedAndPagedWhenLarge) {
  const std::string long_name(300'000, 'a');
  for (int month = 1; month <= 6; ++month) {
    records_.Push({DrugReceipt(absl::CivilMonth(2026, month), long_name)});
  }
  Consent({ConsentKind::kDrug});
  v1::GetDrugHistoryRequest request = ByNumber();
  request.set_from_month("2026-02");
  request.set_to_month("2026-06");
  std::vector<std::string> months;
  do {
    ASSERT_TRUE(Drugs(request).ok());
    ASSERT_LT(drugs_.ByteSizeLong(), 2u << 20);
    for (const v1::DrugMonth& month : drugs_.months()) months.push_back(month.month());
    request.set_page_token(drugs_.next_page_token());
  } while (!drugs_.next_page_token().empty());
  EXPECT_EQ(months,
            (std::vector<std::string>{"2026-06", "2026-05", "2026-04", "2026-03", "2026-02"}));
  for (const char* token : {"2026-01", "2026-01/1/0", "2026-05/2/0", "2026-05/1/-1", "2026-05/1/",
                            "2026-05/1/0/", "2026-05/x/0", "2026-05//0", "2026-07/1/0"}) {
    request.set_page_token(token);
    EXPECT_EQ(ReasonOfDrugs(request), "INVALID_FIELDS") << token;
  }
}

TEST_F(RecordServiceTest, AMonthLargerThanAPageIsCutByRecordAndEachPageHasItsOwnDigest) {
  std::vector<Receipt> receipts;
  for (int i = 0; i < 7; ++i) {
    receipts.push_back(DrugReceipt(absl::CivilMonth(2026, i < 5 ? 10 : 9),
                                   std::string(400'000, static_cast<char>('a' + i))));
  }
  records_.Push(receipts);
  Consent({ConsentKind::kDrug});
  v1::GetDrugHistoryRequest request = ByNumber();
  std::string names;
  int pages = 0;
  do {
    ASSERT_TRUE(Drugs(request).ok());
    ++pages;
    EXPECT_LE(drugs_.ByteSizeLong(), kMostRecordOctets + 1000);
    std::string sent;
    for (const v1::DrugMonth& month : drugs_.months()) {
      names += month.days(0).drugs(0).name()[0];
      v1::DrugMonth body = month;
      v1::DrugMonth facilities;
      facilities.mutable_facility()->Swap(body.mutable_facility());
      body.clear_facility();
      for (const std::string& part : {body.SerializeAsString(), facilities.SerializeAsString()}) {
        const Digest32 hash = auth::Sha256(part);
        sent.append(hash.begin(), hash.begin() + kEntryDigestOctets);
      }
    }
    const PersonPseudonym digest = KeyedDigest(audit_key_, sent);
    EXPECT_EQ(
        Count("SELECT count(*) FROM kakunin.audit_event WHERE operation = 50"
              " AND answer_digest = '" +
              HexOf({reinterpret_cast<const char*>(digest.octets.data()), digest.octets.size()}) +
              "'"),
        1);
    request.set_page_token(drugs_.next_page_token());
  } while (!drugs_.next_page_token().empty());
  EXPECT_EQ(names, "abcdefg");
  EXPECT_EQ(pages, 4);
}

TEST_F(RecordServiceTest, APageOfManyKindsGoesOnThoughOneKindFillsIt) {
  const std::string long_name(kMostRecordOctets, 'a');
  for (const bool surgery : {false, true}) {
    for (const int month : {9, 10}) {
      records_.Push({TreatmentReceipt(absl::CivilMonth(2026, month), long_name, surgery)});
    }
  }
  Consent({ConsentKind::kSurgery});
  v1::GetTreatmentHistoryRequest request;
  *request.mutable_patient() = ByNumber().patient();
  request.set_form_of_care(v1::FORM_OF_CARE_OUTPATIENT);
  std::vector<std::string> months;
  int pages = 0;
  do {
    v1::GetTreatmentHistoryResponse response;
    grpc::ClientContext context;
    context.AddMetadata("kakunin-role", "DOCTOR");
    const grpc::Status status = v1::RecordService::NewStub(port_->Channel(Caller::kTerminal))
                                    ->GetTreatmentHistory(&context, request, &response);
    ASSERT_TRUE(status.ok()) << DescribeError(status).reason;
    for (const v1::TreatmentMonth& month : response.months()) months.push_back(month.month());
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty() && ++pages < 9);
  EXPECT_EQ(months, (std::vector<std::string>{"2026-10", "2026-09"}));
}

TEST_F(RecordServiceTest, ARowThatFailsAloneIsInternalAndCountedForItsTerminal) {
  records_.Push({DrugReceipt(absl::CivilMonth(2026, 10), "ブロプレス錠１２")});
  Consent({ConsentKind::kDrug});
  EXPECT_EQ(ReasonOfDrugs(ByNumber()), "");
  EXPECT_EQ(failed_rows_.Total(), 0);
  database_.Exec("ALTER TABLE kakunin.record_access ADD CHECK (reason <> '') NOT VALID");
  EXPECT_EQ(ReasonOfDrugs(ByNumber()), "INTERNAL");
  EXPECT_EQ(failed_rows_.Total(), 1);
  EXPECT_EQ(failed_rows_.Of(std::string(kTestFacility) + "/" + kTestTerminal), 1);
}

TEST_F(RecordServiceTest, SurgeryHasAConsentOfItsOwn) {
  const absl::CivilMonth month(2026, 10);
  records_.Push({TreatmentReceipt(month, "再診料", /*surgery=*/false),
                 TreatmentReceipt(month, "手術", /*surgery=*/true)});
  const auto ask = [&](v1::GetTreatmentHistoryResponse& response) {
    v1::GetTreatmentHistoryRequest request;
    *request.mutable_patient() = ByNumber().patient();
    request.set_form_of_care(v1::FORM_OF_CARE_OUTPATIENT);
    grpc::ClientContext context;
    context.AddMetadata("kakunin-role", "DOCTOR");
    return v1::RecordService::NewStub(port_->Channel(Caller::kTerminal))
        ->GetTreatmentHistory(&context, request, &response);
  };
  Consent({ConsentKind::kTreatment});
  v1::GetTreatmentHistoryResponse response;
  ASSERT_TRUE(ask(response).ok());
  ASSERT_EQ(response.months_size(), 1);
  EXPECT_FALSE(response.months(0).treatments(0).surgery());
  EXPECT_TRUE(response.treatment_shown());
  EXPECT_FALSE(response.surgery_shown());
  Consent({ConsentKind::kSurgery});
  v1::GetTreatmentHistoryResponse surgery;
  ASSERT_TRUE(ask(surgery).ok());
  ASSERT_EQ(surgery.months_size(), 1);
  EXPECT_TRUE(surgery.months(0).treatments(0).surgery());
  EXPECT_FALSE(surgery.treatment_shown());
  Consent({});
  EXPECT_EQ(DescribeError(ask(surgery)).reason, "CONSENT_DECLINED");
}

}  // namespace
}  // namespace kakunin
