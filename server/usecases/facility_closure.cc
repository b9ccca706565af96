#include "server/usecases/facility_closure.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "domain/civil_day.h"
#include "domain/error.h"

namespace kakunin {
namespace {

std::string TextOf(const std::optional<absl::CivilDay>& day) {
  return day ? absl::FormatCivilTime(*day) : "none";
}

// IsServed tells whether nothing but its closure keeps patients from a facility's terminals. Of one
// of the restricted type that depends on its ground, which has news of its own.
bool IsServed(const FacilityRow& facility) {
  return facility.active && !facility.test_began &&
         facility.terms.introduction_type != IntroductionType::kRestricted;
}

// SentenceOf tells what was set, and no more: a facility may be refused for something else besides.
std::string SentenceOf(const FacilityRow& facility) {
  const FacilityClosure& closure = facility.terms.closure;
  const std::string& code = facility.facility_code;
  if (!closure.last_day) {
    return fmt::format("{}の廃止・休止の登録は取り消されました。{}", code,
                       IsServed(facility) ? "端末はまた利用できます。" : "");
  }
  if (closure.resume_day) {
    return fmt::format("{}の休止が登録されました。最終日は{}、再開日は{}です。", code,
                       TextOf(closure.last_day), TextOf(closure.resume_day));
  }
  return fmt::format("{}の廃止が登録されました。最終日は{}です。", code, TextOf(closure.last_day));
}

bool WasApproved(const Application& application) {
  return application.state == ApplicationState::kOperationTest ||
         application.state == ApplicationState::kInUse ||
         application.state == ApplicationState::kEnded;
}

// NewestApproved is the application of whoever spoke for the facility last; nobody does for one
// that operators registered.
absl::StatusOr<std::optional<Application>> NewestApproved(Transaction& tx,
                                                          const ApplicationStores& stores,
                                                          const std::string& facility_code) {
  ASSIGN_OR_RETURN(auto uses,
                   stores.applications.OfFacility(tx, "", facility_code, ApplicationKind::kUse));
  const auto newest = std::find_if(uses.rbegin(), uses.rend(), &WasApproved);
  if (newest == uses.rend()) return std::optional<Application>();
  return std::optional(std::move(*newest));
}

// HoldAccountAndUses locks who is told, then the facility, as everybody does, and tells the
// application whose account is told.
absl::StatusOr<std::optional<Application>> HoldAccountAndUses(Transaction& tx,
                                                              const ApplicationStores& stores,
                                                              const std::string& facility_code) {
  ASSIGN_OR_RETURN(const auto seen, NewestApproved(tx, stores, facility_code));
  if (seen) RETURN_IF_ERROR(stores.applicants.Hold(tx, seen->account).status());
  RETURN_IF_ERROR(stores.applications.HoldUses(tx, facility_code));
  ASSIGN_OR_RETURN(auto newest, NewestApproved(tx, stores, facility_code));
  // Somebody else's was approved while this waited.
  if (newest && (!seen || newest->account != seen->account)) {
    RETURN_IF_ERROR(stores.applicants.Hold(tx, newest->account).status());
  }
  return newest;
}

// NewsOf is what the account of `application` is told. What an operator wrote goes into no mail.
News NewsOf(const Application& application, const FacilityRow& facility, const std::string& reason,
            absl::Time at) {
  News news{.at = at, .application = application.id};
  news.mail_text = SentenceOf(facility);
  news.text = fmt::format("{}理由: {}", news.mail_text, reason);
  return news;
}

}  // namespace

absl::StatusOr<ChangedClosure> SetFacilityClosure(Transaction& tx, AuditRecord& record,
                                                  const ApplicationStores& stores,
                                                  const ClosureToSet& wanted, bool validate_only) {
  AddDetail(record, "facility", wanted.facility_code);
  std::optional<Application> told;
  if (!validate_only) {
    ASSIGN_OR_RETURN(told, HoldAccountAndUses(tx, stores, wanted.facility_code));
  }
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
  AddDetail(record, "resume_day_before", TextOf(changed.before.resume_day));
  AddDetail(record, "last_day", TextOf(terms.closure.last_day));
  AddDetail(record, "resume_day", TextOf(terms.closure.resume_day));
  if (validate_only || terms == known->terms) return changed;
  if (told) {
    RETURN_IF_ERROR(stores.applications.AddNews(
        tx, told->account, NewsOf(*told, changed.facility, wanted.reason, record.at)));
  }
  // Last: all that writes to the registry waits for this one row until the commit.
  RETURN_IF_ERROR(stores.registry.SetTerms(tx, wanted.facility_code, terms));
  return changed;
}

}  // namespace kakunin
