#include "server/rpc/convert_consents.h"

#include <fmt/format.h>

#include <charconv>

#include "domain/civil_day.h"
#include "domain/error.h"
#include "server/rpc/convert_date.h"
#include "server/rpc/patient_fields.h"

namespace kakunin {
namespace {

constexpr std::string_view kOnlyOnline = "オンライン診療のときだけ予約日を指定します。";
constexpr std::string_view kTwice = "同じ種類が重なっています。";
constexpr std::string_view kDaysReversed = "終わりの日は始まりの日以後にしてください。";
constexpr std::string_view kNotAPage = "前の回答にあったページの指定をそのまま送ってください。";
constexpr std::string_view kOneQuestion = "監査番号か、仮の照会のどちらかを指定してください。";

// What all four requests have.
template <class Request>
void ReadCall(FieldErrors& errors, const Request& request, const Call& call,
              ConsentInquiry& inquiry) {
  inquiry.terminal = &TerminalOf(call);
  inquiry.actor_name = call.actor_name;
  inquiry.operation = call.policy->operation;
  ReadFacilityCode(errors, request.facility_code(), call, inquiry.refused);
}

void SetPatient(std::optional<PatientField> field, ConsentInquiry& inquiry) {
  if (!field) return;
  inquiry.without_branch = field->without_branch;
  inquiry.patient = std::move(field->patient);
}

// A page begins behind "<microseconds>:<audit id>" of the last row told.
std::string PageToken(const ConsentEnd& last) {
  return fmt::format("{}:{}", absl::ToUnixMicros(last.at), AuditIdText(last.audit_id));
}

void ReadPage(FieldErrors& errors, const std::string& token, ConsentInquiry& inquiry) {
  if (token.empty()) return;
  int64_t micros = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), micros);
  const auto colon = static_cast<size_t>(end - token.data());
  if (error == std::errc() && colon < token.size() && token[colon] == ':') {
    const absl::Time at = absl::FromUnixMicros(micros);
    const auto after = AuditIdFromText(std::string_view(token).substr(colon + 1));
    if (after && at >= inquiry.from && at < inquiry.to) {
      inquiry.from = at;
      inquiry.after = *after;
      return;
    }
  }
  errors.Add("page_token", kNotAPage);
}

void WriteConsent(const ShownConsent& shown, v1::Consent& consent) {
  consent.set_kind(static_cast<v1::ConsentKind>(shown.kind));
  consent.set_form_of_care(static_cast<v1::FormOfCare>(shown.form_of_care));
  if (shown.appointment_day)
    *consent.mutable_appointment_date() = DayToProto(*shown.appointment_day);
  *consent.mutable_decide_time() = TimeToProto(shown.decided_at);
  consent.set_method(static_cast<v1::ConsentMethod>(shown.method));
  if (shown.standing != ConsentStanding::kDeclined && shown.window_end != absl::InfiniteFuture()) {
    *consent.mutable_window_end_time() = TimeToProto(shown.window_end);
  }
  consent.set_standing(static_cast<v1::ConsentStanding>(shown.standing));
  *consent.mutable_since_time() = TimeToProto(shown.since);
  if (const auto code = EndCodeOf(shown.standing)) consent.set_end_code(*code);
  if (shown.not_counting) {
    consent.set_not_counting_reason(std::string(FactsOf(*shown.not_counting).name));
  }
}

}  // namespace

absl::Status ReadListConsents(const v1::ListConsentsRequest& request, const Call& call,
                              const auth::HmacKey& look_up, ConsentInquiry& inquiry) {
  FieldErrors errors;
  ReadCall(errors, request, call, inquiry);
  inquiry.form_of_care = OptionalEnum<FormOfCare>(errors, "form_of_care", request.form_of_care());
  SetPatient(
      ReadPatient(errors, request.patient(), inquiry.form_of_care, CivilDayAt(call.at), look_up),
      inquiry);
  return errors.ToStatus();
}

void WriteListConsents(const ConsentAnswer& answer, std::string& out) {
  v1::ListConsentsResponse response;
  for (const ShownConsent& shown : answer.consents) WriteConsent(shown, *response.add_consents());
  response.set_audit_id(AuditIdText(answer.audit_id));
  response.AppendToString(&out);
}

absl::Status ReadRevokeConsent(const v1::RevokeConsentRequest& request, const Call& call,
                               const auth::HmacKey& look_up, ConsentInquiry& inquiry) {
  FieldErrors errors;
  ReadCall(errors, request, call, inquiry);
  inquiry.form_of_care = RequiredEnum<FormOfCare>(errors, "form_of_care", request.form_of_care());
  inquiry.appointment_day = OptionalDay(errors, "appointment_date", request.appointment_date());
  if (inquiry.appointment_day && inquiry.form_of_care != FormOfCare::kOnlineCare) {
    errors.Add("appointment_date", kOnlyOnline);
  }
  SetPatient(
      ReadPatient(errors, request.patient(), inquiry.form_of_care, CivilDayAt(call.at), look_up),
      inquiry);
  int kinds = 0;
  for (int i = 0; i < request.kinds_size(); ++i) {
    const std::string path = FieldAt("kinds", i);
    const auto kind = RequiredEnum<ConsentKind>(errors, path, request.kinds(i));
    if (!kind) continue;
    if ((kinds & ConsentKindBit(*kind)) != 0) errors.Add(path, kTwice);
    kinds |= ConsentKindBit(*kind);
  }
  inquiry.kinds = request.kinds().empty() ? int{kAllConsentKinds} : kinds;
  inquiry.reason = RequiredEnum<ConsentEndReason>(errors, "reason", request.reason())
                       .value_or(ConsentEndReason::kRevokedByFacility);
  inquiry.request_id =
      OptionalUuid<RequestId>(errors, "request_id", request.request_id()).value_or(RequestId{});
  return errors.ToStatus();
}

