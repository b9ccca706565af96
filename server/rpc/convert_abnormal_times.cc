#include "server/rpc/convert_abnormal_times.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "auth/encoding.h"
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
constexpr size_t kMostOrderCharacters = 100;
constexpr size_t kMostNoteCharacters = 500;
constexpr int kMostNames = 10'000;
constexpr int kFacilityDigits = 10;
constexpr int kMunicipalityDigits = 5;

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
constexpr std::string_view kNoPlace = "市区町村か医療機関等コードを一つ以上指定してください。";
constexpr std::string_view kTooManyPlaces =
    "市区町村とコードは、それぞれ10,000件以内にしてください。";
constexpr std::string_view kNeedsEnd = "終わりの日時を指定してください。";
constexpr std::string_view kNoEnd = "救急時の閲覧の権限には終わりの日時を指定しません。";
constexpr std::string_view kEndBeforeStart = "終わりは始まりより後にしてください。";
constexpr std::string_view kEndInThePast = "終わりが過去です。";
constexpr std::string_view kTooLong =
    "期間は31日以内にしてください。続けるときは、あとで延長してください。";
constexpr std::string_view kKindNotOpened =
    "薬剤情報・診療情報・手術情報・特定健診情報から、重ならないように選んでください。";
constexpr std::string_view kNoKindInFailure = "システム障害時は資格情報だけです。";
constexpr std::string_view kKindNeeded = "閲覧できる情報の種類を一つ以上指定してください。";
constexpr std::string_view kRightByCode =
    "救急時の閲覧の権限は医療機関等コードだけで指定してください。";
constexpr std::string_view kNextSeveral =
    "複数の方が該当しました。表示はしません。ほかの項目か記号・番号で確かめてください。";
constexpr std::string_view kNextNobody =
    "該当する方が見つかりません。氏名・生年月日・性別・住所の入力を確かめてください。";
constexpr std::string_view kNextFound =
    "本人であることを確かめてから利用してください。閲覧は記録され、後で本人に示されます。";
constexpr std::string_view kNextRehearsal = "訓練の表示です。試験用の患者だけが該当します。";

template <class Repeated>
void SetKinds(uint32_t kinds, Repeated& out) {
  for (int number = 1; number <= kRecordKinds; ++number) {
    if ((kinds & KindBit(static_cast<RecordKind>(number))) != 0) {
      out.Add(static_cast<v1::ConsentKind>(number));
    }
  }
}

