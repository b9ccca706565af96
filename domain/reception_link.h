#pragma once

#include <optional>
#include <string>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "domain/coverage.h"
#include "domain/person_id.h"

namespace kakunin {

// LinkId names a reception link inside its facility.
using LinkId = Id128<struct LinkTag>;
// LinkTokenHash is the keyed 128-bit hash of a link's token.
using LinkTokenHash = Id128<struct LinkTokenTag>;

// ReceptionLink is one address under which a facility's patients reach the reception at home. It
// serves one form of care and, in online care, one booking; nothing in it is a patient's.
struct ReceptionLink {
  std::string facility_code;
  LinkId id;
  FormOfCare form_of_care = FormOfCare::kHomeVisit;  // kHomeVisit or kOnlineCare
  std::optional<absl::CivilDay> appointment_day;     // online care, JST
  std::string booking_name;                          // the facility's own, opaque
  absl::Time created;
  absl::Time expires;  // first instant at which it no longer works
  std::optional<absl::Time> renewed;
  std::optional<absl::Time> revoked;
};

// kReceptionLinkDays is how long a link for home visits works from its making or renewal on: an
// address on paper is to be looked at once a year. OUR choice.
inline constexpr int kReceptionLinkDays = 366;
// kBookedAheadDays is how far ahead a booking of online care may lie. OUR choice.
inline constexpr int kBookedAheadDays = 366;

// kEndedLinkKept is how long a link stays in its facility's list after it no longer works; then it
// is deleted, with what finds it by its token. What was done through it is in the audit. OUR
// choice.
inline constexpr absl::Duration kEndedLinkKept = absl::Hours(24 * 366);

// ReceptionLinkEnd is the first instant at which a link made or renewed at `made` no longer works:
// of a booking the end of its day, for nothing can be consented to after it (seed 002).
absl::Time ReceptionLinkEnd(std::optional<absl::CivilDay> appointment_day, absl::Time made);

// IsOpen tells whether a patient may use the link at `at`.
bool IsOpen(const ReceptionLink& link, absl::Time at);

}  // namespace kakunin
