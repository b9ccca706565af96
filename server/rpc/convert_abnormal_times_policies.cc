#include "server/rpc/convert_abnormal_times_policies.h"

#include <algorithm>
#include <utility>

#include "auth/encoding.h"
#include "auth/uuid.h"
#include "server/rpc/convert_abnormal_times.h"
#include "server/rpc/convert_date.h"
#include "server/rpc/fields.h"
#include "server/rpc/page_place.h"

namespace kakunin {
namespace {

constexpr size_t kMostOrderCharacters = 100;
constexpr size_t kMostNoteCharacters = 500;
constexpr int kMostNames = 10'000;
constexpr int kFacilityDigits = 10;
constexpr int kMunicipalityDigits = 5;
constexpr std::string_view kNoPlace = "市区町村か医療機関等コードを一つ以上指定してください。";
constexpr std::string_view kTooManyPlaces =
    "市区町村とコードは、それぞれ10,000件以内にしてください。";
constexpr std::string_view kNeedsEnd = "終わりの日時を指定してください。";
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
  // A hospital's right may end by itself, however late, or when it is ended.
  const bool right = policy.situation == Situation::kEmergency;
  if (!right && !content.has_to_time()) errors.Add("content.to_time", kNeedsEnd);
  if (from) policy.from = *from;
  if (!to) return;
  policy.to = *to;
  if (*to <= now) errors.Add("content.to_time", kEndInThePast);
  if (from && *to <= *from) errors.Add("content.to_time", kEndBeforeStart);
  if (!right && from && *to > *from + kLongestPolicy) errors.Add("content.to_time", kTooLong);
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
  SetPolicyKinds(policy.kinds, *content.mutable_kinds());
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

std::string PolicyPlaceText(const PolicyPlace& place) {
  return PageTokenOf(place.proposed_at, auth::UuidText(place.id.octets));
}

std::optional<PolicyPlace> PolicyPlaceFrom(std::string_view token) {
  const auto parts = PlaceOfPageToken(token);
  if (!parts) return std::nullopt;
  const auto id = ParseUuid(parts->second);
  if (!id) return std::nullopt;
  return PolicyPlace{.proposed_at = parts->first, .id = {*id}};
}

std::string UsePlaceText(const UsePlace& place) {
  return PageTokenOf(place.at, AuditIdText(place.audit_id));
}

std::optional<UsePlace> UsePlaceFrom(std::string_view token) {
  const auto parts = PlaceOfPageToken(token);
  if (!parts) return std::nullopt;
  const auto id = AuditIdFromText(parts->second);
  if (!id) return std::nullopt;
  return UsePlace{.at = parts->first, .audit_id = *id};
}

}  // namespace kakunin
