#include <fmt/format.h>

#include "auth/uuid.h"
#include "server/dev/sandbox_paths.h"
#include "server/rpc/convert_date.h"
#include "server/synth/facility_table.h"
#include "tests/faults/clients.h"

namespace kakunin::faults {
namespace {

std::string TerminalOfTheClinic(std::string_view terminal) {
  return dev::TerminalName(synth::test_facility::kClinic, terminal);
}

bool NamesAPerson(v1::Validity validity) {
  return validity != v1::VALIDITY_NOT_FOUND && validity != v1::VALIDITY_SEVERAL_FOUND;
}

// What an answer says about a person, whoever asked and when.
std::string CoveragesOf(const google::protobuf::RepeatedPtrField<v1::Coverage>& coverages) {
  std::string text;
  for (const v1::Coverage& coverage : coverages) text += coverage.SerializeAsString();
  return text;
}

}  // namespace

v1::ConfirmByInsuredNumberRequest NumberRequest(const synth::TestPerson& person,
                                                absl::CivilDay day) {
  v1::ConfirmByInsuredNumberRequest request;
  request.set_insurer_number(person.ask.insurer_number);
  request.set_symbol(person.ask.symbol);
  request.set_number(person.ask.number);
  request.set_branch_number(person.ask.branch_number);
  *request.mutable_birth_date() = DayToProto(person.ask.birth_date);
  *request.mutable_day() = DayToProto(day);
  request.set_form_of_care(v1::FORM_OF_CARE_OUTPATIENT);
  request.set_limit_certificate_consent(v1::DECISION_NOT_ASKED);
  request.set_document_shown(v1::DOCUMENT_SHOWN_ELIGIBILITY_CERTIFICATE);
  request.set_request_id(auth::RandomUuid());
  return request;
}

NumberClient::NumberClient(const Surroundings& surroundings, std::vector<synth::TestPerson> persons,
                           uint64_t seed)
    : Client(surroundings, TerminalOfTheClinic(synth::test_facility::kDesk), seed),
      persons_(std::move(persons)) {}

void NumberClient::Step() {
  // Desks close and open: new connections come all the time.
  if (random()() % 50 == 0) Disconnect();
  const synth::TestPerson& person = persons_.at(random()() % persons_.size());
  AskAbout(person, person.by_number);
}

Call NumberClient::AskAbout(const synth::TestPerson& person, v1::Validity expected) {
  const v1::ConfirmByInsuredNumberRequest request =
      NumberRequest(person, installation().sandbox().sandbox().nation_day());
  const auto stub = v1::EligibilityService::NewStub(Connection(&dev::SandboxPorts::terminal));
  v1::ConfirmByInsuredNumberResponse answer;
  Call call = Ask(Act::kConfirmByNumber, [&](grpc::ClientContext& context) {
    return stub->ConfirmByInsuredNumber(&context, request, &answer);
  });
  if (call.code == grpc::StatusCode::OK) {
    call.audit_id = answer.audit_id();
    call.confirmed = NamesAPerson(answer.validity());
    if (answer.validity() != expected) {
      call.against_the_model =
          fmt::format("{} is {}, not {}", person.id, v1::Validity_Name(answer.validity()),
                      v1::Validity_Name(expected));
    } else {
      call.against_the_model =
          Same(person.id + v1::Validity_Name(expected), CoveragesOf(answer.coverages()));
    }
  }
  ledger().Add(call);
  return call;
}

PatientClient::PatientClient(const Surroundings& surroundings,
                             const std::vector<std::string>& persons, uint64_t seed)
    : Client(surroundings, TerminalOfTheClinic(synth::test_facility::kDesk), seed) {
  for (const std::string& person : persons) {
    patients_.push_back({.name = person, .card = installation().sandbox().TestCard(person)});
  }
}

void PatientClient::Step() {
  Patient& patient = patients_.at(random()() % patients_.size());
  if (patient.model.MayAct(absl::Now(), went_on())) {
    const uint64_t what = random()() % 4;
    if (what == 0 && !patient.handle.empty()) {
      End(patient);
    } else {
      Present(patient, /*agree=*/what != 1);
    }
  }
  if (!patient.handle.empty()) Look(patient);
}

// Told before and after each call: one that a jump fell into was asked of either time.
void PatientClient::ClockMayHaveJumped() {
  if (clock_jumps_seen_ == clock_jumps()) return;
  clock_jumps_seen_ = clock_jumps();
  for (Patient& patient : patients_) patient.model.ClockJumped();
}

Call PatientClient::Present(Patient& patient, bool agree) {
  const auto stub = v1::EligibilityService::NewStub(Connection(&dev::SandboxPorts::terminal));
  v1::BeginCardAuthenticationRequest begin;
  begin.set_purpose(v1::CARD_PURPOSE_CONFIRM);
  begin.set_form_of_care(v1::FORM_OF_CARE_OUTPATIENT);
  v1::BeginCardAuthenticationResponse challenge;
  Call begun = Ask(Act::kBeginCard, [&](grpc::ClientContext& context) {
    return stub->BeginCardAuthentication(&context, begin, &challenge);
  });
  begun.audit_id = challenge.audit_id();
  ledger().Add(begun);
  if (begun.code != grpc::StatusCode::OK) return begun;

  v1::ConfirmByCardRequest request;
  request.set_challenge_id(challenge.challenge_id());
  request.set_certificate(patient.card.certificate);
  request.set_signature(patient.card.key.Sign(challenge.to_be_signed()));
  request.set_holder_verification(v1::HOLDER_VERIFICATION_PIN);
  *request.mutable_day() = DayToProto(installation().sandbox().sandbox().nation_day());
  request.set_form_of_care(v1::FORM_OF_CARE_OUTPATIENT);
  for (int kind = v1::CONSENT_KIND_DRUG; kind <= v1::CONSENT_KIND_SPECIFIC_DISEASE_CERTIFICATE;
       ++kind) {
    v1::ConsentDecision& decision = *request.add_decisions();
    decision.set_kind(static_cast<v1::ConsentKind>(kind));
    decision.set_decision(v1::DECISION_NOT_ASKED);
  }
  request.mutable_decisions(0)->set_decision(agree ? v1::DECISION_AGREED : v1::DECISION_DECLINED);
  request.set_request_id(auth::RandomUuid());
  v1::ConfirmByCardResponse answer;
  Call call = Ask(Act::kConfirmByCard, [&](grpc::ClientContext& context) {
    return stub->ConfirmByCard(&context, request, &answer);
  });
  if (call.code == grpc::StatusCode::OK) {
    call.audit_id = answer.audit_id();
    call.confirmed = call.consented = true;
    call.against_the_model = answer.validity() == v1::VALIDITY_VALID
                                 ? Same(patient.name, CoveragesOf(answer.coverages()))
                                 : "not valid by card";
    patient.handle = answer.patient_handle();
    patient.model.Acted(agree);
  } else if (call.reason != "CHALLENGE_REFUSED") {
    patient.model.MayHaveActed(agree, call.returned);
  }
  ClockMayHaveJumped();
  ledger().Add(call);
  return call;
}

void PatientClient::End(Patient& patient) {
  const auto stub = v1::ConsentService::NewStub(Connection(&dev::SandboxPorts::terminal));
  v1::RevokeConsentRequest request;
  request.mutable_patient()->set_patient_handle(patient.handle);
  request.set_form_of_care(v1::FORM_OF_CARE_OUTPATIENT);
  request.add_kinds(v1::CONSENT_KIND_DRUG);
  request.set_reason(v1::CONSENT_END_REASON_REVOKED_BY_PATIENT);
  request.set_request_id(auth::RandomUuid());
  v1::RevokeConsentResponse answer;
  Call call = Ask(Act::kRevokeConsent, [&](grpc::ClientContext& context) {
    return stub->RevokeConsent(&context, request, &answer);
  });
  if (call.code == grpc::StatusCode::OK) {
    call.audit_id = answer.audit_id();
    call.ended = true;
    patient.model.Acted(false);
  } else {
    patient.model.MayHaveActed(false, call.returned);
  }
  ClockMayHaveJumped();
  ledger().Add(call);
}

Call PatientClient::Look(Patient& patient) {
  const auto stub = v1::RecordService::NewStub(Connection(&dev::SandboxPorts::terminal));
  v1::GetDrugHistoryRequest request;
  request.mutable_patient()->set_patient_handle(patient.handle);
  request.set_form_of_care(v1::FORM_OF_CARE_OUTPATIENT);
  v1::GetDrugHistoryResponse answer;
  Call call = Ask(
      Act::kReadDrugs,
      [&](grpc::ClientContext& context) {
        return stub->GetDrugHistory(&context, request, &answer);
      },
      "DOCTOR");
  ClockMayHaveJumped();
  const bool open = call.code == grpc::StatusCode::OK;
  if (open || call.denied()) {
    call.audit_id = answer.audit_id();
    call.against_the_model = patient.model.Saw(open, call.began, went_on());
    if (open && call.against_the_model.empty()) {
      std::string drugs;
      for (const v1::DrugMonth& month : answer.months()) drugs += month.SerializeAsString();
      call.against_the_model =
          drugs.empty() ? "a consent, but no drugs" : Same(patient.name + "'s drugs", drugs);
    }
  }
  ledger().Add(call);
  return call;
}

}  // namespace kakunin::faults
