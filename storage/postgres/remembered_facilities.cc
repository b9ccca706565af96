#include "storage/postgres/remembered_facilities.h"

#include "domain/error.h"
#include "storage/postgres/binary_array.h"

namespace kakunin {

absl::Status RememberedFacilities::CatchUp(int64_t generation, LaneConnection& connection,
                                           const LaneStatement& statement, MonotonicTime deadline) {
  if (generation == generation_) return absl::OkStatus();
  if (generation < generation_) *this = {};  // the database was restored to an earlier time
  const BinaryScalar known(generation_);
  const std::string_view parameters[] = {known.octets()};
  ASSIGN_OR_RETURN(const LaneResult newer, connection.Run(statement, parameters, deadline));
  overflows_ = overflows_ || newer.rows() > kMostFacilities;
  for (int row = 0; row < newer.rows(); ++row) {
    generation_ = Int8From(newer.Cell(row, 0));
    if (!overflows_ && !newer.IsNull(row, 1)) codes_.emplace(newer.Cell(row, 1));
  }
  overflows_ = overflows_ || codes_.size() > kMostFacilities;
  if (overflows_) codes_.clear();
  return absl::OkStatus();
}

}  // namespace kakunin
