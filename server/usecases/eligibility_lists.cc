#include "server/usecases/eligibility_lists.h"

#include <fmt/format.h>

#include <utility>

#include "domain/access_log.h"
#include "domain/civil_day.h"
#include "domain/error.h"
#include "server/usecases/refusal.h"
#include "server/usecases/terminal_audit.h"

namespace kakunin {
namespace {

// Cut takes the one row more that tells whether others follow.
template <class Row, class Place>
void Cut(std::vector<Row>& rows, int limit, std::optional<Place>& next) {
  if (rows.size() <= static_cast<size_t>(limit)) return;
  rows.resize(static_cast<size_t>(limit));
  next = rows.back().place;
}

absl::StatusOr<std::vector<ConsentedRow>> ReadConsented(
    Database& database, EligibilityListStore& store, const TerminalCall& call,
    const ConsentedRange& range, MonotonicTime deadline, ConsentedPage& page) {
  std::vector<ConsentedRow> rows;
  RETURN_IF_ERROR(database.Write(deadline, [&](Transaction& tx) -> absl::Status {
    page = {};
    rows.clear();
    AuditRecord record = call.record;
    if (call.refused) {
      AddRefusal(MakeError(*call.refused), record);
    } else {
      ConsentedRange wider = range;
      ++wider.limit;
      ASSIGN_OR_RETURN(rows, store.ListConsented(tx, call.facility_code, wider));
      Cut(rows, range.limit, page.next);
      record.details = fmt::format("patients={}", rows.size());
    }
    ASSIGN_OR_RETURN(page.audit_id, tx.AppendAudit(record));
    return absl::OkStatus();
  }));
  if (call.refused) return MakeError(*call.refused);
  return rows;
}

}  // namespace

absl::StatusOr<ConsentedPage> ListConsentedPatients(Database& database, EligibilityListStore& store,
                                                    ConfirmEligibility& confirm,
                                                    const TerminalCall& call,
                                                    const ConsentedQuestion& question,
                                                    MonotonicTime deadline) {
  ConsentedPage page;
  ASSIGN_OR_RETURN(std::vector<ConsentedRow> rows,
                   ReadConsented(database, store, call, question.range, deadline, page));
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
  std::vector<Confirmed> confirmed = confirm.Confirm(inquiries, CardTrust{}, now, deadline);
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
  PastPage page;
  RETURN_IF_ERROR(database.Write(deadline, [&](Transaction& tx) -> absl::Status {
    page = {};
    AuditRecord record = call.record;
    if (call.refused) {
      AddRefusal(MakeError(*call.refused), record);
    } else {
      PastRange wider = range;
      ++wider.limit;
      ASSIGN_OR_RETURN(PastAnswers found, store.ListPast(tx, call.facility_code, wider));
      page.told = std::move(found.rows);
      Cut(page.told, range.limit, page.next);
      if (found.copied_through) page.complete_until = *found.copied_through - kAccessCopyOverlap;
      std::string shown;
      for (const PastAnswer& told : page.told) shown += AuditIdText(told.place.audit_id) + "\n";
      record.details = fmt::format("confirmations={}", page.told.size());
      record.answer_digest = KeyedDigest(audit_key, shown);
    }
    ASSIGN_OR_RETURN(page.audit_id, tx.AppendAudit(record));
    return absl::OkStatus();
  }));
  if (call.refused) return MakeError(*call.refused);
  return page;
}

}  // namespace kakunin
