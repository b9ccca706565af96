#pragma once

#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/confirmation_store.h"
#include "storage/postgres/binary_array.h"
#include "storage/postgres/lane_connection.h"

namespace kakunin {

// kReadRelationsSql reads what is stored about the consents of persons ($1) at facilities ($2) for
// forms of care ($3).
extern const char kReadRelationsSql[];
inline constexpr size_t kRelationArrays = 3;

// LaneReadRelations runs kReadRelationsSql, prepared as `statement`; `arrays` are for its
// parameters. A StoreError when it fails.
absl::StatusOr<std::vector<RelationRows>> LaneReadRelations(
    LaneConnection& connection, const LaneStatement& statement,
    std::span<const RelationQuestion> questions, std::span<BinaryArray> arrays,
    MonotonicTime deadline);

}  // namespace kakunin
