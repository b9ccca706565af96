#include "storage/postgres/remembered_persons.h"

#include <algorithm>

#include "storage/postgres/binary_array.h"

namespace kakunin {

absl::Status RememberedPersons::CatchUp(int64_t generation, LaneConnection& connection,
                                        const LaneStatement& statement, MonotonicTime deadline) {
  if (generation == generation_) return absl::OkStatus();
  if (generation < generation_) *this = {};  // the database was restored to an earlier time
  const BinaryScalar known(std::max<int64_t>(generation_, 0));
  const std::string_view parameters[] = {known.octets()};
  const absl::StatusOr<LaneResult> changed = connection.Run(statement, parameters, deadline);
  if (!changed.ok()) return changed.status();
  if (changed->rows() > 0 && changed->IsNull(0, 2)) {
    persons_.clear();
    overflows_ = changed->rows() > kMostRemembered;
    if (overflows_) {
      generation_ = Int8From(changed->Cell(0, 0));
      return absl::OkStatus();
    }
  }
  for (int row = 0; row < changed->rows(); ++row) {
    generation_ = Int8From(changed->Cell(row, 0));
    if (changed->IsNull(row, 1)) continue;
    const auto person = UuidFrom<PersonId>(changed->Cell(row, 1));
    if (changed->IsNull(row, 2) || changed->Cell(row, 2)[0] != 0) {
      persons_.insert(person);
    } else {
      persons_.erase(person);
    }
  }
  return absl::OkStatus();
}

}  // namespace kakunin
