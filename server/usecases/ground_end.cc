#include "server/usecases/ground_end.h"

#include "domain/application_terms.h"
#include "domain/civil_day.h"
#include "domain/error.h"

namespace kakunin {

absl::StatusOr<ReportedGroundEnd> ReportGroundEnd(Transaction& tx, AuditRecord& record,
                                                  const ApplicationStores& stores,
                                                  const RestrictedGroundRules& rules,
                                                  const GroundEndReport& report,
                                                  bool validate_only) {
  AddDetail(record, "facility", report.facility_code);
  if (!validate_only) RETURN_IF_ERROR(stores.applications.HoldUses(tx, report.facility_code));
  ASSIGN_OR_RETURN(const auto facility, stores.registry.FindFacility(tx, report.facility_code));
  if (!facility) return MakeError(Reason::kFacilityNotFound);
  const FacilityTerms& terms = facility->terms;
  if (!ReportsGroundEnd(terms)) return MakeError(Reason::kGroundNotHeld);
  const bool later = terms.ground_ending_day && report.ending_day > *terms.ground_ending_day;
  if (later && !report.may_put_off) return MakeError(Reason::kGroundEndLater);
  AddDetail(record, "ending_day", absl::FormatCivilTime(report.ending_day));
  if (!validate_only) {
    ASSIGN_OR_RETURN(const bool written,
                     stores.registry.SetGroundEnd(tx, report.facility_code, report.ending_day,
                                                  /*only_earlier=*/!report.may_put_off));
    if (!written) return MakeError(Reason::kGroundEndLater);
  }
  const absl::CivilDay today = CivilDayAt(record.at);
  const RestrictedVerdict verdict =
      MayUseRestrictedType(*terms.ground, {.ending_day = report.ending_day}, rules, today);
  return ReportedGroundEnd{.last_day = *verdict.last_day,
                           .reminder_days = ReminderDays(*verdict.last_day, today),
                           .sentence = SentenceOf(*terms.ground, verdict)};
}

}  // namespace kakunin
