#pragma once

#include "absl/status/status.h"
#include "kakunin/v1/bulk_service.pb.h"

namespace kakunin {

// RowErrorOf tells why one row of a list, or one unit of a batch, has no answer: the reason of
// `status`, which is not OK, and its violations, never a value.
v1::BulkRowError RowErrorOf(const absl::Status& status);

}  // namespace kakunin
