#include "storage/postgres/protected_persons.h"

#include "storage/postgres/binary_array.h"

namespace kakunin {

absl::Status ProtectedPersons::CatchUp(int64_t generation, LaneConnection& connection,
                                       const LaneStatement& statement, MonotonicTime deadline) {
  if (generation == generation_) return absl::OkStatus();
  if (generation < generation_) *this = {};  // the database was restored to an earlier time
  const BinaryScalar known(generation_);
  const std::string_view parameters[] = {known.octets()};
  const absl::StatusOr<LaneResult> newer = connection.Run(statement, parameters, deadline);
  if (!newer.ok()) return newer.status();
  for (int row = 0; row < newer->rows(); ++row) {
    generation_ = Int8From(newer->Cell(row, 0));
    if (newer->IsNull(row, 1)) continue;
    const auto person = UuidFrom<PersonId>(newer->Cell(row, 1));
    if (newer->Cell(row, 2)[0] != 0) {
      hidden_.insert(person);
    } else {
      hidden_.erase(person);
    }
  }
  return absl::OkStatus();
}

}  // namespace kakunin
