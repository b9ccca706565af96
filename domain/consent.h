#pragma once

#include <optional>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "domain/coverage.h"

namespace kakunin {

enum class ConsentKind {
  kDrug = 1,
  kTreatment,
  kSurgery,
  kHealthCheck,
  kLimitCertificate,
  kSpecificDiseaseCertificate
};
inline constexpr int kConsentKinds = 6;
enum class Decision { kAgreed = 1, kDeclined, kNotAsked };

// ConsentMethod is how the patient said it.
enum class ConsentMethod { kCard = 1, kOral };

// ConsentWindow is half-open: shown from `begin` on, no longer at `end`.
struct ConsentWindow {
  absl::Time begin;
  absl::Time end;
};

// ConsentWindowFor is the window that a consent given at `given` opens.
// Outpatient: 24 hours to the second (domain.md 1.6, AvailableTime = ConsTime + 24 h). Online care:
// to the end of the appointment day, JST (domain.md 3). Home visit: while the relation lasts, so
// the end is the infinite future until it is ended. Emergency gives no consent window: empty.
// Online care without a day: empty.
std::optional<ConsentWindow> ConsentWindowFor(FormOfCare form, absl::Time given,
                                              std::optional<absl::CivilDay> appointment_day);

}  // namespace kakunin
