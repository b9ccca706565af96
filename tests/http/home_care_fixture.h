#pragma once

#include "kakunin/v1/consent_service.grpc.pb.h"
#include "kakunin/v1/eligibility_list_service.grpc.pb.h"
#include "kakunin/v1/record_service.grpc.pb.h"
#include "server/rpc/eligibility_list_service.h"
#include "storage/postgres/eligibility_list_store.h"
#include "tests/http/reception_fixture.h"

namespace kakunin {

// HomeCareTest is the patients' door and the terminals' port with a facility's lists, on a Monday
// at ten in Japan.
class HomeCareTest : public ReceptionTest {
 protected:
  HomeCareTest() {
    absl::Time monday = StartOfDay(CivilDayAt(clock_.Now()) + 1);
    while (absl::GetWeekday(CivilDayAt(monday)) != absl::Weekday::monday) {
      monday = EndOfDay(CivilDayAt(monday));
    }
    GoTo(monday + absl::Hours(10));
    lists_port_ = std::make_unique<RpcServer>(database_, clock_, Port::kTerminal);
    lists_service_ =
        MakeEligibilityListService({lists_port_->dispatch(), lists_port_->database(), list_store_,
                                    list_confirm_, audit_key_, handle_key_, [this] {
                                      return CardTrust{auth::CardPki::Get().store, Revocations()};
                                    }});
    lists_port_->Start(*lists_service_);
  }
  ~HomeCareTest() override { lists_port_->Stop(); }

  absl::CivilDay Today() const { return CivilDayAt(clock_.Now()); }

  // Moves the clock; CRLs are as fresh as on any day.
  void GoTo(absl::Time at) {
    clock_.Advance(at - clock_.Now());
    ListRevoked({});
  }
  // What is known of cards from now on: a CRL of this instant.
  void ListRevoked(std::vector<auth::RevokedEntry> entries) {
    auth::CrlSpec crl = auth::DefaultCrl(clock_.Now());
    crl.entries = std::move(entries);
    SetRevocations(std::make_shared<const auth::RevocationSnapshot>(
        auth::SnapshotOf({auth::IssueCrl(crl, CardIssuer())})));
  }

  // The patient opens a link at home and agrees to the kinds of `agreed` by the card.
  void ConsentAtHome(const std::string& token, const std::set<std::string>& agreed) {
    clock_.Advance(absl::Seconds(1));  // of two acts at one instant the stricter would win
    const Answer given = Give(Open(token), agreed);
    ASSERT_EQ(given.reason(), "");
  }
  MadeLink MakeBooking(absl::CivilDay day, const std::string& name) {
    ReceptionLinks links(*pool_, links_, look_up_key_);
    const auto made = links.Create(
        CallOf(Operation::kCreateReceptionLink),
        {.form_of_care = FormOfCare::kOnlineCare, .appointment_day = day, .booking_name = name},
        Soon());
    EXPECT_TRUE(made.ok()) << made.status();
    return *made;
  }

  // What the clerk is told by number, without the card: "" or why not.
  std::string ConfirmedAtHome(std::optional<absl::CivilDay> booking = {},
                              const std::string& branch = "01") {
    v1::ConfirmByInsuredNumberRequest request = Ask("5678910", branch);
    request.set_document_shown(v1::DOCUMENT_SHOWN_NONE);
    SetForm(booking, request);
    const auto stub = StubOf();
    by_number_.Clear();
    return DescribeError(Confirm(*stub, request, by_number_)).reason;
  }
  // What a user of `role` is told of the drugs, by number.
  std::string DrugsAtHome(std::optional<absl::CivilDay> booking = {}, const char* role = "DOCTOR") {
    v1::GetDrugHistoryRequest request;
    v1::InsuredKey& key = *request.mutable_patient()->mutable_insured();
    key.set_insurer_number(kTestInsurer);
    key.set_symbol("1234");
    key.set_number("5678910");
    key.set_branch_number("01");
    *key.mutable_birth_date() = DayToProto(kBirth);
    SetForm(booking, request);
    grpc::ClientContext context;
    context.AddMetadata("kakunin-role", role);
    v1::GetDrugHistoryResponse response;
    return DescribeError(v1::RecordService::NewStub(port_->Channel(Caller::kTerminal))
                             ->GetDrugHistory(&context, request, &response))
        .reason;
  }
  // Ends the consents to `kinds`; none: to all.
  std::string Revoke(std::optional<absl::CivilDay> booking = {},
                     const std::vector<v1::ConsentKind>& kinds = {}) {
    v1::RevokeConsentRequest request;
    for (const v1::ConsentKind kind : kinds) request.add_kinds(kind);
    v1::InsuredKey& key = *request.mutable_patient()->mutable_insured();
    key.set_insurer_number(kTestInsurer);
    key.set_symbol("1234");
    key.set_number("5678910");
    key.set_branch_number("01");
    *key.mutable_birth_date() = DayToProto(kBirth);
    SetForm(booking, request);
    request.set_reason(v1::CONSENT_END_REASON_REVOKED_BY_FACILITY);
    grpc::ClientContext context;
    v1::RevokeConsentResponse response;
    return DescribeError(v1::ConsentService::NewStub(port_->Channel(Caller::kTerminal))
                             ->RevokeConsent(&context, request, &response))
        .reason;
  }