void SetInForce(const AbnormalTimesPolicy& policy, v1::AbnormalTimesInForce& out) {
  out.set_policy_id(auth::UuidText(policy.id.octets));
  out.set_situation(static_cast<v1::Situation>(policy.situation));
  out.set_order_number(policy.order_number);
  if (policy.order_day) *out.mutable_order_date() = DayToProto(*policy.order_day);
  *out.mutable_from_time() = TimeToProto(policy.from);
  if (policy.to != absl::InfiniteFuture()) *out.mutable_to_time() = TimeToProto(policy.to);
  SetKinds(policy.kinds, *out.mutable_kinds());
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

void ReadPlaces(FieldErrors& errors, const v1::AbnormalTimesContent& content,
                AbnormalTimesPolicy& policy) {
  const auto read = [&](const char* field, const auto& from, size_t digits,
                        std::vector<std::string>& to) {
    if (from.size() > kMostNames) return errors.Add(field, kTooManyPlaces);
    for (int i = 0; i < from.size(); ++i) {
      if (RequiredDigits(errors, FieldAt(field, i), from.Get(i), digits)) to.push_back(from.Get(i));
    }
  };
  read("content.municipality_codes", content.municipality_codes(), kMunicipalityDigits,
       policy.municipalities);
  read("content.facility_codes", content.facility_codes(), kFacilityDigits, policy.facilities);
  if (content.municipality_codes().empty() && content.facility_codes().empty()) {
    errors.Add("content.municipality_codes", kNoPlace);
  }
  if (policy.situation == Situation::kEmergency && !content.municipality_codes().empty()) {
    errors.Add("content.municipality_codes", kRightByCode);
  }
}

void ReadTimes(FieldErrors& errors, const v1::AbnormalTimesContent& content, absl::Time now,
               AbnormalTimesPolicy& policy) {
  const auto from = OptionalInstant(errors, "content.from_time",
                                    content.has_from_time() ? &content.from_time() : nullptr);
  if (!content.has_from_time()) errors.Add("content.from_time", kFieldMissing);
  const auto to = OptionalInstant(errors, "content.to_time",
                                  content.has_to_time() ? &content.to_time() : nullptr);
  policy.to = absl::InfiniteFuture();
  if (policy.situation == Situation::kEmergency) {
    if (content.has_to_time()) errors.Add("content.to_time", kNoEnd);
  } else if (!content.has_to_time()) {
    errors.Add("content.to_time", kNeedsEnd);
  }
  if (from) policy.from = *from;
  if (!to) return;
  policy.to = *to;
  if (*to <= now) errors.Add("content.to_time", kEndInThePast);
  if (from && *to <= *from) errors.Add("content.to_time", kEndBeforeStart);
  if (from && *to > *from + kLongestPolicy) errors.Add("content.to_time", kTooLong);
}

void ReadKinds(FieldErrors& errors, const v1::AbnormalTimesContent& content,
               AbnormalTimesPolicy& policy) {
  const bool failure = policy.situation == Situation::kSystemFailure;
  if (failure && !content.kinds().empty()) return errors.Add("content.kinds", kNoKindInFailure);
  if (!failure && content.kinds().empty()) return errors.Add("content.kinds", kKindNeeded);
  for (int i = 0; i < std::min(content.kinds_size(), kRecordKinds + 1); ++i) {
    const std::string field = FieldAt("content.kinds", i);
    const auto kind =
        RequiredEnum<RecordKind>(errors, field, static_cast<v1::ConsentKind>(content.kinds(i)));
    if (!kind) continue;
    if (!MayBeOpened(*kind) || (policy.kinds & KindBit(*kind)) != 0) {
      errors.Add(field, kKindNotOpened);
    } else {
      policy.kinds |= KindBit(*kind);
    }
  }
}

v1::AbnormalTimesState StateOf(const ToldPolicy& told, absl::Time now) {
  const AbnormalTimesPolicy& policy = told.policy;
  if (policy.ended_at) return v1::ABNORMAL_TIMES_STATE_ENDED;
  if (!told.signature_good) return v1::ABNORMAL_TIMES_STATE_FORGED;
  if (now >= policy.to) return v1::ABNORMAL_TIMES_STATE_OVER;
  if (!policy.approved_at) return v1::ABNORMAL_TIMES_STATE_PROPOSED;
  return now < policy.from ? v1::ABNORMAL_TIMES_STATE_APPROVED : v1::ABNORMAL_TIMES_STATE_IN_FORCE;
}

}  // namespace

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
                                   NoConsentReason& reason) {
  FieldErrors errors;
  ReadCall(errors, request, call, audit_key,
           {.operation = call.policy->operation,
            .form_of_care = FormOfCare::kEmergency,
            .situation = Situation::kEmergency,
            .at = call.at},
           asked);
  if (request.patient_handle().empty()) errors.Add("patient_handle", kFieldMissing);
  reason = RequiredEnum<NoConsentReason>(errors, "no_consent_reason", request.no_consent_reason())
               .value_or(NoConsentReason::kUnconscious);
  return errors.ToStatus();
}

void WriteOpenEmergencyView(const OpenedView& opened, v1::OpenEmergencyViewResponse& response) {
  response.set_view_handle(opened.handle);
  *response.mutable_view_end_time() = TimeToProto(opened.end);
  SetInForce(opened.policy, *response.mutable_policy());
  response.set_audit_id(AuditIdText(opened.audit_id));
}

