#include "server/rpc/convert_reception.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "auth/encoding.h"
#include "domain/error.h"
#include "domain/reception_sentence.h"
#include "google/rpc/error_details.pb.h"
#include "kakunin/v1/reception_service.pb.h"
#include "server/rpc/convert_date.h"
#include "server/rpc/fields.h"
#include "server/rpc/read_decisions.h"
#include "server/rpc/status.h"

namespace kakunin {
namespace {

template <class Message>
bool Parse(FieldErrors& errors, std::string_view json, Message& message) {
  const auto parsed = google::protobuf::util::JsonStringToMessage(std::string(json), &message);
  if (!parsed.ok()) errors.Add("body", kFieldMalformed);
  return parsed.ok();
}

std::string JsonOf(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  std::string json;
  const auto written = google::protobuf::util::MessageToJsonString(message, &json, options);
  return written.ok() ? json : "{}";
}

void ReadProof(FieldErrors& errors, const v1::CardProof& card, CardProofOctets& proof) {
  if (RequiredOctets(errors, "card.challenge_id", card.challenge_id(), 16, 16)) {
    std::copy_n(card.challenge_id().begin(), 16, proof.challenge.octets.begin());
  }
  // Anything but absence is the verifier's to judge: a malformed certificate is a refused card.
  if (card.certificate().empty()) errors.Add("card.certificate", kFieldMissing);
  if (card.signature().empty()) errors.Add("card.signature", kFieldMissing);
  if (const auto way = RequiredEnum<HolderVerification>(errors, "card.holder_verification",
                                                        card.holder_verification())) {
    proof.holder_verification = *way;
  }
  proof.certificate = card.certificate();
  proof.signature = card.signature();
}

template <class Request>
absl::Status ReadProofOnly(std::string_view json, CardProofOctets& proof) {
  FieldErrors errors;
  Request request;
  if (Parse(errors, json, request)) ReadProof(errors, request.card(), proof);
  return errors.ToStatus();
}

void SetConsent(const ShownConsent& shown, v1::OwnConsent& out) {
  out.set_kind(static_cast<v1::ConsentKind>(shown.kind));
  out.set_form_of_care(static_cast<v1::FormOfCare>(shown.form_of_care));
  if (shown.appointment_day) *out.mutable_appointment_date() = DayToProto(*shown.appointment_day);
  const bool declined = shown.standing == ConsentStanding::kDeclined;
  out.set_decision(declined ? v1::DECISION_DECLINED : v1::DECISION_AGREED);
  *out.mutable_decide_time() = TimeToProto(shown.decided_at);
  out.set_standing(static_cast<v1::ConsentStanding>(shown.standing));
  if (!declined && shown.window_end != absl::InfiniteFuture()) {
    *out.mutable_end_time() = TimeToProto(shown.window_end);
  }
  if (shown.not_counting) {
    out.set_not_counting_reason(std::string(FactsOf(*shown.not_counting).name));
  }
}

v1::ReceptionOutcome OutcomeOf(const Confirmed& confirmed) {
  if (!confirmed.registered) return v1::RECEPTION_OUTCOME_NOT_REGISTERED;
  if (confirmed.card_in_grace) return v1::RECEPTION_OUTCOME_CARD_IN_GRACE;
  const auto& warnings = confirmed.warnings;
  const bool in_question =
      std::find(warnings.begin(), warnings.end(), Warning::kIdentityInQuestion) != warnings.end();
  return in_question ? v1::RECEPTION_OUTCOME_IDENTITY_IN_QUESTION : v1::RECEPTION_OUTCOME_TAKEN;
}

struct WebCode {
  absl::StatusCode code;
  std::string_view name;  // connectrpc.com/docs/protocol, "Error Codes"
  int http_status;
};
constexpr std::array kWebCodes = {
    WebCode{absl::StatusCode::kInvalidArgument, "invalid_argument", 400},
    WebCode{absl::StatusCode::kDeadlineExceeded, "deadline_exceeded", 504},
    WebCode{absl::StatusCode::kNotFound, "not_found", 404},
    WebCode{absl::StatusCode::kAlreadyExists, "already_exists", 409},
    WebCode{absl::StatusCode::kPermissionDenied, "permission_denied", 403},
    WebCode{absl::StatusCode::kResourceExhausted, "resource_exhausted", 429},
    WebCode{absl::StatusCode::kFailedPrecondition, "failed_precondition", 400},
    WebCode{absl::StatusCode::kUnavailable, "unavailable", 503},
    WebCode{absl::StatusCode::kUnauthenticated, "unauthenticated", 401},
};

nlohmann::json DetailOf(const google::protobuf::Message& detail) {
  return {{"type", detail.GetDescriptor()->full_name()},
          {"value", auth::Base64Encode(detail.SerializeAsString())},
          {"debug", nlohmann::json::parse(JsonOf(detail))}};
}

}  // namespace

absl::Status ReadOpenReception(std::string_view json, std::string& token) {
  FieldErrors errors;
  v1::OpenReceptionRequest request;
  if (Parse(errors, json, request)) token = request.token();
  return errors.ToStatus();
}

absl::Status ReadBeginReceptionAct(std::string_view json, CardPurpose& purpose) {
  FieldErrors errors;
  v1::BeginReceptionActRequest request;
  if (!Parse(errors, json, request)) return errors.ToStatus();
  switch (request.act()) {
    case v1::RECEPTION_ACT_GIVE_CONSENTS:
      purpose = CardPurpose::kConfirm;
      break;
    case v1::RECEPTION_ACT_LIST_CONSENTS:
      purpose = CardPurpose::kConsent;
      break;
    case v1::RECEPTION_ACT_WITHDRAW_CONSENTS:
      purpose = CardPurpose::kWithdraw;
      break;
    case v1::RECEPTION_ACT_LIST_ACCESSES:
      purpose = CardPurpose::kListAccess;
      break;
    default:
      errors.Add("act", kFieldNotAChoice);
  }
  return errors.ToStatus();
}

absl::Status ReadGiveConsents(std::string_view json, ConsentsToGive& wanted) {
  FieldErrors errors;
  v1::GiveConsentsRequest request;
  if (!Parse(errors, json, request)) return errors.ToStatus();
  ReadProof(errors, request.card(), wanted.proof);
  wanted.decisions = ReadDecisions(errors, request.decisions());
  wanted.assisted = request.assisted();
  wanted.request_id =
      RequiredUuid<RequestId>(errors, "request_id", request.request_id()).value_or(RequestId{});
  return errors.ToStatus();
}

absl::Status ReadListOwnConsents(std::string_view json, CardProofOctets& proof) {
  return ReadProofOnly<v1::ListOwnConsentsRequest>(json, proof);
}

absl::Status ReadWithdrawConsents(std::string_view json, CardProofOctets& proof) {
  return ReadProofOnly<v1::WithdrawConsentsRequest>(json, proof);
}

absl::Status ReadListOwnAccesses(std::string_view json, CardProofOctets& proof) {
  return ReadProofOnly<v1::ListOwnAccessesRequest>(json, proof);
}

CardQuestion CardQuestionOf(const ConsentsToGive& wanted) {
  return {.challenge = wanted.proof.challenge,
          .certificate = wanted.proof.certificate,
          .signature = wanted.proof.signature,
          .holder_verification = wanted.proof.holder_verification,
          .decisions = wanted.decisions,
          .assisted = wanted.assisted};
}

CardAct CardActOf(const CardProofOctets& proof, const ReceptionVisit& visit) {
  return {.terminal = &visit.door,
          .challenge = proof.challenge,
          .certificate = proof.certificate,
          .signature = proof.signature,
          .holder_verification = proof.holder_verification,
          .form_of_care = visit.link->link.form_of_care};
}

std::string WriteOpenReception(const FoundLink& link, const OpenedSession& opened) {
  v1::OpenReceptionResponse response;
  response.set_facility_name(link.facility_name);
  response.set_form_of_care(static_cast<v1::FormOfCare>(link.link.form_of_care));
  if (link.link.appointment_day) {
    *response.mutable_appointment_date() = DayToProto(*link.link.appointment_day);
  }
  response.set_csrf_token(opened.csrf_token);
  response.set_session(opened.session);
  *response.mutable_session_expire_time() = TimeToProto(opened.end);
  return JsonOf(response);
}

std::string WriteBeginReceptionAct(const Issued& issued) {
  v1::BeginReceptionActResponse response;
  response.set_challenge_id(issued.challenge.octets.data(), issued.challenge.octets.size());
  response.set_to_be_signed(issued.to_be_signed);
  *response.mutable_expire_time() = TimeToProto(issued.expires);
  return JsonOf(response);
}

std::string WriteGiveConsents(const Confirmed& confirmed, const FoundLink& link) {
  v1::GiveConsentsResponse response;
  response.set_outcome(OutcomeOf(confirmed));
  *response.mutable_act_time() = TimeToProto(confirmed.at);
  response.set_audit_id(AuditIdText(confirmed.audit_id));
  if (confirmed.consent) {
    const ConsentAct& act = *confirmed.consent;
    for (int i = 1; i <= kConsentKinds; ++i) {
      const auto kind = static_cast<ConsentKind>(i);
      const Decision decision = act.decisions.Of(kind);
      if (decision == Decision::kNotAsked) continue;
      const bool agreed = decision == Decision::kAgreed;
      SetConsent({.kind = kind,
                  .form_of_care = link.link.form_of_care,
                  .appointment_day = link.link.appointment_day,
                  .decided_at = act.begin,
                  .window_end = act.end,
                  .standing = agreed ? ConsentStanding::kRunning : ConsentStanding::kDeclined},
                 *response.add_consents());
    }
  }
  return JsonOf(response);
}

std::string WriteListOwnConsents(const OwnConsents& own) {
  v1::ListOwnConsentsResponse response;
  for (const ShownConsent& shown : own.consents) SetConsent(shown, *response.add_consents());
  response.set_registered(own.registered);
  response.set_audit_id(AuditIdText(own.audit_id));
  return JsonOf(response);
}

std::string WriteWithdrawConsents(const OwnConsents& own) {
  v1::WithdrawConsentsResponse response;
  for (const ShownConsent& shown : own.consents) SetConsent(shown, *response.add_withdrawn());
  response.set_registered(own.registered);
  response.set_audit_id(AuditIdText(own.audit_id));
  return JsonOf(response);
}

std::string WriteListOwnAccesses(const OwnAccesses& own) {
  v1::ListOwnAccessesResponse response;
  for (const Access& access : own.listed.accesses) {
    v1::OwnAccess& out = *response.add_accesses();
    *out.mutable_time() = TimeToProto(access.at);
    out.set_facility_name(access.facility_name);
    out.set_operation(access.operation ? static_cast<v1::AccessOperation>(*access.operation)
                                       : v1::ACCESS_OPERATION_CONFIRM);
    out.set_shown(!access.denial);
    out.set_own_act(access.own_act);
    out.set_situation(static_cast<v1::Situation>(access.situation));
    out.set_rehearsal(access.rehearsal);
    for (const AccessedKind& kind : access.kinds) {
      if (!kind.denial) out.add_kinds_shown(static_cast<v1::ConsentKind>(kind.kind));
    }
  }
  response.set_more(own.listed.next.has_value());
  response.set_facility_names_hidden(own.facility_names_hidden);
  response.set_registered(own.listed.person.has_value());
  response.set_audit_id(AuditIdText(own.listed.audit_id));
  return JsonOf(response);
}

WebError WriteReceptionError(const absl::Status& status) {
  // What a caller may see of an error is decided where gRPC's errors are made.
  const grpc::Status shown = ToGrpcStatus(status);
  const std::string name = DescribeError(shown).reason;
  const Reason reason = ReasonNamed(name).value_or(Reason::kInternal);
  google::rpc::ErrorInfo info;
  info.set_reason(name);
  info.set_domain("kakunin");
  google::rpc::LocalizedMessage sentence;
  sentence.set_locale("ja-JP");
  sentence.set_message(std::string(ReceptionSentence(reason)));
  nlohmann::json details = {DetailOf(info), DetailOf(sentence)};
  google::rpc::BadRequest violations;
  for (const FieldViolation& violation : ViolationsOf(status)) {
    auto& out = *violations.add_field_violations();
    out.set_field(violation.field);
    out.set_description(violation.description);
  }
  if (violations.field_violations_size() > 0) details.push_back(DetailOf(violations));
  if (const auto after = DescribeError(shown).retry_after) {
    google::rpc::RetryInfo retry;
    retry.mutable_retry_delay()->set_seconds(absl::ToInt64Seconds(*after));
    details.push_back(DetailOf(retry));
  }
  const auto code = std::find_if(kWebCodes.begin(), kWebCodes.end(), [&](const WebCode& row) {
    return static_cast<int>(row.code) == static_cast<int>(shown.error_code());
  });
  WebError error;
  error.http_status = code == kWebCodes.end() ? 500 : code->http_status;
  const nlohmann::json body = {
      {"code", code == kWebCodes.end() ? "internal" : std::string(code->name)},
      {"message", name},
      {"details", std::move(details)}};
  error.json = body.dump();
  return error;
}

}  // namespace kakunin