  static v1::ListConsentedPatientsRequest ByConsent(v1::FormOfCare form, absl::CivilDay from,
                                                    absl::CivilDay to) {
    v1::ListConsentedPatientsRequest request;
    request.set_form_of_care(form);
    *request.mutable_consent_from_date() = DayToProto(from);
    *request.mutable_consent_to_date() = DayToProto(to);
    return request;
  }
  static v1::ListConsentedPatientsRequest ByBooking(absl::CivilDay from, absl::CivilDay to) {
    v1::ListConsentedPatientsRequest request;
    request.set_form_of_care(v1::FORM_OF_CARE_ONLINE_CARE);
    *request.mutable_appointment_from_date() = DayToProto(from);
    *request.mutable_appointment_to_date() = DayToProto(to);
    return request;
  }
  v1::ListConsentedPatientsRequest Visits() const {
    return ByConsent(v1::FORM_OF_CARE_HOME_VISIT, Today(), Today());
  }

  // One page; `reason_` and `fields_` tell why there is none.
  v1::ListConsentedPatientsResponse Page(const v1::ListConsentedPatientsRequest& request,
                                         Caller caller = Caller::kTerminal) {
    v1::ListConsentedPatientsResponse response;
    grpc::ClientContext context;
    Note(Lists(caller)->ListConsentedPatients(&context, request, &response));
    return response;
  }
  v1::ListConfirmationsResponse Told(absl::CivilDay day, int page_size = 0,
                                     const std::string& token = "") {
    v1::ListConfirmationsRequest request;
    *request.mutable_day() = DayToProto(day);
    request.set_page_size(page_size);
    request.set_page_token(token);
    v1::ListConfirmationsResponse response;
    grpc::ClientContext context;
    Note(Lists(Caller::kTerminal)->ListConfirmations(&context, request, &response));
    return response;
  }

  std::string reason_;
  std::set<std::string> fields_;
  v1::ConfirmByInsuredNumberResponse by_number_;

 private:
  template <class Request>
  static void SetForm(std::optional<absl::CivilDay> booking, Request& request) {
    request.set_form_of_care(booking ? v1::FORM_OF_CARE_ONLINE_CARE : v1::FORM_OF_CARE_HOME_VISIT);
    if (booking) *request.mutable_appointment_date() = DayToProto(*booking);
  }
  std::unique_ptr<v1::EligibilityListService::Stub> Lists(Caller caller) {
    return v1::EligibilityListService::NewStub(lists_port_->Channel(caller));
  }
  void Note(const grpc::Status& status) {
    const auto error = DescribeError(status);
    reason_ = error.reason;
    fields_.clear();
    for (const FieldViolation& violation : error.violations) fields_.insert(violation.field);
  }

  PostgresEligibilityListStore list_store_;
  const std::unique_ptr<ConfirmationStore> list_confirmations_ =
      MakeConfirmationStore(database_.ConnInfo("kakunin_terminal"), "", "eligibility lists");
  ConfirmEligibility list_confirm_{*list_confirmations_,      guard_,
                                   {audit_key_, handle_key_}, rules_,
                                   &BuildAnswerRow,           auth::kSha256};
  std::unique_ptr<RpcServer> lists_port_;
  std::unique_ptr<QueuedService> lists_service_;
};

}  // namespace kakunin
