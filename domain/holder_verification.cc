#include "domain/holder_verification.h"

#include <algorithm>
#include <array>

namespace kakunin {
namespace {

struct Row {
  FormOfCare form;
  HolderVerification way;
};

// Seed 001 and domain.md 4: at the reader the patient shows the face or enters the PIN, and staff
// may look.
constexpr std::array kDeskRows = {
    Row{FormOfCare::kOutpatient, HolderVerification::kFace},
    Row{FormOfCare::kOutpatient, HolderVerification::kPin},
    Row{FormOfCare::kOutpatient, HolderVerification::kVisual},
};

}  // namespace

bool IsHolderVerificationAllowed(HolderVerification way, FormOfCare form, absl::Time at,
                                 absl::Time phone_from) {
  if (way == HolderVerification::kPhone) return form == FormOfCare::kOutpatient && at >= phone_from;
  return std::any_of(kDeskRows.begin(), kDeskRows.end(),
                     [&](const Row& row) { return row.form == form && row.way == way; });
}

}  // namespace kakunin