absl::Status ReadProposeAbnormalTimes(const v1::ProposeAbnormalTimesRequest& request,
                                      absl::Time now, RequestId& id, AbnormalTimesPolicy& policy) {
  FieldErrors errors;
  id = RequiredUuid<RequestId>(errors, "request_id", request.request_id()).value_or(RequestId{});
  const v1::AbnormalTimesContent& content = request.content();
  policy.situation = RequiredEnum<Situation>(errors, "content.situation", content.situation())
                         .value_or(Situation::kDisaster);
  RequiredLine(errors, "content.order_number", content.order_number(), kMostOrderCharacters);
  policy.order_number = content.order_number();
  policy.order_day = OptionalDay(errors, "content.order_date", content.order_date());
  if (policy.situation == Situation::kDisaster && IsAbsent(content.order_date())) {
    errors.Add("content.order_date", kFieldMissing);
  }
  ReadPlaces(errors, content, policy);
  ReadTimes(errors, content, now, policy);
  ReadKinds(errors, content, policy);
  policy.rehearsal = content.rehearsal();
  policy.extends =
      OptionalUuid<PolicyId>(errors, "content.extends_policy_id", content.extends_policy_id())
          .value_or(PolicyId{});
  OptionalLine(errors, "content.note", content.note(), kMostNoteCharacters);
  policy.note = content.note();
  return errors.ToStatus();
}

void SetPolicy(const ToldPolicy& told, absl::Time now, v1::AbnormalTimesPolicy& out) {
  const AbnormalTimesPolicy& policy = told.policy;
  out.set_policy_id(auth::UuidText(policy.id.octets));
  v1::AbnormalTimesContent& content = *out.mutable_content();
  content.set_situation(static_cast<v1::Situation>(policy.situation));
  content.set_order_number(policy.order_number);
  if (policy.order_day) *content.mutable_order_date() = DayToProto(*policy.order_day);
  for (const std::string& code : policy.municipalities) content.add_municipality_codes(code);
  for (const std::string& code : policy.facilities) content.add_facility_codes(code);
  *content.mutable_from_time() = TimeToProto(policy.from);
  if (policy.to != absl::InfiniteFuture()) *content.mutable_to_time() = TimeToProto(policy.to);
  SetKinds(policy.kinds, *content.mutable_kinds());
  content.set_rehearsal(policy.rehearsal);
  if (policy.extends != PolicyId{}) {
    content.set_extends_policy_id(auth::UuidText(policy.extends.octets));
  }
  content.set_note(policy.note);
  out.set_state(StateOf(told, now));
  out.set_proposed_by(policy.proposed_by);
  out.set_proposed_body(policy.proposed_body);
  *out.mutable_propose_time() = TimeToProto(policy.proposed_at);
  out.set_approved_by(policy.approved_by);
  out.set_approved_body(policy.approved_body);
  if (policy.approved_at) *out.mutable_approve_time() = TimeToProto(*policy.approved_at);
  out.set_ended_by(policy.ended_by);
  if (policy.ended_at) *out.mutable_end_time() = TimeToProto(*policy.ended_at);
  out.set_facilities_reached(told.facilities_reached);
}

void SetUse(const ReportedUse& use, v1::AbnormalTimesUse& out) {
  const AbnormalView& view = use.view;
  *out.mutable_time() = TimeToProto(view.at);
  out.set_facility_code(view.facility_code);
  out.set_terminal_id(view.terminal_id);
  out.set_user(view.user);
  out.set_role(static_cast<v1::UserRole>(view.role));
  out.set_operation(static_cast<v1::AccessOperation>(view.operation));
  if (view.consent) out.set_oral_consent(static_cast<v1::OralConsent>(*view.consent));
  if (view.no_consent) {
    out.set_no_consent_reason(static_cast<v1::NoConsentReason>(*view.no_consent));
  }
  out.set_persons_found(view.persons_found);
  if (view.person) out.set_patient_pseudonym(auth::HexEncode(view.person->octets));
  out.set_view_id(auth::UuidText(view.id.octets));
  out.set_refused_reason(view.reason);
}

std::string UsePlaceText(const UsePlace& place) {
  return fmt::format("{}.{}", absl::ToUnixMicros(place.at), AuditIdText(place.audit_id));
}

std::optional<UsePlace> UsePlaceFrom(std::string_view token) {
  const size_t dot = token.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  int64_t micros = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + dot, micros);
  const auto id = AuditIdFromText(token.substr(dot + 1));
  if (error != std::errc() || end != token.data() + dot || !id) return std::nullopt;
  return UsePlace{.at = absl::FromUnixMicros(micros), .audit_id = *id};
}

}  // namespace kakunin
