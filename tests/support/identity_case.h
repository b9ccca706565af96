#pragma once

#include "tests/support/test_database.h"

namespace kakunin {

// OpenCaseAboutEverybody and EndCases change whom open cases concern, as IdentityCaseStore does.
inline void OpenCaseAboutEverybody(const TestDatabase& database) {
  database.Exec(
      "INSERT INTO kakunin.identity_case_person"
      " SELECT person_id, gen_random_uuid(), NULL FROM kakunin.person;"
      "UPDATE kakunin.identity_case_generation SET generation = generation + 1");
}
inline void EndCases(const TestDatabase& database) {
  database.Exec(
      "UPDATE kakunin.identity_case_person SET ended_at = '2026-11-01Z' WHERE ended_at IS NULL;"
      "UPDATE kakunin.identity_case_generation SET generation = generation + 1");
}

}  // namespace kakunin
