#include "domain/reception_link.h"

#include "domain/civil_day.h"

namespace kakunin {

absl::Time ReceptionLinkEnd(std::optional<absl::CivilDay> appointment_day, absl::Time made) {
  return appointment_day ? EndOfDay(*appointment_day)
                         : StartOfDay(CivilDayAt(made) + kReceptionLinkDays);
}

bool IsOpen(const ReceptionLink& link, absl::Time at) { return !link.revoked && at < link.expires; }

}  // namespace kakunin
