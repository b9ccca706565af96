#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "storage/postgres/lane_connection.h"

namespace kakunin {

// kReadFacilitiesSql reads which facilities have ever set a reference number, as
// RememberedFacilities takes it: those newer than generation $1, one more than kMostFacilities at
// the most.
inline constexpr char kReadFacilitiesSql[] =
    "SELECT g.generation, f.facility_code FROM reference_number_generation g"
    " LEFT JOIN reference_number_facility f ON f.generation > $1::int8 LIMIT 50001";

// kMostFacilities bounds what one CatchUp reads, far below a lane's bound of a second. Where more
// than that have numbers, asking about the others costs less than remembering.
inline constexpr int kMostFacilities = 50'000;

// RememberedFacilities is one lane's memory of which facilities have reference numbers at all, so
// that answers to all others look for none. Like RememberedPersons it is never trusted by its age:
// the statement that reads answers reads the generation in the same snapshot, and CatchUp follows
// before any answer is made. Facilities are never taken out. Not thread-safe.
class RememberedFacilities {
 public:
  // CatchUp reads the facilities that have come since unless this memory is of `generation`, as
  // `statement` (kReadFacilitiesSql) tells them. A StoreError when it fails.
  absl::Status CatchUp(int64_t generation, LaneConnection& connection,
                       const LaneStatement& statement, MonotonicTime deadline);

  // Has tells whether the facility may have numbers; true for all where there are too many.
  bool Has(std::string_view facility_code) const {
    return overflows_ || codes_.contains(std::string(facility_code));
  }

 private:
  int64_t generation_ = 0;  // of a database without any
  bool overflows_ = false;
  absl::flat_hash_set<std::string> codes_;
};

}  // namespace kakunin
