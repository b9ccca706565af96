#include "server/rpc/convert_records.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "domain/civil_day.h"
#include "domain/error.h"
#include "domain/receipt.h"
#include "server/rpc/convert_date.h"
#include "server/rpc/convert_record_rows.h"
#include "server/rpc/patient_fields.h"

namespace kakunin {
namespace {

// The longest that any record is kept (docs/access_policy.md): five years back, and this month.
constexpr int kMonthsBack = 60;

// What is written around the records at most, and around each of them; beyond it the answer's
// buffer grows once more.
constexpr size_t kFootOctets = 1024;
constexpr size_t kHeadOctets = 8;

constexpr std::string_view kNotAMonth = "年月をYYYY-MMの形式で指定してください。";
constexpr std::string_view kMonthsReversed = "終わりの年月は始まりの年月以後にしてください。";
constexpr std::string_view kMonthInTheFuture = "未来の年月は指定できません。";
constexpr std::string_view kDayInTheFuture = "受診日より後の日付は照会できません。";
constexpr std::string_view kNotAPage = "前の回答にあったページの指定をそのまま送ってください。";
constexpr std::string_view kCertificateKinds =
    "限度額適用認定証か特定疾病療養受療証を、重ならないように指定してください。";
constexpr std::string_view kReceiptNote =
    "レセプトに基づく情報です。診療・調剤から約11日から41日おくれて反映されます。";
constexpr std::string_view kHealthCheckNote = "保険者などが登録した健診結果に基づく情報です。";
constexpr std::string_view kCertificateNote = "保険者が登録した資格情報に基づく情報です。";

// What all four requests have.
template <class Request>
void ReadCall(FieldErrors& errors, const Request& request, const Call& call,
              const auth::HmacKey& look_up, RecordInquiry& inquiry) {
  const absl::CivilDay today = CivilDayAt(call.at);
  inquiry.terminal = &TerminalOf(call);
  inquiry.actor_name = call.actor_name;
  inquiry.operation = call.policy->operation;
  inquiry.form_of_care = ReadForm(errors, request.form_of_care(), request.appointment_date(),
                                  FirstBooking(today), inquiry.appointment_day);
  ReadFacilityCode(errors, request.facility_code(), call, inquiry.refused);
  if (auto field = ReadPatient(errors, request.patient(), inquiry.form_of_care, today, look_up)) {
    inquiry.patient = std::move(field->patient);
  }
  inquiry.day = today;
  inquiry.through_month = absl::CivilMonth(today);
  inquiry.from_month = inquiry.through_month - kMonthsBack;
}

template <class Request>
void ReadMonths(FieldErrors& errors, const Request& request, RecordInquiry& inquiry) {
  const auto read = [&](std::string_view field, const std::string& text, absl::CivilMonth& month) {
    if (text.empty()) return;
    const auto parsed = ReadMonth(text);
    if (!parsed) return errors.Add(std::string(field), kNotAMonth);
    if (*parsed > inquiry.through_month) return errors.Add(std::string(field), kMonthInTheFuture);
    month = *parsed;
  };
  const absl::CivilMonth oldest = inquiry.from_month;
  absl::CivilMonth through = inquiry.through_month;
  read("from_month", request.from_month(), inquiry.from_month);
  read("to_month", request.to_month(), through);
  inquiry.through_month = through;
  if (inquiry.from_month > inquiry.through_month) errors.Add("to_month", kMonthsReversed);
  // What is kept no longer is not shown either, should it still be there.
  inquiry.from_month = std::max(inquiry.from_month, oldest);
}

// The text of a place: month, kind and entry, "2026-10/1/37".
std::string PageToken(const std::optional<RecordPlace>& place) {
  if (!place) return {};
  return fmt::format("{}/{}/{}", MonthText(place->month), static_cast<int>(place->kind),
                     place->entry);
}

std::optional<RecordPlace> PlaceFrom(std::string_view token) {
  constexpr size_t kMonthCharacters = 7;
  const std::string_view numbers = token.substr(std::min(token.size(), kMonthCharacters));
  const auto month = ReadMonth(token.substr(0, kMonthCharacters));
  int kind = 0;
  int entry = 0;
  const char* const end = numbers.data() + numbers.size();
  if (!month || !numbers.starts_with('/')) return std::nullopt;
  const auto of_kind = std::from_chars(numbers.data() + 1, end, kind);
  if (of_kind.ec != std::errc() || of_kind.ptr == end || *of_kind.ptr != '/') return std::nullopt;
  const auto of_entry = std::from_chars(of_kind.ptr + 1, end, entry);
  if (of_entry.ec != std::errc() || of_entry.ptr != end || entry < 0) return std::nullopt;
  return RecordPlace{*month, static_cast<RecordKind>(kind), entry};
}

// After the kinds of the call were set.
void ReadPage(FieldErrors& errors, const std::string& token, RecordInquiry& inquiry) {
  if (token.empty()) return;
  inquiry.page = PlaceFrom(token);
  if (!inquiry.page || inquiry.page->month < inquiry.from_month ||
      inquiry.page->month > inquiry.through_month ||
      std::ranges::count(inquiry.kinds, inquiry.page->kind) == 0) {
    errors.Add("page_token", kNotAPage);
  }
}

// The records of the answer as the response's field of that number: octets as they are stored.
void AppendRecords(const RecordAnswer& answer, int field_number, std::string& out) {
  size_t octets = kFootOctets;
  for (const RecordEntry& entry : answer.page.entries) {
    octets += entry.body.size() + entry.facilities.size() + kHeadOctets;
  }
  out.reserve(octets);
  for (const RecordEntry& entry : answer.page.entries) {
    AppendMessage(field_number, entry.body, entry.facilities, out);
  }
}

template <class Response>
void SetFoot(const RecordAnswer& answer, std::string_view note, Response& response) {
  response.set_audit_id(AuditIdText(answer.audit_id));
  response.set_patient_handle(answer.patient_handle);
  v1::RecordBasis& basis = *response.mutable_basis();
  if (answer.page.latest_arrival) {
    *basis.mutable_latest_arrival_time() = TimeToProto(*answer.page.latest_arrival);
  }
  basis.set_note(note.data(), note.size());
  basis.set_situation(static_cast<v1::Situation>(answer.situation));
  basis.set_rehearsal(answer.rehearsal);
  if (answer.none_before) {
    basis.set_note(fmt::format("{}{}年{}月より前の情報はありません。", note,
                               answer.none_before->year(), answer.none_before->month()));
  }
}

template <class Response>
void SetEnd(absl::Time until, Response& response) {
  if (until != absl::InfiniteFuture()) *response.mutable_consent_end_time() = TimeToProto(until);
}

}  // namespace

absl::Status ReadDrugHistory(const v1::GetDrugHistoryRequest& request, const Call& call,
                             const auth::HmacKey& look_up, RecordInquiry& inquiry) {
  FieldErrors errors;
  ReadCall(errors, request, call, look_up, inquiry);
  ReadMonths(errors, request, inquiry);
  inquiry.kinds = {RecordKind::kDrug};
  inquiry.receipts_only = !request.with_prescriptions();
  if (request.with_prescriptions() && !inquiry.terminal->settings.uses_e_prescription &&
      !inquiry.refused) {
    inquiry.refused = Reason::kEPrescriptionNotUsed;
  }
  ReadPage(errors, request.page_token(), inquiry);
  return errors.ToStatus();
}

void WriteDrugHistory(const RecordAnswer& answer, std::string& out) {
  AppendRecords(answer, v1::GetDrugHistoryResponse::kMonthsFieldNumber, out);
  v1::GetDrugHistoryResponse response;
  SetFoot(answer, kReceiptNote, response);
  SetEnd(answer.Until(), response);
  response.set_next_page_token(PageToken(answer.page.next));
  response.AppendToString(&out);
}

absl::Status ReadTreatmentHistory(const v1::GetTreatmentHistoryRequest& request, const Call& call,
                                  const auth::HmacKey& look_up, RecordInquiry& inquiry) {
  FieldErrors errors;
  ReadCall(errors, request, call, look_up, inquiry);
  ReadMonths(errors, request, inquiry);
  inquiry.kinds = {RecordKind::kTreatment, RecordKind::kSurgery};
  ReadPage(errors, request.page_token(), inquiry);
  return errors.ToStatus();
}

void WriteTreatmentHistory(const RecordAnswer& answer, std::string& out) {
  AppendRecords(answer, v1::GetTreatmentHistoryResponse::kMonthsFieldNumber, out);
  v1::GetTreatmentHistoryResponse response;
  SetFoot(answer, kReceiptNote, response);
  SetEnd(answer.Until(), response);
  response.set_next_page_token(PageToken(answer.page.next));
  response.set_surgery_shown(answer.Shows(RecordKind::kSurgery));
  response.set_treatment_shown(answer.Shows(RecordKind::kTreatment));
  response.AppendToString(&out);
}

absl::Status ReadHealthChecks(const v1::GetHealthChecksRequest& request, const Call& call,
                              const auth::HmacKey& look_up, RecordInquiry& inquiry) {
  FieldErrors errors;
  ReadCall(errors, request, call, look_up, inquiry);
  inquiry.kinds = {RecordKind::kHealthCheck};
  ReadPage(errors, request.page_token(), inquiry);
  return errors.ToStatus();
}

void WriteHealthChecks(const RecordAnswer& answer, std::string& out) {
  AppendRecords(answer, v1::GetHealthChecksResponse::kHealthChecksFieldNumber, out);
  v1::GetHealthChecksResponse response;
  SetFoot(answer, kHealthCheckNote, response);
  SetEnd(answer.Until(), response);
  response.set_next_page_token(PageToken(answer.page.next));
  response.AppendToString(&out);
}

absl::Status ReadCertificates(const v1::GetCertificatesRequest& request, const Call& call,
                              const auth::HmacKey& look_up, RecordInquiry& inquiry) {
  FieldErrors errors;
  ReadCall(errors, request, call, look_up, inquiry);
  const absl::CivilDay last = inquiry.appointment_day.value_or(CivilDayAt(call.at));
  if (const auto day = RequiredDay(errors, "day", request.day())) {
    inquiry.day = *day;
    if (*day > last) errors.Add("day", kDayInTheFuture);
  }
  if (request.kinds().empty()) errors.Add("kinds", kFieldMissing);
  if (request.kinds_size() > 2) errors.Add("kinds", kCertificateKinds);
  for (int i = 0; i < std::min(request.kinds_size(), kConsentKinds); ++i) {
    const std::string field = FieldAt("kinds", i);
    const auto kind =
        RequiredEnum<RecordKind>(errors, field, static_cast<v1::ConsentKind>(request.kinds(i)));
    if (!kind) continue;
    const bool certificate =
        *kind == RecordKind::kLimitCertificate || *kind == RecordKind::kSpecificDiseaseCertificate;
    if (!certificate || std::ranges::count(inquiry.kinds, *kind) != 0) {
      errors.Add(field, kCertificateKinds);
    } else {
      inquiry.kinds.push_back(*kind);
    }
  }
  return errors.ToStatus();
}

void WriteCertificates(const RecordAnswer& answer, std::string& out) {
  for (const DecidedKind& decided : answer.kinds) {
    v1::CertificateAnswer one;
    one.set_kind(static_cast<v1::ConsentKind>(decided.kind));
    std::string certificates;
    if (decided.denial) {
      const ReasonFacts& facts = FactsOf(*decided.denial);
      one.set_refused_reason(std::string(facts.name));
      one.set_refused_message(std::string(facts.sentence));
    } else {
      SetEnd(decided.until, one);
      for (const ShownCertificate& shown : answer.certificates) {
        if (shown.kind == decided.kind) certificates += shown.octets;
      }
    }
    AppendMessage(v1::GetCertificatesResponse::kAnswersFieldNumber, one.SerializeAsString(),
                  certificates, out);
  }
  v1::GetCertificatesResponse response;
  SetFoot(answer, kCertificateNote, response);
  response.AppendToString(&out);
}

}  // namespace kakunin
