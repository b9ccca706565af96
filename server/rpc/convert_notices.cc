#include "server/rpc/convert_notices.h"

#include <charconv>

#include "server/rpc/convert_date.h"
#include "server/rpc/fields.h"
#include "server/rpc/read_terminal_call.h"

namespace kakunin {
namespace {

constexpr int kPage = 200;
constexpr int kLargestPage = 1000;
constexpr absl::Duration kHandleLife = absl::Hours(24);

constexpr std::string_view kPageSize = "1件から1,000件までで指定してください。";
constexpr std::string_view kNotAPlace = "前の回答にあった続きの指定をそのまま送ってください。";
constexpr std::string_view kHowMany = "1件から1,000件までの通知番号を指定してください。";
constexpr std::string_view kNotANumber = "1以上の番号を指定してください。";

// A place among a facility's notices is a number; another facility's says nothing here.
int64_t ReadPlace(FieldErrors& errors, std::string_view field, std::string_view token) {
  if (token.empty()) return 0;
  int64_t number = 0;
  const char* const last = token.data() + token.size();
  const auto [end, error] = std::from_chars(token.data(), last, number);
  if (error != std::errc() || end != last || number < 0) {
    errors.Add(std::string(field), kNotAPlace);
  }
  return number;
}

void SetNotice(const StoredNotice& notice, const TerminalCall& asked,
               const auth::PatientHandleKey& handles, v1::Notice& out) {
  out.set_number(notice.number);
  *out.mutable_found_time() = TimeToProto(notice.found);
  out.set_kind(static_cast<v1::NoticeKind>(notice.kind));
  // Who was shown nobody asks again by the number, where the bounds on guessing count.
  if (!notice.no_match) {
    out.set_patient_handle(
        handles.Seal(asked.facility_code,
                     {.person = notice.person.octets, .end = asked.record.at + kHandleLife}));
  }
  *out.mutable_day() = DayToProto(notice.day);
  *out.mutable_confirmed_time() = TimeToProto(notice.asked_at);
  if (notice.confirmation) {
    out.set_confirmation_audit_id(AuditIdText(*notice.confirmation));
    out.set_validity_before(static_cast<v1::Validity>(notice.change.before));
    out.set_validity_after(static_cast<v1::Validity>(notice.change.after));
  }
  for (int part = 1; part <= kNoticeParts; ++part) {
    if (notice.change.parts.Has(static_cast<NoticePart>(part))) {
      out.add_parts(static_cast<v1::NoticePart>(part));
    }
  }
  out.set_message(std::string(
      notice.no_match ? NoMatchSentence(notice.change.after)
                      : NoticeSentence(notice.kind, notice.change.before, notice.change.after)));
  if (notice.acknowledged) {
    v1::NoticeAcknowledgement& by = *out.mutable_acknowledgement();
    *by.mutable_time() = TimeToProto(notice.acknowledged->at);
    by.set_terminal_id(notice.acknowledged->terminal_id);
    by.set_user(notice.acknowledged->user);
  }
}

}  // namespace

absl::Status ReadListNotices(const v1::ListNoticesRequest& request, const Call& call,
                             const auth::HmacKey& audit_key, TerminalCall& asked,
                             NoticeRange& range) {
  FieldErrors errors;
  ReadTerminalCall(errors, request, call, audit_key, asked);
  range.with_acknowledged = request.include_acknowledged();
  range.limit = request.page_size() == 0 ? kPage : request.page_size();
  if (range.limit < 1 || range.limit > kLargestPage) errors.Add("page_size", kPageSize);
  range.after = ReadPlace(errors, "page_token", request.page_token());
  return errors.ToStatus();
}

absl::Status ReadAcknowledgeNotices(const v1::AcknowledgeNoticesRequest& request, const Call& call,
                                    const auth::HmacKey& audit_key, TerminalCall& asked,
                                    std::vector<int64_t>& numbers) {
  FieldErrors errors;
  ReadTerminalCall(errors, request, call, audit_key, asked);
  numbers.assign(request.numbers().begin(), request.numbers().end());
  if (numbers.empty() || numbers.size() > kLargestPage) errors.Add("numbers", kHowMany);
  for (int i = 0; i < request.numbers_size(); ++i) {
    if (request.numbers(i) < 1) errors.Add(FieldAt("numbers", i), kNotANumber);
  }
  return errors.ToStatus();
}

absl::Status ReadWatchNotices(const v1::WatchNoticesRequest& request, const Call& call,
                              const auth::HmacKey& audit_key, TerminalCall& asked,
                              NoticeRange& range) {
  FieldErrors errors;
  ReadTerminalCall(errors, request, call, audit_key, asked);
  range = {.after = ReadPlace(errors, "resume_token", request.resume_token()), .limit = kPage};
  return errors.ToStatus();
}

void WriteListNotices(const NoticePage& page, const TerminalCall& asked,
                      const auth::PatientHandleKey& handles, v1::ListNoticesResponse& response) {
  for (const StoredNotice& notice : page.notices) {
    SetNotice(notice, asked, handles, *response.add_notices());
  }
  if (page.next) response.set_next_page_token(std::to_string(*page.next));
  response.set_audit_id(AuditIdText(page.audit_id));
}

void WriteAcknowledgeNotices(const AcknowledgedPage& page,
                             v1::AcknowledgeNoticesResponse& response) {
  response.set_acknowledged(page.done.now);
  response.set_acknowledged_before(page.done.before);
  for (const int64_t number : page.done.unknown) response.add_unknown_numbers(number);
  response.set_audit_id(AuditIdText(page.audit_id));
}

void WriteWatchNotices(const NoticePage& page, const TerminalCall& asked, int64_t after,
                       const auth::PatientHandleKey& handles, v1::WatchNoticesResponse& response) {
  for (const StoredNotice& notice : page.notices) {
    SetNotice(notice, asked, handles, *response.add_notices());
  }
  const int64_t come_to = page.notices.empty() ? after : page.notices.back().number;
  response.set_resume_token(std::to_string(come_to));
  response.set_audit_id(AuditIdText(page.audit_id));
}

}  // namespace kakunin
