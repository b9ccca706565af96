#include "server/usecases/eligibility_lists.h"

#include <fmt/format.h>

#include <utility>

#include "domain/access_log.h"
#include "domain/civil_day.h"
#include "domain/error.h"
#include "server/usecases/audited_call.h"
#include "server/usecases/seen_rows.h"
#include "server/usecases/terminal_audit.h"

namespace kakunin {
namespace {

// What a page is made of; who is on it is told by their own audit rows.
struct ConsentedRows {
  std::vector<ConsentedRow> rows;
  std::optional<ConsentedPlace> next;
  AuditId audit_id;
};

absl::StatusOr<ConsentedRows> ReadConsented(Database& database, EligibilityListStore& store,
                                            const TerminalCall& call, const ConsentedRange& range,
                                            MonotonicTime deadline) {
  const auto act = [&](Transaction& tx, AuditRecord& record,
                       ConsentedRows& read) -> absl::StatusOr<std::optional<Reason>> {
    ConsentedRange wider = range;
    ++wider.limit;
    ASSIGN_OR_RETURN(
        read.rows,
        ReadSeen<ConsentedRow>(
            call.sees_only, wider, deadline,
            [&](const ConsentedRange& part) {
              return store.ListConsented(tx, call.facility_code, part);
            },
            [&](const ConsentedRow& row) { return Sees(call.sees_only, row.person); },
            [](const ConsentedRow& row, ConsentedRange& part) { part.after = row.place; }));
    if (CutPage(read.rows, range.limit)) read.next = read.rows.back().place;
    record.details = fmt::format("patients={}", read.rows.size());
    return Done();
  };
  return RunAudited<ConsentedRows>(database, call, deadline, act);
}

}  // namespace

absl::StatusOr<ConsentedPage> ListConsentedPatients(Database& database, EligibilityListStore& store,
                                                    ConfirmEligibility& confirm,
                                                    const CardTrust& cards,
                                                    const TerminalCall& call,
                                                    const ConsentedQuestion& question,
                                                    MonotonicTime deadline) {
  ASSIGN_OR_RETURN(ConsentedRows read,
                   ReadConsented(database, store, call, question.range, deadline));
  std::vector<ConsentedRow>& rows = read.rows;
  const absl::Time now = call.record.at;
  std::vector<Inquiry> inquiries(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    Inquiry& asked = inquiries[i];
    asked.terminal = question.terminal;
    asked.actor_name = question.actor_name;
    asked.form_of_care = question.range.form_of_care;
    asked.appointment_day = rows[i].booking;
    asked.day = question.day.value_or(rows[i].booking.value_or(CivilDayAt(now)));
    asked.request_digest = call.record.request_digest;
    asked.question = PersonQuestion{rows[i].person};
  }
  confirm.NoticeLoss();
  std::vector<Confirmed> confirmed = confirm.Confirm(inquiries, cards, now, deadline);
  ConsentedPage page{.next = read.next, .audit_id = read.audit_id};
  page.patients.reserve(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    // Nothing leaves about a patient whose audit row is not there, whatever kept it from being.
    if (confirmed[i].audit_id.number == 0) {
      return confirmed[i].status.ok() ? MakeError(Reason::kDatabaseUnavailable)
                                      : confirmed[i].status;
    }
    page.patients.push_back(
        {.row = std::move(rows[i]), .day = inquiries[i].day, .confirmed = std::move(confirmed[i])});
  }
  return page;
}

absl::StatusOr<PastPage> ListConfirmations(Database& database, EligibilityListStore& store,
                                           const auth::HmacKey& audit_key, const TerminalCall& call,
                                           const PastRange& range, MonotonicTime deadline) {
  const auto act = [&](Transaction& tx, AuditRecord& record,
                       PastPage& page) -> absl::StatusOr<std::optional<Reason>> {
    PastRange wider = range;
    ++wider.limit;
    std::optional<absl::Time> copied_through;
    ASSIGN_OR_RETURN(
        page.told,
        ReadSeen<PastAnswer>(
            call.sees_only, wider, deadline,
            [&](const PastRange& part) -> absl::StatusOr<std::vector<PastAnswer>> {
              ASSIGN_OR_RETURN(PastAnswers found, store.ListPast(tx, call.facility_code, part));
              // Of the first part: what is copied while the others are read may stand before it.
              if (!copied_through) copied_through = found.copied_through;
              return std::move(found.rows);
            },
            [&](const PastAnswer& told) { return SeesRowOf(call.sees_only, told.person); },
            [](const PastAnswer& told, PastRange& part) { part.after = told.place; }));
    if (CutPage(page.told, range.limit)) page.next = page.told.back().place;
    if (copied_through) page.complete_until = *copied_through - kAccessCopyOverlap;
    std::string shown;
    for (const PastAnswer& told : page.told) shown += AuditIdText(told.place.audit_id) + "\n";
    record.details = fmt::format("confirmations={}", page.told.size());
    record.answer_digest = KeyedDigest(audit_key, shown);
    return Done();
  };
  return RunAudited<PastPage>(database, call, deadline, act);
}

}  // namespace kakunin
