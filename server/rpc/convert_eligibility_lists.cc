#include "server/rpc/convert_eligibility_lists.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include "auth/encoding.h"
#include "auth/uuid.h"
#include "domain/bulk_inquiry.h"
#include "domain/civil_day.h"
#include "domain/home_relation.h"
#include "server/rpc/convert_date.h"
#include "server/rpc/convert_eligibility.h"
#include "server/rpc/fields.h"
#include "server/rpc/patient_fields.h"
#include "server/rpc/read_terminal_call.h"

namespace kakunin {
namespace {

constexpr int kConsentedPage = 100;
constexpr int kLargestConsentedPage = 200;  // coverages of so many are far below a message's bound
constexpr int kToldPage = 200;
constexpr int kLargestToldPage = 1000;
constexpr int kYearsBack = 10;
constexpr size_t kMostBookingName = 50;
constexpr absl::Duration kHandleLife = absl::Hours(24);

constexpr std::string_view kConsentedPageSize = "1件から200件までで指定してください。";
constexpr std::string_view kToldPageSize = "1件から1,000件までで指定してください。";
constexpr std::string_view kNotAPlace = "前の回答にあった続きの指定をそのまま送ってください。";
constexpr std::string_view kAtHome = "訪問診療等またはオンライン診療等を指定してください。";
constexpr std::string_view kOnlyOnline = "オンライン診療等の場合にだけ指定してください。";
constexpr std::string_view kOnePair =
    "同意日の期間か予約日の期間のどちらか一方を指定してください。";
constexpr std::string_view kTurnedRound = "期間の終わりが始まりより前です。";
constexpr std::string_view kDayTooEarly = "10年より前の日付は照会できません。";
constexpr std::string_view kDayTooLate = "1年より先の日付は照会できません。";
constexpr std::string_view kFutureDay = "未来の日付は指定できません。";

// Days is a pair of days of which either both are given or none.
struct Days {
  bool given = false;
  std::optional<absl::CivilDay> from;
  std::optional<absl::CivilDay> to;
};

Days ReadDays(FieldErrors& errors, const std::string& name, const google::type::Date& from,
              const google::type::Date& to) {
  Days days{.given = !IsAbsent(from) || !IsAbsent(to)};
  if (!days.given) return days;
  days.from = RequiredDay(errors, name + "_from_date", from);
  days.to = RequiredDay(errors, name + "_to_date", to);
  if (days.from && days.to && *days.to < *days.from) {
    errors.Add(name + "_to_date", kTurnedRound);
  }
  return days;
}

int PageSize(FieldErrors& errors, int asked, int usual, int largest, std::string_view fault) {
  const int size = asked == 0 ? usual : asked;
  if (size < 1 || size > largest) errors.Add("page_size", fault);
  return size;
}

// A place is told as numbers and an audit id: microseconds, stream and number, and before them the
// booking's day where a list is by bookings. Another facility's says nothing here.
std::string PlaceText(absl::Time at, const AuditId& id) {
  return fmt::format("{}.{}.{}", absl::ToUnixMicros(at), auth::HexEncode(id.stream.octets),
                     id.number);
}

bool ReadNumber(std::string_view text, int64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && number >= 0;
}

std::vector<std::string_view> PartsOf(std::string_view token) {
  std::vector<std::string_view> parts;
  while (true) {
    const size_t dot = token.find('.');
    parts.push_back(token.substr(0, dot));
    if (dot == std::string_view::npos) return parts;
    token.remove_prefix(dot + 1);
  }
}

bool ReadPlace(std::span<const std::string_view> parts, absl::Time& at, AuditId& id) {
  int64_t micros = 0;
  if (parts.size() != 3 || !ReadNumber(parts[0], micros) || !ReadNumber(parts[2], id.number)) {
    return false;
  }
  at = absl::FromUnixMicros(micros);
  // What PostgreSQL can hold.
  if (at > absl::FromCivil(absl::CivilYear(10000), absl::UTCTimeZone())) return false;
  const auto stream = auth::HexDecode(parts[1]);
  if (!stream || stream->size() != id.stream.octets.size()) return false;
  std::copy(stream->begin(), stream->end(), id.stream.octets.begin());
  return true;
}

std::optional<ConsentedPlace> ReadConsentedPlace(FieldErrors& errors, const std::string& token,
                                                 bool by_booking) {
  if (token.empty()) return std::nullopt;
  const std::vector<std::string_view> all = PartsOf(token);
  std::span<const std::string_view> parts = all;
  ConsentedPlace place;
  int64_t day = 0;
  bool good = true;
  if (by_booking) {
    good = ReadNumber(parts[0], day) && day < 100 * 366;
    place.booking = absl::CivilDay(2000, 1, 1) + day;
    parts = parts.subspan(1);
  }
  if (good && ReadPlace(parts, place.given, place.act)) return place;
  errors.Add("page_token", kNotAPlace);
  return std::nullopt;
}

std::string PlaceText(const ConsentedPlace& place) {
  std::string rest = PlaceText(place.given, place.act);
  if (!place.booking) return rest;
  return fmt::format("{}.{}", *place.booking - absl::CivilDay(2000, 1, 1), rest);
}

v1::ConfirmedHow HowOf(Operation operation) {
  switch (operation) {
    case Operation::kConfirmByCard:
      return v1::CONFIRMED_HOW_CARD;
    case Operation::kConfirmByInsuredNumber:
      return v1::CONFIRMED_HOW_INSURED_NUMBER;
    case Operation::kConfirmInBulk:
      return v1::CONFIRMED_HOW_BULK;
    default:
      return v1::CONFIRMED_HOW_CONSENTED;
  }
}

void SetRelation(const HomeRelation& relation, v1::ConsentedPatient& out) {
  out.set_standing(static_cast<v1::ConsentStanding>(relation.standing));
  if (relation.until != absl::InfiniteFuture()) {
    *out.mutable_end_time() = TimeToProto(relation.until);
  }
  for (int number = 1; number <= kConsentKinds; ++number) {
    if (relation.open.Agreed(static_cast<ConsentKind>(number))) {
      out.add_consented_kinds(static_cast<v1::ConsentKind>(number));
    }
  }
}

absl::Status SetPatient(const ConsentedPatient& patient, FormOfCare form,
                        v1::ConsentedPatient& out) {
  const Confirmed& confirmed = patient.confirmed;
  out.set_form_of_care(static_cast<v1::FormOfCare>(form));
  if (patient.row.booking) *out.mutable_appointment_date() = DayToProto(*patient.row.booking);
  out.set_booking_name(patient.row.booking_name);
  if (patient.row.link != LinkId{}) out.set_link_id(auth::UuidText(patient.row.link.octets));
  *out.mutable_consent_time() = TimeToProto(patient.row.place.given);
  if (confirmed.relation) SetRelation(*confirmed.relation, out);
  out.set_audit_id(AuditIdText(confirmed.audit_id));
  if (!confirmed.status.ok()) {
    const ReasonFacts& facts = FactsOf(*ReasonOf(confirmed.status));
    out.set_refused_reason(std::string(facts.name));
    out.set_refused_message(std::string(facts.sentence));
    return absl::OkStatus();
  }
  v1::ConsentedEligibility& eligibility = *out.mutable_eligibility();
  WriteConsentedAnswer(confirmed, eligibility);
  eligibility.set_next_step(BulkNextStep(confirmed.validity, form));
  *eligibility.mutable_day() = DayToProto(patient.day);
  for (const std::string& octets : confirmed.coverages) {
    if (!eligibility.add_coverages()->ParseFromString(octets)) return MakeError(Reason::kInternal);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ReadListConsentedPatients(const v1::ListConsentedPatientsRequest& request,
                                       const Call& call, const auth::HmacKey& audit_key,
                                       TerminalCall& asked, ConsentedQuestion& question) {
  FieldErrors errors;
  const auto form = RequiredEnum<FormOfCare>(errors, "form_of_care", request.form_of_care());
  if (form == FormOfCare::kOutpatient) errors.Add("form_of_care", kAtHome);
  const bool online = form == FormOfCare::kOnlineCare;
  ReadTerminalCall(errors, request.facility_code(), request.SerializeAsString(),
                   form.value_or(FormOfCare::kOutpatient), call, audit_key, asked);
  question.terminal = &TerminalOf(call);
  question.actor_name = call.actor_name;
  ConsentedRange& range = question.range;
  range.form_of_care = form.value_or(FormOfCare::kHomeVisit);
  const Days consents =
      ReadDays(errors, "consent", request.consent_from_date(), request.consent_to_date());
  const Days bookings = ReadDays(errors, "appointment", request.appointment_from_date(),
                                 request.appointment_to_date());
  if (consents.given == bookings.given) errors.Add("consent_from_date", kOnePair);
  if (bookings.given && !online) errors.Add("appointment_from_date", kOnlyOnline);
  if (consents.from && consents.to) {
    range.from = StartOfDay(*consents.from);
    range.to = StartOfDay(*consents.to + 1);
  }
  if (bookings.from && bookings.to) range.bookings = BookingDays{*bookings.from, *bookings.to};
  OptionalLine(errors, "booking_name", request.booking_name(), kMostBookingName);
  if (!request.booking_name().empty() && !online) errors.Add("booking_name", kOnlyOnline);
  range.booking_name = request.booking_name();
  range.limit = PageSize(errors, request.page_size(), kConsentedPage, kLargestConsentedPage,
                         kConsentedPageSize);
  range.after = ReadConsentedPlace(errors, request.page_token(), bookings.given);
  question.day = OptionalDay(errors, "day", request.day());
  const absl::CivilDay today = CivilDayAt(call.at);
  if (question.day && *question.day < SameDayYearsBefore(today, kYearsBack)) {
    errors.Add("day", kDayTooEarly);
  }
  if (question.day && *question.day > today + kBookedAheadDays) errors.Add("day", kDayTooLate);
  if (question.day) asked.record.asked_day = *question.day;
  return errors.ToStatus();
}

absl::Status ReadListConfirmations(const v1::ListConfirmationsRequest& request, const Call& call,
                                   const auth::HmacKey& audit_key, TerminalCall& asked,
                                   PastRange& range) {
  FieldErrors errors;
  ReadTerminalCall(errors, request, call, audit_key, asked);
  const absl::CivilDay today = CivilDayAt(call.at);
  if (const auto day = RequiredDay(errors, "day", request.day())) {
    if (*day > today) errors.Add("day", kFutureDay);
    if (*day < SameDayYearsBefore(today, kYearsBack)) errors.Add("day", kDayTooEarly);
    range.from = StartOfDay(*day);
    range.to = StartOfDay(*day + 1);
    asked.record.asked_day = *day;
  }
  range.limit = PageSize(errors, request.page_size(), kToldPage, kLargestToldPage, kToldPageSize);
  if (!request.page_token().empty()) {
    PastPlace& place = range.after.emplace();
    if (!ReadPlace(PartsOf(request.page_token()), place.at, place.audit_id)) {
      errors.Add("page_token", kNotAPlace);
    }
  }
  return errors.ToStatus();
}

absl::Status WriteListConsentedPatients(const ConsentedPage& page, FormOfCare form,
                                        v1::ListConsentedPatientsResponse& response) {
  for (const ConsentedPatient& patient : page.patients) {
    RETURN_IF_ERROR(SetPatient(patient, form, *response.add_patients()));
  }
  if (page.next) response.set_next_page_token(PlaceText(*page.next));
  response.set_audit_id(AuditIdText(page.audit_id));
  return absl::OkStatus();
}

void WriteListConfirmations(const PastPage& page, const TerminalCall& asked,
                            const auth::PatientHandleKey& handles,
                            v1::ListConfirmationsResponse& response) {
  for (const PastAnswer& told : page.told) {
    v1::ToldConfirmation& out = *response.add_confirmations();
    *out.mutable_time() = TimeToProto(told.place.at);
    out.set_audit_id(AuditIdText(told.place.audit_id));
    out.set_how(HowOf(told.operation));
    out.set_validity(static_cast<v1::Validity>(told.validity));
    out.set_terminal_id(told.terminal_id);
    if (told.person) {
      out.set_patient_handle(
          handles.Seal(asked.facility_code,
                       {.person = told.person->octets, .end = asked.record.at + kHandleLife}));
    }
    if (told.day) *out.mutable_day() = DayToProto(*told.day);
  }
  if (page.next) response.set_next_page_token(PlaceText(page.next->at, page.next->audit_id));
  if (page.complete_until) {
    *response.mutable_complete_until_time() = TimeToProto(*page.complete_until);
  }
  response.set_audit_id(AuditIdText(page.audit_id));
}

}  // namespace kakunin
