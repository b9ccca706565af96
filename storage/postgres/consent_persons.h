#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "storage/database.h"

namespace kakunin {

// CountConsentsOfOthers counts the consents given by card that are kept under another person than
// the one whose card it is by now: none, but for the race that docs/adr/0011 admits. For tests and
// `kakunin migrate verify`; returns a StoreError. It reads every such consent.
absl::StatusOr<int64_t> CountConsentsOfOthers(Transaction& tx);

}  // namespace kakunin
