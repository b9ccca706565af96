#include "domain/consent.h"

#include "domain/civil_day.h"

namespace kakunin {

int ConsentDecisions::Bits(Decision decision) const {
  int bits = 0;
  for (int i = 0; i < kConsentKinds; ++i) {
    if (decisions_[i] == decision) bits |= 1 << i;
  }
  return bits;
}

std::optional<ConsentWindow> ConsentWindowFor(FormOfCare form, absl::Time given,
                                              std::optional<absl::CivilDay> appointment_day) {
  switch (form) {
    case FormOfCare::kOutpatient:
      return ConsentWindow{given, given + absl::Hours(24)};
    case FormOfCare::kHomeVisit:
      return ConsentWindow{given, absl::InfiniteFuture()};
    case FormOfCare::kOnlineCare:
      if (!appointment_day || EndOfDay(*appointment_day) <= given) return std::nullopt;
      return ConsentWindow{given, EndOfDay(*appointment_day)};
    case FormOfCare::kEmergency:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace kakunin
