#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "domain/audit_record.h"
#include "domain/bulk_inquiry.h"
#include "domain/person_id.h"
#include "storage/database.h"

namespace kakunin {

// ReferenceNumberRow is one number of one person; whose it is the call says.
struct ReferenceNumberRow {
  PersonId person;
  std::string number;
  AuditId audit_id;  // of who set it; unused to take one away
};

// ReferenceNumberStore keeps what facilities call their patients by, as the terminals' role. No
// call reads a row of another facility than the one it names. Results are a StoreError when they
// fail. Thread-safe.
class ReferenceNumberStore {
 public:
  virtual ~ReferenceNumberStore() = default;
  // Begin makes the facility one that may have numbers: from the commit on every answer to it looks
  // for them. Other facilities' Begin waits until the transaction ends. Repeating it does no
  // harm.
  virtual absl::Status Begin(Transaction& tx, const std::string& facility_code,
                             absl::CivilDay day) = 0;
  // Hold begins a change: repairs of who is who and other changes of the facility wait until the
  // transaction ends. Returns what Count has counted on `day`; empty, and nothing held of the
  // facility, before its Begin.
  virtual absl::StatusOr<std::optional<BulkCounts>> Hold(Transaction& tx,
                                                         const std::string& facility_code,
                                                         absl::CivilDay day) = 0;
  // Find tells who is meant, one entry a patient, in order: 0 to n persons by a number, and by a
  // handle nobody where a merge has given the person up.
  virtual absl::StatusOr<std::vector<std::vector<PersonId>>> Find(
      Transaction& tx, std::span<const std::variant<PersonId, KeyHash>> patients) = 0;
  // NumbersOf reads the numbers of each person, in the order in which they were set.
  virtual absl::StatusOr<std::vector<std::vector<std::string>>> NumbersOf(
      Transaction& tx, const std::string& facility_code, std::span<const PersonId> persons) = 0;
  // Change takes away and adds, after Hold; `gone` are there, and `added` are not.
  virtual absl::Status Change(Transaction& tx, const std::string& facility_code,
                              std::span<const ReferenceNumberRow> gone,
                              std::span<const ReferenceNumberRow> added, absl::Time at) = 0;
  // Count adds to what was counted on `day`, after Hold; another day begins anew.
  virtual absl::Status Count(Transaction& tx, const std::string& facility_code, absl::CivilDay day,
                             const BulkCounts& more) = 0;
};

}  // namespace kakunin
