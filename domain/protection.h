#pragma once

namespace kakunin {

// Protection is what nobody may be shown of a victim of abuse (支援措置), whoever asks and whatever
// the patient agreed to. Each flag hides what tells its own secret and nothing else: who the
// patient is, by whom and until when they are insured and what was done to them stay visible, since
// care and billing rest on it. That the flags hide exactly this is ours: no public source tells it.
struct Protection {
  // Where the patient lives: address and postal code, and who registered a check-up (the
  // municipality, for those whom it insures).
  bool hide_address = false;
  // Where the patient was treated: codes and names of facilities in records.
  bool hide_facility_names = false;

  friend bool operator==(const Protection&, const Protection&) = default;
};

}  // namespace kakunin
