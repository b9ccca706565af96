#pragma once

#include <string>

#include "absl/time/civil_time.h"
#include "domain/coverage.h"

namespace kakunin {

// ResidentIdentity is who somebody is by the register of residents (本人確認情報).
struct ResidentIdentity {
  PersonName name;
  PersonName other_name;  // 通称; empty for most
  absl::CivilDay birth_date;
  Sex sex = Sex::kUnspecified;  // kMale or kFemale
  std::string address;
  // The register holds somebody else who agrees in four of the five: a twin whose name sounds the
  // same, a namesake born on the same day.
  bool has_double = false;
};

// IdentityField is one of the five facts that are compared, a bit each.
enum IdentityField {
  kIdentityName = 1,
  kIdentityKana = 2,
  kIdentityBirthDate = 4,
  kIdentitySex = 8,
  kIdentityAddress = 16,
};
inline constexpr int kIdentityFieldCount = 5;
inline constexpr int kAllIdentityFields = 31;
// kResidentUnknown stands in place of fields: the register knows nobody by the number.
inline constexpr int kResidentUnknown = 32;
// kDifferenceTolerated stands beside a field that differs where the four others are enough.
inline constexpr int kDifferenceTolerated = 64;

// DifferingFields returns the IdentityFields in which a coverage and a resident do not agree, after
// normalisation (domain/text/identity_spelling.h). What one of the two does not tell does not
// agree. A name agrees when the coverage's name or 通称 is the resident's name or 通称. Compares
// the texts as they came first; thread-safe.
int DifferingFields(const Coverage& told, const ResidentIdentity& known);

// IsSamePerson decides on what DifferingFields found: at least four of the five agree, and all five
// where four would fit somebody else as well. The individual number led to the resident already: a
// name, birth date and sex alone never make anybody the same.
bool IsSamePerson(int differing_fields, bool has_double);

}  // namespace kakunin
