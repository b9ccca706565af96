#include "server/rpc/convert_eligibility.h"

#include <google/protobuf/io/coded_stream.h>

#include "domain/civil_day.h"
#include "domain/terminal_certificate.h"
#include "server/rpc/convert_date.h"
#include "server/rpc/fields.h"
#include "server/rpc/patient_fields.h"
#include "server/rpc/read_decisions.h"
#include "server/usecases/feed_keys.h"

namespace kakunin {
namespace {

constexpr int kYearsBack = 10;

constexpr std::string_view kDayTooEarly = "10年より前の日付は照会できません。";
constexpr std::string_view kDayTooLate = "受診日より後の日付は照会できません。";

// The fields that every inquiry has. The day lies at most ten years back and not beyond the
// appointment day, and that not before `first_booking`.
void ReadVisit(FieldErrors& errors, const Call& call, const google::type::Date& day,
               v1::FormOfCare form, const google::type::Date& appointment,
               absl::CivilDay first_booking, const std::string& request_id, Inquiry& inquiry) {
  const absl::CivilDay today = CivilDayAt(call.at);
  inquiry.terminal = &TerminalOf(call);
  inquiry.actor_name = call.actor_name;
  inquiry.request_id =
      OptionalUuid<RequestId>(errors, "request_id", request_id).value_or(RequestId{});
  inquiry.form_of_care =
      ReadForm(errors, form, appointment, first_booking, inquiry.appointment_day);
  if (const auto asked = RequiredDay(errors, "day", day)) {
    inquiry.day = *asked;
    if (*asked < SameDayYearsBefore(today, kYearsBack)) errors.Add("day", kDayTooEarly);
    if (*asked > std::max(today, inquiry.appointment_day.value_or(today)))
      errors.Add("day", kDayTooLate);
  }
}

template <class Response>
void WriteConsent(const ConsentAct& act, Response& response) {
  for (int i = 1; i <= kConsentKinds; ++i) {
    const auto kind = static_cast<ConsentKind>(i);
    const Decision decision = act.decisions.Of(kind);
    if (decision == Decision::kNotAsked) continue;
    v1::ConsentState& state = *response.add_consents();
    state.set_kind(static_cast<v1::ConsentKind>(kind));
    state.set_decision(static_cast<v1::Decision>(decision));
    *state.mutable_decide_time() = TimeToProto(act.begin);
    if (decision == Decision::kAgreed && act.end != absl::InfiniteFuture()) {
      *state.mutable_end_time() = TimeToProto(act.end);
    }
  }
}

}  // namespace

void WriteWarnings(const Confirmed& confirmed,
                   google::protobuf::RepeatedPtrField<v1::Warning>& to) {
  for (const Warning warning : confirmed.warnings) {
    const WarningFacts& facts = FactsOf(warning);
    v1::Warning& written = *to.Add();
    written.set_reason(facts.name.data(), facts.name.size());
    if (warning == Warning::kInsurerBehind && confirmed.delay) {
      written.set_message(DelaySentence(*confirmed.delay));
    } else if (warning == Warning::kTerminalCertificateExpiresSoon) {
      written.set_message(CertificateEndSentence(confirmed.certificate_days_left));
    } else {
      written.set_message(facts.sentence.data(), facts.sentence.size());
    }
  }
}

namespace {

// What all answers have.
template <class Response>
void WriteFacts(const Confirmed& confirmed, Response& response) {
  response.set_validity(static_cast<v1::Validity>(confirmed.validity));
  response.set_patient_handle(confirmed.patient_handle);
  response.set_audit_id(AuditIdText(confirmed.audit_id));
  *response.mutable_confirm_time() = TimeToProto(confirmed.at);
  WriteWarnings(confirmed, *response.mutable_warnings());
  for (const std::string& number : confirmed.reference_numbers) {
    response.add_reference_numbers(number);
  }
  response.set_municipal_subsidies_out_of_scope(true);
}

// What those at the desk have. `Response` is one of the two response messages.
template <class Response>
void WriteAnswer(const Confirmed& confirmed, const Contact& contact, Response& response) {
  WriteFacts(confirmed, response);
  response.set_next_step(NextStepSentence(confirmed.next_step, contact, confirmed.at));
  if (confirmed.consent) WriteConsent(*confirmed.consent, response);
}

// The coverages are stored as serialised messages: they are spliced in as they are, since reading
// and writing them again costs more than all the rest of the border.
void AppendCoverages(const Confirmed& confirmed, int field_number, std::string& out) {
  for (const std::string& coverage : confirmed.coverages)
    AppendMessage(field_number, coverage, {}, out);
}

}  // namespace

absl::Status ReadBegin(const v1::BeginCardAuthenticationRequest& request, const Call& call,
                       IssueInquiry& inquiry) {
  FieldErrors errors;
  inquiry.terminal = &TerminalOf(call);
  inquiry.actor_name = call.actor_name;
  if (const auto purpose = RequiredEnum<CardPurpose>(errors, "purpose", request.purpose())) {
    inquiry.purpose = *purpose;
  }
  if (const auto form = RequiredEnum<FormOfCare>(errors, "form_of_care", request.form_of_care())) {
    inquiry.form_of_care = *form;
  }
  ReadFacilityCode(errors, request.facility_code(), call, inquiry.refused);
  return errors.ToStatus();
}

void WriteBegin(const Issued& issued, std::string& out) {
  v1::BeginCardAuthenticationResponse response;
  response.set_challenge_id(issued.challenge.octets.data(), issued.challenge.octets.size());
  *response.mutable_expire_time() = TimeToProto(issued.expires);
  response.set_to_be_signed(issued.to_be_signed);
  response.set_audit_id(AuditIdText(issued.audit_id));
  response.AppendToString(&out);
}

absl::Status ReadByCard(const v1::ConfirmByCardRequest& request, const Call& call,
                        CardActOctets& octets, Inquiry& inquiry) {
  FieldErrors errors;
  ReadVisit(errors, call, request.day(), request.form_of_care(), request.appointment_date(),
            CivilDayAt(call.at), request.request_id(), inquiry);
  ReadFacilityCode(errors, request.facility_code(), call, inquiry.refused);
  CardQuestion card;
  if (RequiredOctets(errors, "challenge_id", request.challenge_id(), 16, 16)) {
    std::copy_n(request.challenge_id().begin(), 16, card.challenge.octets.begin());
  }
  // Anything but absence is the verifier's to judge: a malformed certificate is a refused card.
  if (request.certificate().empty()) errors.Add("certificate", kFieldMissing);
  if (request.signature().empty()) errors.Add("signature", kFieldMissing);
  if (const auto way = RequiredEnum<HolderVerification>(errors, "holder_verification",
                                                        request.holder_verification())) {
    card.holder_verification = *way;
  }
  card.decisions = ReadDecisions(errors, request.decisions());
  octets.prescription_form =
      OptionalEnum<int>(errors, "prescription_form", request.prescription_form()).value_or(0);
  octets.certificate = request.certificate();
  octets.signature = request.signature();
  card.certificate = octets.certificate;
  card.signature = octets.signature;
  card.assisted = request.assisted();
  inquiry.question = card;
  return errors.ToStatus();
}

void WriteByCard(const Confirmed& confirmed, int prescription_form, const Contact& contact,
                 std::string& out) {
  v1::ConfirmByCardResponse response;
  WriteAnswer(confirmed, contact, response);
  response.set_card_verdict(!confirmed.registered     ? v1::CARD_VERDICT_NOT_REGISTERED
                            : confirmed.card_in_grace ? v1::CARD_VERDICT_ELIGIBILITY_ONLY
                                                      : v1::CARD_VERDICT_ACCEPTED);
  response.set_prescription_form(static_cast<v1::PrescriptionForm>(prescription_form));
  if (confirmed.certificate_not_after) {
    *response.mutable_certificate_expire_time() = TimeToProto(*confirmed.certificate_not_after);
  }
  response.AppendToString(&out);
  AppendCoverages(confirmed, v1::ConfirmByCardResponse::kCoveragesFieldNumber, out);
}

absl::Status ReadByNumber(const v1::ConfirmByInsuredNumberRequest& request, const Call& call,
                          const auth::HmacKey& look_up, Inquiry& inquiry) {
  FieldErrors errors;
  ReadVisit(errors, call, request.day(), request.form_of_care(), request.appointment_date(),
            FirstBooking(CivilDayAt(call.at)), request.request_id(), inquiry);
  ReadFacilityCode(errors, request.facility_code(), call, inquiry.refused);
  const auto key = ReadInsuredKey(errors,
                                  {.insurer_number = request.insurer_number(),
                                   .symbol = request.symbol(),
                                   .number = request.number(),
                                   .branch_number = request.branch_number(),
                                   .birth_date = request.birth_date()},
                                  CivilDayAt(call.at));
  if (key) RequireBranchAtHome(errors, "branch_number", *key, inquiry.form_of_care);
  KeyQuestion question;
  question.limit_certificate = RequiredEnum<Decision>(errors, "limit_certificate_consent",
                                                      request.limit_certificate_consent())
                                   .value_or(Decision::kNotAsked);
  question.document =
      RequiredEnum<DocumentShown>(errors, "document_shown", request.document_shown())
          .value_or(DocumentShown::kNone);
  question.document_valid_through =
      OptionalDay(errors, "document_valid_through", request.document_valid_through());
  if (!errors.empty()) return errors.ToStatus();

  question.insurer = key->insurer;
  question.key_without_branch = LookUpHash(look_up, *key, false);
  question.key = key->branch ? LookUpHash(look_up, *key, true) : question.key_without_branch;
  inquiry.question = question;
  return absl::OkStatus();
}

void WriteByNumber(const Confirmed& confirmed, const Contact& contact, std::string& out) {
  v1::ConfirmByInsuredNumberResponse response;
  WriteAnswer(confirmed, contact, response);
  response.AppendToString(&out);
  AppendCoverages(confirmed, v1::ConfirmByInsuredNumberResponse::kCoveragesFieldNumber, out);
}

void WriteBulkAnswer(const Confirmed& confirmed, v1::BulkAnswer& answer) {
  WriteFacts(confirmed, answer);
}

void WriteConsentedAnswer(const Confirmed& confirmed, v1::ConsentedEligibility& answer) {
  WriteFacts(confirmed, answer);
}

}  // namespace kakunin
