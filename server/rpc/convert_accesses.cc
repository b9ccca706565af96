#include "server/rpc/convert_accesses.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "domain/civil_day.h"
#include "domain/error.h"
#include "server/rpc/convert_date.h"
#include "server/rpc/fields.h"
#include "server/rpc/patient_fields.h"
#include "server/usecases/terminal_audit.h"

namespace kakunin {
namespace {

constexpr int kPage = 200;
constexpr int kLargestPage = 1000;
// The quarter that an administrator looks through at once.
constexpr int kMostFacilityDays = 92;
// As long as confirmations are kept (docs/access_policy.md).
constexpr int kYearsBack = 10;
constexpr absl::Duration kPagesOpen = absl::Minutes(10);
constexpr absl::Duration kHandleLife = absl::Hours(24);

constexpr std::string_view kDaysReversed = "終わりの日は始まりの日以後にしてください。";
constexpr std::string_view kTooManyDays = "一度に見られるのは92日分までです。";
constexpr std::string_view kTooLongAgo = "10年より前の日は指定できません。";
constexpr std::string_view kPageSize = "1件から1,000件までで指定してください。";
constexpr std::string_view kNotAPage = "前の回答にあったページの指定をそのまま送ってください。";
constexpr std::string_view kCardOrPage = "カードによる本人確認か、続きのページを指定してください。";

// A place in a list: microseconds of the instant, a dot, the audit id.
std::string PositionText(const AccessPosition& position) {
  return fmt::format("{}.{}", absl::ToUnixMicros(position.at), AuditIdText(position.audit_id));
}

std::optional<AccessPosition> PositionFrom(std::string_view text) {
  const size_t dot = text.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  int64_t micros = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + dot, micros);
  const auto audit_id = AuditIdFromText(text.substr(dot + 1));
  if (error != std::errc() || end != text.data() + dot || !audit_id) return std::nullopt;
  return AccessPosition{absl::FromUnixMicros(micros), *audit_id};
}

// What both requests have. Returns the first day asked for.
template <class Request>
std::optional<absl::CivilDay> ReadListing(FieldErrors& errors, const Request& request,
                                          const Call& call, FormOfCare form,
                                          const auth::HmacKey& audit_key, AccessListing& listing) {
  const Terminal& terminal = TerminalOf(call);
  listing.record =
      AuditRecordFor(terminal, call.actor_name, call.policy->operation, form, call.at, audit_key);
  listing.sees_only = terminal.sees_only;
  ReadFacilityCode(errors, request.facility_code(), call, listing.refused);
  if (!listing.refused) {
    listing.refused = DecideTerminal(
        terminal, {.operation = call.policy->operation, .form_of_care = form, .at = call.at});
  }
  listing.range.limit = request.page_size() == 0 ? kPage : request.page_size();
  if (listing.range.limit < 1 || listing.range.limit > kLargestPage) {
    errors.Add("page_size", kPageSize);
  }
  const auto from = RequiredDay(errors, "from_day", request.from_day());
  const auto to = RequiredDay(errors, "to_day", request.to_day());
  if (!from || !to) return std::nullopt;
  if (*to < *from) errors.Add("to_day", kDaysReversed);
  listing.range.from = StartOfDay(*from);
  listing.range.to = StartOfDay(*to + 1);
  listing.record.details =
      fmt::format("days={:04}-{:02}-{:02}..{:04}-{:02}-{:02}", from->year(), from->month(),
                  from->day(), to->year(), to->month(), to->day());
  return from;
}

// Tokens of patients' pages open at the terminal of the card act alone, and no patient handle of a
// confirmation opens as one.
std::string PageContext(const Terminal& terminal) {
  return fmt::format("{}/{}/LIST_ACCESS", terminal.facility_code, terminal.terminal_id);
}

void ReadPatientPage(FieldErrors& errors, std::string_view token, const Call& call,
                     const auth::PatientHandleKey& handles, PatientOctets& octets,
                     PatientListing& listing) {
  const size_t dot = token.find('.');
  const auto position =
      dot == std::string_view::npos ? std::nullopt : PositionFrom(token.substr(dot + 1));
  if (!position) return errors.Add("page_token", kNotAPage);
  listing.listing.range.before = position;
  const auto content = handles.Open(PageContext(TerminalOf(call)), token.substr(0, dot));
  if (!content || call.at >= content->end) {
    listing.listing.refused = listing.listing.refused.value_or(Reason::kChallengeRefused);
    return;
  }
  listing.patient = PersonId{content->person};
  octets.pages_end = content->end;
}

void ReadCard(FieldErrors& errors, const v1::CardAct& request, const Call& call,
              PatientOctets& octets, PatientListing& listing) {
  CardAct act;
  act.terminal = &TerminalOf(call);
  if (RequiredOctets(errors, "card.challenge_id", request.challenge_id(), 16, 16)) {
    std::copy_n(request.challenge_id().begin(), 16, act.challenge.octets.begin());
  }
  // Anything but absence is the verifier's to judge: a malformed certificate is a refused card.
  if (request.certificate().empty()) errors.Add("card.certificate", kFieldMissing);
  if (request.signature().empty()) errors.Add("card.signature", kFieldMissing);
  if (const auto way = RequiredEnum<HolderVerification>(errors, "card.holder_verification",
                                                        request.holder_verification())) {
    act.holder_verification = *way;
  }
  if (const auto form =
          RequiredEnum<FormOfCare>(errors, "card.form_of_care", request.form_of_care())) {
    act.form_of_care = *form;
  }
  octets.certificate = request.certificate();
  octets.signature = request.signature();
  octets.pages_end = call.at + kPagesOpen;
  act.certificate = octets.certificate;
  act.signature = octets.signature;
  listing.patient = act;
}

void SetResult(const Access& access, v1::AccessResult& out) {
  out.set_shown(!access.denial);
  if (access.denial) {
    const ReasonFacts& facts = FactsOf(*access.denial);
    out.set_refused_reason(std::string(facts.name));
    out.set_refused_message(std::string(facts.sentence));
  }
  out.set_validity(static_cast<v1::Validity>(access.validity));
  for (const AccessedKind& accessed : access.kinds) {
    v1::AccessedKind& kind = *out.add_kinds();
    kind.set_kind(static_cast<v1::ConsentKind>(accessed.kind));
    if (accessed.denial) kind.set_refused_reason(std::string(FactsOf(*accessed.denial).name));
  }
}

// What both kinds of rows have.
template <class Row>
void SetAccess(const Access& access, Row& row) {
  *row.mutable_time() = TimeToProto(access.at);
  if (access.role) row.set_role(static_cast<v1::UserRole>(*access.role));
  row.set_operation(access.operation ? static_cast<v1::AccessOperation>(*access.operation)
                                     : v1::ACCESS_OPERATION_CONFIRM);
  SetResult(access, *row.mutable_result());
  row.set_audit_id(AuditIdText(access.audit_id));
}

}  // namespace

