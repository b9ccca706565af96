#include "server/rpc/convert_abnormal_times.h"

#include "auth/uuid.h"
#include "domain/civil_day.h"
#include "domain/four_items.h"
#include "server/rpc/convert_date.h"
#include "server/rpc/convert_eligibility.h"
#include "server/rpc/fields.h"
#include "server/rpc/patient_fields.h"
#include "server/rpc/read_terminal_call.h"
#include "server/usecases/feed_keys.h"
#include "server/usecases/terminal_audit.h"

namespace kakunin {
namespace {

constexpr size_t kMostNameCharacters = 200;
constexpr size_t kMostAddressCharacters = 500;

constexpr std::string_view kSearchSituation = "災害時かシステム障害時を指定してください。";
constexpr std::string_view kOneWayToFind =
    "患者は、保険者番号・記号・番号・生年月日か、氏名・生年月日・性別・住所のどちらかで指定してくだ"
    "さ"
    "い。";
constexpr std::string_view kFourInFailure =
    "システム障害時は、氏名・生年月日・性別・住所で検索してください。";
constexpr std::string_view kReasonWithout = "同意が得られないときだけ、その理由を指定します。";
constexpr std::string_view kNoConsentAsked =
    "システム障害時は資格情報だけを表示します。同意の指定は要りません。";
constexpr std::string_view kNothingToCompare = "氏名と住所を、文字で入力してください。";
constexpr std::string_view kInTheFuture = "未来の日付は指定できません。";
constexpr std::string_view kSexNeeded = "男か女を指定してください。";
constexpr std::string_view kNextSeveral =
    "複数の方が該当しました。表示はしません。ほかの項目か記号・番号で確かめてください。";
constexpr std::string_view kNextNobody =
    "該当する方が見つかりません。氏名・生年月日・性別・住所の入力を確かめてください。";
constexpr std::string_view kNextFound =
    "本人であることを確かめてから利用してください。閲覧は記録され、後で本人に示されます。";
constexpr std::string_view kNextRehearsal = "訓練の表示です。試験用の患者だけが該当します。";

void SetInForce(const AbnormalTimesPolicy& policy, v1::AbnormalTimesInForce& out) {
  out.set_policy_id(auth::UuidText(policy.id.octets));
  out.set_situation(static_cast<v1::Situation>(policy.situation));
  out.set_order_number(policy.order_number);
  if (policy.order_day) *out.mutable_order_date() = DayToProto(*policy.order_day);
  *out.mutable_from_time() = TimeToProto(policy.from);
  if (policy.to != absl::InfiniteFuture()) *out.mutable_to_time() = TimeToProto(policy.to);
  SetPolicyKinds(policy.kinds, *out.mutable_kinds());
  out.set_rehearsal(policy.rehearsal);
}

// What ReadTerminalCall does, for a call that is not of normal times.
template <class Request>
void ReadCall(FieldErrors& errors, const Request& request, const Call& call,
              const auth::HmacKey& audit_key, const TerminalRequest& wanted, TerminalCall& asked) {
  const Terminal& terminal = TerminalOf(call);
  ReadTerminalCall(errors, request.facility_code(), request.SerializeAsString(),
                   wanted.form_of_care, call, audit_key, asked);
  asked.refused.reset();
  ReadFacilityCode(errors, request.facility_code(), call, asked.refused);
  if (!asked.refused) asked.refused = DecideTerminal(terminal, wanted);
  SetSituation(wanted.situation, /*rehearsal=*/false, asked.record);
}

std::optional<KeyHash> ReadNumber(FieldErrors& errors, const v1::InsuredKey& insured,
                                  absl::CivilDay today, const auth::HmacKey& look_up) {
  const auto key = ReadInsuredKey(errors,
                                  {.insurer_number = insured.insurer_number(),
                                   .symbol = insured.symbol(),
                                   .number = insured.number(),
                                   .branch_number = insured.branch_number(),
                                   .birth_date = insured.birth_date(),
                                   .prefix = "insured."},
                                  today);
  if (!key) return std::nullopt;
  return LookUpHash(look_up, *key, key->branch.has_value());
}

std::optional<FourItems> ReadItems(FieldErrors& errors, const v1::FourItems& items,
                                   absl::CivilDay today) {
  bool good = RequiredLine(errors, "four_items.name", items.name(), kMostNameCharacters);
  good &= RequiredLine(errors, "four_items.address", items.address(), kMostAddressCharacters);
  const auto birth = RequiredDay(errors, "four_items.birth_date", items.birth_date());
  if (birth && *birth > today) errors.Add("four_items.birth_date", kInTheFuture);
  const auto sex = RequiredEnum<Sex>(errors, "four_items.sex", items.sex());
  if (sex == Sex::kNotSet) errors.Add("four_items.sex", kSexNeeded);
  if (!good || !birth || *birth > today || !sex || *sex == Sex::kNotSet) return std::nullopt;
  auto read = ReadFourItems(items.name(), *birth, *sex, items.address());
  if (!read) errors.Add("four_items", kNothingToCompare);
  return read;
}

void ReadConsent(FieldErrors& errors, const v1::SearchPatientRequest& request, bool failure,
                 StatedConsent& consent) {
  if (failure) {
    if (request.oral_consent() != 0) errors.Add("oral_consent", kNoConsentAsked);
    if (request.no_consent_reason() != 0) errors.Add("no_consent_reason", kNoConsentAsked);
    return;
  }
  consent.oral = RequiredEnum<OralConsent>(errors, "oral_consent", request.oral_consent());
  if (consent.oral == OralConsent::kNotObtained) {
    consent.not_obtained =
        RequiredEnum<NoConsentReason>(errors, "no_consent_reason", request.no_consent_reason());
  } else if (request.no_consent_reason() != 0) {
    errors.Add("no_consent_reason", kReasonWithout);
  }
}

}  // namespace

void SetPolicyKinds(uint32_t kinds, google::protobuf::RepeatedField<int>& out) {
  for (int number = 1; number <= kRecordKinds; ++number) {
    if ((kinds & KindBit(static_cast<RecordKind>(number))) != 0) out.Add(number);
  }
}

absl::Status ReadListAbnormalTimes(const v1::ListAbnormalTimesRequest& request, const Call& call,
                                   const auth::HmacKey& audit_key, TerminalCall& asked) {
  FieldErrors errors;
  ReadTerminalCall(errors, request, call, audit_key, asked);
  return errors.ToStatus();
}

void WriteListAbnormalTimes(const Terminal& terminal, absl::Time at,
                            v1::ListAbnormalTimesResponse& response) {
  if (terminal.abnormal_times == nullptr) return;
  for (const AbnormalTimesPolicy& policy : terminal.abnormal_times->policies) {
    if (IsInForce(policy, at) && Concerns(policy, terminal)) {
      SetInForce(policy, *response.add_policies());
    }
  }
}

absl::Status ReadSearchPatient(const v1::SearchPatientRequest& request, const Call& call,
                               const auth::HmacKey& audit_key, const auth::HmacKey& look_up,
                               TerminalCall& asked, PatientSearch& search) {
  FieldErrors errors;
  const absl::CivilDay today = CivilDayAt(call.at);
  search.terminal = &TerminalOf(call);
  search.actor_name = call.actor_name;
  search.situation = RequiredEnum<Situation>(errors, "situation", request.situation())
                         .value_or(Situation::kDisaster);
  if (search.situation == Situation::kEmergency) errors.Add("situation", kSearchSituation);
  const bool failure = search.situation == Situation::kSystemFailure;
  search.policy = OptionalUuid<PolicyId>(errors, "policy_id", request.policy_id());
  ReadCall(errors, request, call, audit_key,
           {.operation = call.policy->operation,
            .situation = search.situation,
            .at = call.at,
            .policy = search.policy},
           asked);
  switch (request.patient_case()) {
    case v1::SearchPatientRequest::kInsured:
      if (failure) errors.Add("insured", kFourInFailure);
      if (auto key = ReadNumber(errors, request.insured(), today, look_up)) search.patient = *key;
      break;
    case v1::SearchPatientRequest::kFourItems:
      if (auto items = ReadItems(errors, request.four_items(), today)) {
        search.patient = *std::move(items);
      }
      break;
    case v1::SearchPatientRequest::PATIENT_NOT_SET:
      errors.Add("patient", kOneWayToFind);
      break;
  }
  ReadConsent(errors, request, failure, search.consent);
  return errors.ToStatus();
}

absl::Status WriteSearchPatient(const FoundPatient& found, v1::SearchPatientResponse& response) {
  SetInForce(found.policy, *response.mutable_policy());
  response.set_audit_id(AuditIdText(found.audit_id));
  std::string_view next = found.persons_found > 1 ? kNextSeveral : kNextNobody;
  response.set_validity(found.persons_found > 1 ? v1::VALIDITY_SEVERAL_FOUND
                                                : v1::VALIDITY_NOT_FOUND);
  if (found.persons_found == 1) {
    next = kNextFound;
    response.set_validity(static_cast<v1::Validity>(found.confirmed.validity));
    for (const std::string& octets : found.confirmed.coverages) {
      if (!response.add_coverages()->ParseFromString(octets)) return MakeError(Reason::kInternal);
    }
    WriteWarnings(found.confirmed, *response.mutable_warnings());
  }
  if (!found.view_handle.empty()) {
    response.set_view_handle(found.view_handle);
    *response.mutable_view_end_time() = TimeToProto(found.view_end);
  }
  response.set_next_step(found.policy.rehearsal ? std::string(kNextRehearsal) + std::string(next)
                                                : std::string(next));
  return absl::OkStatus();
}

absl::Status ReadOpenEmergencyView(const v1::OpenEmergencyViewRequest& request, const Call& call,
                                   const auth::HmacKey& audit_key, TerminalCall& asked,
                                   EmergencyOpening& opening) {
  FieldErrors errors;
  opening.handle = request.patient_handle();
  opening.policy = OptionalUuid<PolicyId>(errors, "policy_id", request.policy_id());
  ReadCall(errors, request, call, audit_key,
           {.operation = call.policy->operation,
            .form_of_care = FormOfCare::kEmergency,
            .situation = Situation::kEmergency,
            .at = call.at,
            .policy = opening.policy},
           asked);
  if (request.patient_handle().empty()) errors.Add("patient_handle", kFieldMissing);
  opening.reason =
      RequiredEnum<NoConsentReason>(errors, "no_consent_reason", request.no_consent_reason())
          .value_or(NoConsentReason::kUnconscious);
  return errors.ToStatus();
}

void WriteOpenEmergencyView(const OpenedView& opened, v1::OpenEmergencyViewResponse& response) {
  response.set_view_handle(opened.handle);
  *response.mutable_view_end_time() = TimeToProto(opened.end);
  SetInForce(opened.policy, *response.mutable_policy());
  response.set_audit_id(AuditIdText(opened.audit_id));
}

}  // namespace kakunin