void WriteRevokeConsent(const ConsentAnswer& answer, std::string& out) {
  v1::RevokeConsentResponse response;
  for (const ShownConsent& shown : answer.consents) WriteConsent(shown, *response.add_ended());
  response.set_audit_id(AuditIdText(answer.audit_id));
  response.AppendToString(&out);
}

absl::Status ReadCheckConsentEnd(const v1::CheckConsentEndRequest& request, const Call& call,
                                 const auth::HmacKey& look_up, ConsentInquiry& inquiry) {
  FieldErrors errors;
  ReadCall(errors, request, call, inquiry);
  inquiry.form_of_care = OptionalEnum<FormOfCare>(errors, "form_of_care", request.form_of_care());
  const auto from = OptionalDay(errors, "from_date", request.from_date());
  const auto to = OptionalDay(errors, "to_date", request.to_date());
  if (from) inquiry.from = StartOfDay(*from);
  if (to) inquiry.to = StartOfDay(*to + 1);
  if (from && to && *from > *to) errors.Add("to_date", kDaysReversed);
  if (request.has_patient()) {
    SetPatient(
        ReadPatient(errors, request.patient(), inquiry.form_of_care, CivilDayAt(call.at), look_up),
        inquiry);
    if (!request.page_token().empty()) errors.Add("page_token", kNotAPage);
  } else {
    ReadPage(errors, request.page_token(), inquiry);
  }
  return errors.ToStatus();
}

void WriteCheckConsentEnd(const ConsentAnswer& answer, std::string& out) {
  v1::CheckConsentEndResponse response;
  for (const ShownConsent& shown : answer.consents) WriteConsent(shown, *response.add_consents());
  for (const EndedConsents& ended : answer.ends) {
    v1::EndedConsents& row = *response.add_ends();
    row.set_patient_handle(ended.patient_handle);
    for (int number = 1; number <= kConsentKinds; ++number) {
      const auto kind = static_cast<ConsentKind>(number);
      if ((ended.end.kinds & ConsentKindBit(kind)) != 0) {
        row.add_kinds(static_cast<v1::ConsentKind>(number));
      }
    }
    row.set_form_of_care(static_cast<v1::FormOfCare>(ended.end.form_of_care));
    if (ended.end.appointment_day) {
      *row.mutable_appointment_date() = DayToProto(*ended.end.appointment_day);
    }
    *row.mutable_end_time() = TimeToProto(ended.end.at);
    row.set_reason(static_cast<v1::ConsentEndReason>(ended.end.reason));
  }
  response.set_audit_id(AuditIdText(answer.audit_id));
  if (answer.more) response.set_next_page_token(PageToken(answer.ends.back().end));
  response.AppendToString(&out);
}

absl::Status ReadExplainDecision(const v1::ExplainDecisionRequest& request, const Call& call,
                                 const auth::HmacKey& look_up, ConsentInquiry& inquiry) {
  FieldErrors errors;
  ReadCall(errors, request, call, inquiry);
  switch (request.decision_case()) {
    case v1::ExplainDecisionRequest::kAuditId:
      inquiry.decision = AuditIdFromText(request.audit_id());
      if (!inquiry.decision) errors.Add("audit_id", kFieldMalformed);
      break;
    case v1::ExplainDecisionRequest::kCall: {
      const v1::HypotheticalCall& asked = request.call();
      const absl::CivilDay today = CivilDayAt(call.at);
      inquiry.form_of_care = ReadForm(errors, asked.form_of_care(), asked.appointment_date(),
                                      FirstBooking(today), inquiry.appointment_day, "call.");
      SetPatient(
          ReadPatient(errors, asked.patient(), inquiry.form_of_care, today, look_up, "call."),
          inquiry);
      inquiry.kind =
          RequiredEnum<RecordKind>(errors, "call.kind", asked.kind()).value_or(RecordKind::kDrug);
      break;
    }
    case v1::ExplainDecisionRequest::DECISION_NOT_SET:
      errors.Add("decision", kOneQuestion);
      break;
  }
  return errors.ToStatus();
}

void WriteExplainDecision(const ConsentAnswer& answer, std::string& out) {
  v1::ExplainDecisionResponse response;
  for (const ExplainedKind& explained : answer.explanations) {
    const Explanation& words = explained.explanation;
    v1::DecisionExplanation& row = *response.add_explanations();
    row.set_kind(static_cast<v1::ConsentKind>(explained.kind));
    row.set_allowed(words.allowed);
    row.set_reason(std::string(words.reason));
    row.set_rule(words.rule);
    row.set_source(std::string(words.source));
    row.set_consent(words.consent);
    row.set_time_left(words.time_left);
    row.set_remedy(words.remedy);
    *row.mutable_decide_time() = TimeToProto(explained.decided_at);
  }
  response.set_audit_id(AuditIdText(answer.audit_id));
  response.AppendToString(&out);
}

}  // namespace kakunin