absl::Status ReadFacilityAccess(const v1::ListFacilityAccessRequest& request, const Call& call,
                                const auth::HmacKey& audit_key, FacilityListing& listing) {
  FieldErrors errors;
  listing.facility_code = TerminalOf(call).facility_code;
  const auto from =
      ReadListing(errors, request, call, FormOfCare::kOutpatient, audit_key, listing.listing);
  const AccessRange& range = listing.listing.range;
  if (from && range.to > StartOfDay(*from + kMostFacilityDays)) errors.Add("to_day", kTooManyDays);
  if (!request.page_token().empty()) {
    listing.listing.range.before = PositionFrom(request.page_token());
    if (!range.before) errors.Add("page_token", kNotAPage);
  }
  return errors.ToStatus();
}

void WriteFacilityAccess(const ListedAccesses& listed, const std::string& facility_code,
                         const auth::PatientHandleKey& handles, std::string& out) {
  v1::ListFacilityAccessResponse response;
  for (const Access& access : listed.accesses) {
    v1::FacilityAccess& row = *response.add_accesses();
    SetAccess(access, row);
    row.set_terminal_id(access.terminal_id);
    row.set_user(access.user);
    if (access.person && KnowsPatient(access.operation, access.denial)) {
      row.set_patient_handle(handles.Seal(
          facility_code, {.person = access.person->octets, .end = listed.at + kHandleLife}));
    }
  }
  if (listed.complete_until) {
    *response.mutable_complete_until_time() = TimeToProto(*listed.complete_until);
  }
  if (listed.next) response.set_next_page_token(PositionText(*listed.next));
  response.set_audit_id(AuditIdText(listed.audit_id));
  response.AppendToString(&out);
}

absl::Status ReadPatientAccess(const v1::ListPatientAccessRequest& request, const Call& call,
                               const auth::HmacKey& audit_key,
                               const auth::PatientHandleKey& handles, PatientOctets& octets,
                               PatientListing& listing) {
  FieldErrors errors;
  switch (request.patient_case()) {
    case v1::ListPatientAccessRequest::kCard:
      ReadCard(errors, request.card(), call, octets, listing);
      break;
    case v1::ListPatientAccessRequest::kPageToken:
      ReadPatientPage(errors, request.page_token(), call, handles, octets, listing);
      break;
    case v1::ListPatientAccessRequest::PATIENT_NOT_SET:
      errors.Add("card", kCardOrPage);
      break;
  }
  const auto* act = std::get_if<CardAct>(&listing.patient);
  const FormOfCare form = act != nullptr ? act->form_of_care : FormOfCare::kOutpatient;
  listing.facility_code = TerminalOf(call).facility_code;
  const auto from = ReadListing(errors, request, call, form, audit_key, listing.listing);
  if (from && *from < SameDayYearsBefore(CivilDayAt(call.at), kYearsBack)) {
    errors.Add("from_day", kTooLongAgo);
  }
  return errors.ToStatus();
}

void WritePatientAccess(const ListedAccesses& listed, const Terminal& terminal,
                        absl::Time pages_end, const auth::PatientHandleKey& handles,
                        std::string& out) {
  v1::ListPatientAccessResponse response;
  for (const Access& access : listed.accesses) {
    v1::PatientAccess& row = *response.add_accesses();
    SetAccess(access, row);
    row.set_facility_code(access.facility_code);
    row.set_facility_name(access.facility_name);
    row.set_own_act(access.own_act);
    row.set_situation(static_cast<v1::Situation>(access.situation));
    row.set_rehearsal(access.rehearsal);
  }
  if (listed.next) {
    // A handle is rounded up to the second; these ten minutes are an upper bound.
    const absl::Time end = absl::FromUnixSeconds(absl::ToUnixSeconds(pages_end));
    response.set_next_page_token(
        handles.Seal(PageContext(terminal), {.person = listed.person->octets, .end = end}) + "." +
        PositionText(*listed.next));
  }
  response.set_registered(listed.person.has_value());
  response.set_audit_id(AuditIdText(listed.audit_id));
  response.AppendToString(&out);
}

}  // namespace kakunin
