#include "domain/coverage_facts.h"

namespace kakunin {

AnswerCoverage SelectingFactsOf(const Coverage& coverage) {
  AnswerCoverage facts;
  facts.key_without_branch = coverage.key_without_branch;
  facts.qualification_date = coverage.qualification_date;
  facts.disqualification_date = coverage.disqualification_date;
  facts.certificate_valid_from = coverage.certificate_valid_from;
  facts.certificate_valid_through = coverage.certificate_valid_through;
  facts.medical_aid = coverage.card_classification == CardClassification::kMedicalAid;
  facts.medical_aid_unregistered = coverage.medical_aid_unregistered;
  return facts;
}

std::optional<absl::CivilDay> FirstDayAfter(const AnswerCoverage& coverage) {
  std::optional<absl::CivilDay> end = coverage.disqualification_date;
  if (coverage.certificate_valid_through) {
    const absl::CivilDay after = *coverage.certificate_valid_through + 1;
    if (!end || after < *end) end = after;
  }
  return end;
}

bool IsWithin(const std::optional<absl::CivilDay>& from,
              const std::optional<absl::CivilDay>& through, absl::CivilDay day) {
  return (!from || *from <= day) && (!through || day <= *through);
}

}  // namespace kakunin
