// Patients who are protected (支援措置): what nobody is shown of them, and what everybody still is.
#include <fmt/format.h>

#include <string>

#include "auth/hash_function.h"
#include "domain/month_record.h"
#include "kakunin/v1/record_service.grpc.pb.h"
#include "server/rpc/status.h"
#include "server/usecases/terminal_audit.h"
#include "tests/rpc/card_confirmation_fixture.h"
#include "tests/rpc/pushed_records.h"
#include "tests/support/protected_person.h"

namespace kakunin {
namespace {

struct Flags {
  bool hide_address;
  bool hide_facility_names;
};
constexpr Flags kEveryFlags[] = {{false, false}, {true, false}, {false, true}, {true, true}};

class PatientProtectionTest : public CardConfirmationTest {
 protected:
  PatientProtectionTest() {
    Insure(1, "5678910", "01");
    Link(1);
    person_ = database_.Exec("SELECT person_id::text FROM kakunin.answer")[0][0].as<std::string>();
  }

  void Protect(const Flags& flags) {
    ProtectPerson(database_, person_, flags.hide_address, flags.hide_facility_names);
  }

  template <class Octets>
  static std::string HexOf(const Octets& octets) {
    std::string hex;
    for (const auto octet : octets) hex += fmt::format("{:02x}", static_cast<uint8_t>(octet));
    return hex;
  }

  absl::CivilMonth ThisMonth() const { return absl::CivilMonth(CivilDayAt(clock_.Now())); }

  void PushCheckUp() {
    HealthCheck check;
    check.examination_day = absl::CivilDay(ThisMonth());
    check.registrar_number = kTestInsurer;
    check.registrar_name = "千代田区";
    check.facility = {"1310000001", "見本健診センター"};
    check.items = {{.code = "9A755000000000001", .data_type = "PQ", .value = "120"}};
    records_.Push(check);
  }

  void AgreeToEverything() {
    const grpc::Status status = Use(Act(v1::DECISION_AGREED));
    ASSERT_TRUE(status.ok()) << status.error_message();
  }

  template <class Request, class Response>
  Response Look(grpc::Status (v1::RecordService::Stub::*method)(grpc::ClientContext*,
                                                                const Request&, Response*)) {
    Request request;
    request.mutable_patient()->set_patient_handle(response_.patient_handle());
    request.set_form_of_care(v1::FORM_OF_CARE_OUTPATIENT);
    Response response;
    grpc::ClientContext context;
    context.AddMetadata("kakunin-role", "DOCTOR");
    const auto stub = v1::RecordService::NewStub(port_->Channel(Caller::kTerminal));
    const grpc::Status status = (stub.get()->*method)(&context, request, &response);
    EXPECT_TRUE(status.ok()) << DescribeError(status).reason;
    return response;
  }

  // What is visible of a coverage whether its holder is protected or not.
  static void ExpectInsured(const v1::Coverage& coverage) {
    EXPECT_EQ(coverage.name().original(), "髙田　花子");
    EXPECT_EQ(coverage.insurer_number(), kTestInsurer);
    EXPECT_EQ(coverage.insurer_name(), "見本組合");
    EXPECT_EQ(coverage.symbol(), "１２３４");
    EXPECT_EQ(coverage.number(), "5678910");
    EXPECT_EQ(coverage.birth_date().year(), 1970);
    EXPECT_TRUE(coverage.has_qualification_date());
  }

