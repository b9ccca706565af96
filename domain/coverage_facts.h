#pragma once

#include <optional>

#include "absl/time/civil_time.h"
#include "domain/answer_row.h"
#include "domain/coverage.h"

namespace kakunin {

// SelectingFactsOf is what of a coverage decides whether an answer shows it; without octets and
// pieces.
AnswerCoverage SelectingFactsOf(const Coverage& coverage);

// FirstDayAfter is the first day not covered, by the loss or by the certificate's last day,
// whichever comes first; empty: it runs on.
std::optional<absl::CivilDay> FirstDayAfter(const AnswerCoverage& coverage);

// IsWithin tells whether `day` lies in a period whose last day counts; open ends hold.
bool IsWithin(const std::optional<absl::CivilDay>& from,
              const std::optional<absl::CivilDay>& through, absl::CivilDay day);

}  // namespace kakunin
