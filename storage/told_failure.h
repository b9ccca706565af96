#pragma once

#include <string>

#include "absl/status/status.h"

namespace kakunin {

// WithFailureOf is `status`, which somebody is answered, with the failure and SQLSTATE of the store
// that stand behind it (StoreFailureOf, SqlStateOf): for our log, never told to a caller.
absl::Status WithFailureOf(const absl::Status& store_status, absl::Status status);

// WhatToDoAbout tells the operator what failed and what to do, of a status that is told as
// DATABASE_UNAVAILABLE; anything but a database that did not answer in time stands for one that
// cannot be reached.
std::string WhatToDoAbout(const absl::Status& status);

}  // namespace kakunin
