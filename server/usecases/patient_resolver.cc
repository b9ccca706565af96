#include "server/usecases/patient_resolver.h"

namespace kakunin {

std::variant<FoundBy, Reason> PatientResolver::Resolve(const Terminal& terminal,
                                                       const NamedPatient& named, absl::Time now) {
  if (const auto* handle = std::get_if<std::string>(&named)) {
    const auto content = handles_.Open(terminal.facility_code, *handle);
    if (!content || now >= content->end) return Reason::kPatientHandleRefused;
    return FoundBy(PersonId{content->person});
  }
  if (!guard_.Allows(terminal.facility_code, terminal.terminal_id, now)) {
    return Reason::kInquiryLimit;
  }
  return FoundBy(std::get<KeyHash>(named));
}

void PatientResolver::Count(const Terminal& terminal, const std::optional<PersonId>& found,
                            absl::Time now) {
  if (found) {
    guard_.Found(terminal.facility_code, terminal.terminal_id, *found, now);
  } else {
    guard_.NoMatch(terminal.facility_code, terminal.terminal_id, now);
  }
}

}  // namespace kakunin
