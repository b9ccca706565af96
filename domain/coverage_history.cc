#include "domain/coverage_history.h"

namespace kakunin {

bool WasKnown(const CoverageVersion& version, absl::Time known_at) {
  return version.known_from <= known_at && (!version.known_to || known_at < *version.known_to);
}

bool Answers(const CoverageVersion& version, absl::CivilDay day, absl::Time known_at) {
  return version.visible && WasKnown(version, known_at) && version.qualification_date <= day &&
         (!version.disqualification_date || day < *version.disqualification_date);
}

}  // namespace kakunin
