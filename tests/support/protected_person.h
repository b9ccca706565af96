#pragma once

#include <fmt/format.h>

#include <string>

#include "tests/support/test_database.h"

namespace kakunin {

// ProtectPerson sets a person's flags as ProtectionStore does.
inline void ProtectPerson(const TestDatabase& database, const std::string& person,
                          bool hide_address, bool hide_facility_names) {
  database.Exec(fmt::format(
      "WITH g AS (UPDATE kakunin.protection_generation SET generation = generation + 1"
      "  RETURNING generation)"
      "INSERT INTO kakunin.person_protection"
      " SELECT '{}', {}, {}, '2026-11-01T00:00:00Z', g.generation FROM g"
      " ON CONFLICT (person_id) DO UPDATE SET hide_address = excluded.hide_address,"
      " hide_facility_names = excluded.hide_facility_names, generation = excluded.generation",
      person, hide_address, hide_facility_names));
}

}  // namespace kakunin
