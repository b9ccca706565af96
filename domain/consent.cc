#include "domain/consent.h"

#include <algorithm>

#include "domain/civil_day.h"
#include "domain/record_kind.h"

namespace kakunin {
namespace {

constexpr std::array kLengths = {
    ConsentLength{FormOfCare::kOutpatient, StartOfDay(kServiceStart), absl::InfiniteFuture(),
                  ConsentEndRule::kHours24,
                  "seed 002; domain.md 1.6, S1: AvailableTime = ConsTime + 24 h"},
    ConsentLength{FormOfCare::kOnlineCare, StartOfDay(kOtherFormsStart), absl::InfiniteFuture(),
                  ConsentEndRule::kEndOfAppointmentDay,
                  "seed 002: from the consent to the day of the appointment; domain.md 3"},
    ConsentLength{FormOfCare::kHomeVisit, StartOfDay(kOtherFormsStart), absl::InfiniteFuture(),
                  ConsentEndRule::kUntilEnded,
                  "domain.md 3, S22: while the continuing relation lasts (OQSCD031)"},
};

}  // namespace

int ConsentDecisions::Bits(Decision decision) const {
  int bits = 0;
  for (int i = 0; i < kConsentKinds; ++i) {
    if (decisions_[i] == decision) bits |= 1 << i;
  }
  return bits;
}

ConsentDecisions ConsentDecisions::WithoutAgreed() const {
  ConsentDecisions rest = *this;
  for (Decision& decision : rest.decisions_) {
    if (decision == Decision::kAgreed) decision = Decision::kNotAsked;
  }
  return rest;
}

ConsentDecisions DecisionsTakenAt(TerminalKind kind, const ConsentDecisions& given) {
  return kind == TerminalKind::kRestricted ? given.WithoutAgreed() : given;
}

std::span<const ConsentLength> AllConsentLengths() { return kLengths; }

std::optional<ConsentWindow> ConsentWindowFor(FormOfCare form, absl::Time given,
                                              std::optional<absl::CivilDay> appointment_day) {
  const auto row = std::find_if(kLengths.begin(), kLengths.end(), [&](const ConsentLength& length) {
    return length.form_of_care == form && length.from <= given && given < length.to;
  });
  if (row == kLengths.end()) return std::nullopt;
  switch (row->rule) {
    case ConsentEndRule::kHours24:
      return ConsentWindow{given, given + absl::Hours(24)};
    case ConsentEndRule::kEndOfAppointmentDay:
      if (!appointment_day || EndOfDay(*appointment_day) <= given) return std::nullopt;
      return ConsentWindow{given, EndOfDay(*appointment_day)};
    case ConsentEndRule::kUntilEnded:
      return ConsentWindow{given, absl::InfiniteFuture()};
  }
  return std::nullopt;
}

}  // namespace kakunin
