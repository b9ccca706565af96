#pragma once

#include <optional>
#include <string>
#include <variant>

#include "absl/time/time.h"
#include "auth/patient_handle.h"
#include "domain/actor.h"
#include "domain/error.h"
#include "domain/person_id.h"
#include "server/usecases/inquiry_guard.h"

namespace kakunin {

// NamedPatient is how a terminal's call names a patient: by a sealed handle of this facility, or by
// the keyed hash of insurer, symbol, number, birth date and branch.
using NamedPatient = std::variant<std::string, KeyHash>;
// FoundBy is what the store finds them by.
using FoundBy = std::variant<PersonId, KeyHash>;

// PatientResolver opens handles and counts questions by number: whoever guesses keys must not do it
// at another door. Not thread-safe.
class PatientResolver {
 public:
  // Both outlive the object.
  PatientResolver(InquiryGuard& guard, const auth::PatientHandleKey& handles)
      : guard_(guard), handles_(handles) {}

  // Resolve tells what to look for, or why not: kPatientHandleRefused for a handle that is another
  // facility's, changed or ended at `now`, kInquiryLimit for who asked by number too often.
  std::variant<FoundBy, Reason> Resolve(const Terminal& terminal, const NamedPatient& named,
                                        absl::Time now);

  // Count counts a question by number, once a call; empty: it found nobody, or several.
  void Count(const Terminal& terminal, const std::optional<PersonId>& found, absl::Time now);

 private:
  InquiryGuard& guard_;
  const auth::PatientHandleKey& handles_;
};

}  // namespace kakunin
