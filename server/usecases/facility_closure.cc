#include "server/usecases/facility_closure.h"

#include <fmt/format.h>

#include <algorithm>

#include "domain/civil_day.h"
#include "domain/error.h"

namespace kakunin {
namespace {

std::string TextOf(const std::optional<absl::CivilDay>& day) {
  return day ? absl::FormatCivilTime(*day) : "none";
}

std::string SentenceOf(const ClosureToSet& wanted) {
  const FacilityClosure& closure = wanted.closure;
  if (!closure.last_day) {
    return fmt::format("{}の廃止・休止は取り消されました。端末はまた利用できます。",
                       wanted.facility_code);
  }
  if (closure.resume_day) {
    return fmt::format("{}の利用は{}で休止し、{}に再開します。", wanted.facility_code,
                       TextOf(closure.last_day), TextOf(closure.resume_day));
  }
  return fmt::format("{}の利用は{}で終わります。", wanted.facility_code, TextOf(closure.last_day));
}

bool WasApproved(const Application& application) {
  return application.state == ApplicationState::kOperationTest ||
         application.state == ApplicationState::kInUse ||
         application.state == ApplicationState::kEnded;
}

// Tell leaves the news with whoever spoke for the facility last; nobody does for one that operators
// registered. What an operator wrote goes into no mail.
absl::Status Tell(Transaction& tx, const ApplicationStores& stores, const ClosureToSet& wanted,
                  absl::Time at) {
  ASSIGN_OR_RETURN(const auto uses, stores.applications.OfFacility(tx, "", wanted.facility_code,
                                                                   ApplicationKind::kUse));
  const auto newest = std::find_if(uses.rbegin(), uses.rend(), &WasApproved);
  if (newest == uses.rend()) return absl::OkStatus();
  RETURN_IF_ERROR(stores.applicants.Hold(tx, newest->account).status());
  News news{.at = at, .application = newest->id};
  news.mail_text = SentenceOf(wanted);
  news.text = fmt::format("{}理由: {}", news.mail_text, wanted.reason);
  return stores.applications.AddNews(tx, newest->account, news);
}

}  // namespace

absl::StatusOr<ChangedClosure> SetFacilityClosure(Transaction& tx, AuditRecord& record,
                                                  const ApplicationStores& stores,
                                                  const ClosureToSet& wanted, bool validate_only) {
  AddDetail(record, "facility", wanted.facility_code);
  if (!validate_only) RETURN_IF_ERROR(stores.applications.HoldUses(tx, wanted.facility_code));
  ASSIGN_OR_RETURN(const auto known, stores.registry.FindFacility(tx, wanted.facility_code));
  if (!known) return MakeError(Reason::kFacilityNotFound);
  if (wanted.closure.last_day) {
    const auto faults = CheckFacilityClosure(wanted.closure, CivilDayAt(record.at));
    if (!faults.empty()) return InvalidFields(faults);
  }
  ChangedClosure changed{.facility = *known, .before = known->terms.closure};
  FacilityTerms& terms = changed.facility.terms;
  terms.closure = wanted.closure;
  AddDetail(record, "last_day_before", TextOf(changed.before.last_day));
  AddDetail(record, "last_day", TextOf(terms.closure.last_day));
  AddDetail(record, "resume_day", TextOf(terms.closure.resume_day));
  if (validate_only || terms == known->terms) return changed;
  RETURN_IF_ERROR(stores.registry.SetTerms(tx, wanted.facility_code, terms));
  RETURN_IF_ERROR(Tell(tx, stores, wanted, record.at));
  return changed;
}

}  // namespace kakunin
