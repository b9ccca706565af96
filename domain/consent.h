#pragma once

#include <array>
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

// ConsentDecisions is what one act of a patient says: a decision about every kind.
class ConsentDecisions {
 public:
  // Nothing was asked.
  ConsentDecisions() { decisions_.fill(Decision::kNotAsked); }

  Decision Of(ConsentKind kind) const { return decisions_[IndexOf(kind)]; }
  void Set(ConsentKind kind, Decision decision) { decisions_[IndexOf(kind)] = decision; }
  bool Agreed(ConsentKind kind) const { return Of(kind) == Decision::kAgreed; }
  bool operator==(const ConsentDecisions&) const = default;
  // Kinds with `decision` as a set of bits: bit 0 is ConsentKind 1. The form in the database.
  int Bits(Decision decision) const;

 private:
  static size_t IndexOf(ConsentKind kind) { return static_cast<size_t>(kind) - 1; }

  std::array<Decision, kConsentKinds> decisions_;
};

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
