#pragma once

#include <cstdint>

namespace kakunin {

// FacilitySettings is how a facility uses the service (医療機関等の設定). What it never set is on,
// and it demands nothing. Which kinds a set holds: UsesKind in domain/access_policy.h.
struct FacilitySettings {
  // A bit for each RecordKind that the facility does not look at: kind 1 is bit 0.
  uint8_t kinds_not_used = 0;
  bool uses_e_prescription = true;
  // With what the facility's screens begin; told to them, and of no effect here.
  bool shows_treatment_at_first = true;
  bool shows_surgery_at_first = true;
  // Records are shown to proven users only.
  bool records_need_proven_role = false;

  friend bool operator==(const FacilitySettings&, const FacilitySettings&) = default;
};

}  // namespace kakunin
