#include "server/usecases/remind_of_ground_end.h"

#include <fmt/format.h>

#include "domain/application_terms.h"
#include "domain/civil_day.h"
#include "domain/error.h"

namespace kakunin {

std::optional<Reminder> ReminderFor(const FacilityOnGround& facility,
                                    const RestrictedGroundRules& rules, absl::Time now) {
  const FacilityTerms& terms = facility.terms;
  const absl::CivilDay today = CivilDayAt(now);
  const RestrictedVerdict verdict =
      MayUseRestrictedType(*terms.ground, {.ending_day = terms.ground_ending_day}, rules, today);
  if (!verdict.last_day) return std::nullopt;
  const auto due = ReminderDue(*verdict.last_day, today);
  if (!due || (facility.reminded == due && facility.reminded_of == verdict.last_day)) {
    return std::nullopt;
  }
  return Reminder{
      .last_day = *verdict.last_day, .day = *due, .sentence = SentenceOf(*terms.ground, verdict)};
}

absl::StatusOr<bool> RemindOfGroundEnd(Transaction& tx, JoiningJobStore& jobs,
                                       ApplicationStore& applications,
                                       const std::string& facility_code, const Reminder& reminder,
                                       absl::Time now) {
  ASSIGN_OR_RETURN(const bool is_new,
                   jobs.NoteReminder(tx, facility_code, reminder.last_day, reminder.day));
  if (!is_new) return false;
  ASSIGN_OR_RETURN(const auto receiver, jobs.HoldReceiver(tx, facility_code));
  if (!receiver) return false;
  News news{.at = now, .application = receiver->application};
  news.text = news.mail_text = fmt::format("{}: {}", facility_code, reminder.sentence);
  RETURN_IF_ERROR(applications.AddNews(tx, receiver->account, news));
  return true;
}

}  // namespace kakunin
