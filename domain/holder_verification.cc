#include "domain/holder_verification.h"

#include <algorithm>
#include <array>

#include "domain/civil_day.h"
#include "domain/record_kind.h"

namespace kakunin {
namespace {

struct Row {
  FormOfCare form;
  HolderVerification way;
  absl::Time from;
};

// At the reader the patient shows the face or enters the PIN, and staff may look (seed 001,
// domain.md 4). On a home visit there is no reader: PIN, or staff look; online nobody can look
// (seed 002, domain.md 4).
constexpr std::array kRows = {
    Row{FormOfCare::kOutpatient, HolderVerification::kFace, absl::InfinitePast()},
    Row{FormOfCare::kOutpatient, HolderVerification::kPin, absl::InfinitePast()},
    Row{FormOfCare::kOutpatient, HolderVerification::kVisual, absl::InfinitePast()},
    Row{FormOfCare::kHomeVisit, HolderVerification::kPin, StartOfDay(kOtherFormsStart)},
    Row{FormOfCare::kHomeVisit, HolderVerification::kVisual, StartOfDay(kOtherFormsStart)},
    Row{FormOfCare::kOnlineCare, HolderVerification::kPin, StartOfDay(kOtherFormsStart)},
};

}  // namespace

bool IsHolderVerificationAllowed(HolderVerification way, FormOfCare form, absl::Time at,
                                 absl::Time phone_from) {
  if (way == HolderVerification::kPhone) return form == FormOfCare::kOutpatient && at >= phone_from;
  return std::any_of(kRows.begin(), kRows.end(), [&](const Row& row) {
    return row.form == form && row.way == way && at >= row.from;
  });
}

}  // namespace kakunin