  std::string person_;
  PushedRecords records_{database_, kTestInsurer, clock_, InsuredAs(1)};
};

TEST_F(PatientProtectionTest, ConfirmationsHideTheAddressAndNothingElse) {
  for (const int format : {kAnswerFormat, kAnswerFormat - 1}) {  // stored, and from the truth
    database_.Exec(fmt::format("UPDATE kakunin.answer SET format = {}", format));
    for (const Flags& flags : kEveryFlags) {
      SCOPED_TRACE(fmt::format("format {} flags {} {}", format, flags.hide_address,
                               flags.hide_facility_names));
      Protect(flags);
      const char* const address = flags.hide_address ? "" : "東京都千代田区霞が関";
      const char* const postal_code = flags.hide_address ? "" : "100-8916";

      v1::ConfirmByInsuredNumberResponse by_number;
      ASSERT_TRUE(Confirm(*StubOf(), Ask("5678910", "01"), by_number).ok());
      EXPECT_EQ(by_number.validity(), v1::VALIDITY_VALID);
      ASSERT_EQ(by_number.coverages_size(), 1);
      EXPECT_EQ(by_number.coverages(0).address(), address);
      EXPECT_EQ(by_number.coverages(0).postal_code(), postal_code);
      ExpectInsured(by_number.coverages(0));

      ASSERT_TRUE(Use(Act()).ok());
      ASSERT_EQ(response_.coverages_size(), 1);
      EXPECT_EQ(response_.coverages(0).address(), address);
      EXPECT_EQ(response_.coverages(0).postal_code(), postal_code);
      ExpectInsured(response_.coverages(0));
    }
  }
}

TEST_F(PatientProtectionTest, SomebodyElsesAddressStaysVisible) {
  Insure(2, "1111111", "01");
  Protect({true, true});
  v1::ConfirmByInsuredNumberResponse response;
  ASSERT_TRUE(Confirm(*StubOf(), Ask("1111111", "01"), response).ok());
  ASSERT_EQ(response.coverages_size(), 1);
  EXPECT_EQ(response.coverages(0).address(), "東京都千代田区霞が関");
}

TEST_F(PatientProtectionTest, ACheckUpHidesItsRegistrarWithTheAddressAndItsFacilityWithTheNames) {
  PushCheckUp();
  AgreeToEverything();
  for (const Flags& flags : kEveryFlags) {
    SCOPED_TRACE(fmt::format("flags {} {}", flags.hide_address, flags.hide_facility_names));
    Protect(flags);
    const auto response = Look(&v1::RecordService::Stub::GetHealthChecks);
    ASSERT_EQ(response.health_checks_size(), 1);
    const v1::HealthCheck& check = response.health_checks(0);
    EXPECT_EQ(check.registrar_number(), flags.hide_address ? "" : kTestInsurer);
    EXPECT_EQ(check.registrar_name(), flags.hide_address ? "" : "千代田区");
    EXPECT_EQ(check.facility().name(), flags.hide_facility_names ? "" : "見本健診センター");
    EXPECT_EQ(check.has_facility(), !flags.hide_facility_names);
    EXPECT_EQ(check.programme(), v1::HEALTH_CHECK_PROGRAMME_SPECIFIC);
    EXPECT_EQ(check.examination_date().year(), 2026);
    ASSERT_EQ(check.items_size(), 1);
    EXPECT_EQ(check.items(0).value(), "120");
  }
}

TEST_F(PatientProtectionTest, TheDigestOfACheckUpIsOfWhatIsSentAndNotOfTheHiddenRegistrar) {
  PushCheckUp();
  AgreeToEverything();
  for (const Flags& flags : kEveryFlags) {
    SCOPED_TRACE(fmt::format("flags {} {}", flags.hide_address, flags.hide_facility_names));
    Protect(flags);
    const auto response = Look(&v1::RecordService::Stub::GetHealthChecks);
    ASSERT_EQ(response.health_checks_size(), 1);
    // From what arrived: its two parts, as they are stored apart.
    v1::HealthCheck sent = response.health_checks(0);
    std::vector<std::string> parts;
    if (sent.has_facility()) {
      v1::HealthCheck names;
      names.mutable_facility()->Swap(sent.mutable_facility());
      sent.clear_facility();
      parts.push_back(names.SerializeAsString());
    }
    parts.insert(parts.begin(), sent.SerializeAsString());
    std::string digests;
    for (const std::string& part : parts) {
      const Digest32 digest = auth::Sha256(part);
      digests.append(digest.begin(), digest.begin() + kEntryDigestOctets);
    }
    EXPECT_EQ(Count(fmt::format("SELECT count(*) FROM kakunin.audit_event WHERE operation = 52"
                                " AND answer_digest = '{}'",
                                HexOf(KeyedDigest(audit_key_, digests).octets))),
              1);
  }
}

TEST_F(PatientProtectionTest, ACheckUpThatCannotBeReadFailsTheAnswerAndItsAuditRowAlike) {
  PushCheckUp();
  const RecordEntry damaged{0, "\xff no check-up", ""};
  database_.Exec(fmt::format("UPDATE kakunin.month_record SET octets = '\\x{}'",
                             HexOf(EncodeMonthRecord(std::span(&damaged, 1), auth::kSha256))));
  AgreeToEverything();
  Protect({.hide_address = true, .hide_facility_names = false});
  v1::GetHealthChecksRequest request;
  request.mutable_patient()->set_patient_handle(response_.patient_handle());
  request.set_form_of_care(v1::FORM_OF_CARE_OUTPATIENT);
  v1::GetHealthChecksResponse response;
  grpc::ClientContext context;
  context.AddMetadata("kakunin-role", "DOCTOR");
  const grpc::Status status = v1::RecordService::NewStub(port_->Channel(Caller::kTerminal))
                                  ->GetHealthChecks(&context, request, &response);
  EXPECT_EQ(DescribeError(status).reason, "INTERNAL");
  EXPECT_EQ(Count(fmt::format("SELECT count(*) FROM kakunin.audit_event WHERE operation = 52"
                              " AND code = {} AND reason = 'INTERNAL'",
                              static_cast<int>(status.error_code()))),
            1);
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.audit_event WHERE operation = 52"), 1);
}

TEST_F(PatientProtectionTest, DrugsAndTreatmentsHideTheirFacilitiesAndNothingElse) {
  Receipt receipt = DrugReceipt(ThisMonth(), "ブロプレス錠１２");
  receipt.prescribing_facility = {"1310000001", "見本医院"};
  records_.Push({receipt, TreatmentReceipt(ThisMonth(), "再診料", /*surgery=*/false)});
  AgreeToEverything();
  for (const Flags& flags : kEveryFlags) {
    SCOPED_TRACE(fmt::format("flags {} {}", flags.hide_address, flags.hide_facility_names));
    Protect(flags);
    const bool named = !flags.hide_facility_names;
    const auto shown = Look(&v1::RecordService::Stub::GetDrugHistory);
    ASSERT_EQ(shown.months_size(), 1);
    EXPECT_EQ(shown.months(0).days(0).drugs(0).name(), "ブロプレス錠１２");
    EXPECT_EQ(shown.months(0).has_facility(), named);
    EXPECT_EQ(shown.months(0).has_prescribing_facility(), named);
    const auto treated = Look(&v1::RecordService::Stub::GetTreatmentHistory);
    ASSERT_EQ(treated.months_size(), 1);
    EXPECT_EQ(treated.months(0).treatments(0).name(), "再診料");
    EXPECT_EQ(treated.months(0).has_facility(), named);
  }
}

}  // namespace
}  // namespace kakunin
