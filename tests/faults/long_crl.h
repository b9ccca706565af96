#pragma once

#include <cstdint>

#include "tests/faults/installation.h"

namespace kakunin::faults {

// IssueLongCrl has one municipality's CRL list `serials` invented ones beside its own, and returns
// when every server holds them. Throws when they do not for a minute.
void IssueLongCrl(Installation& installation, int64_t serials);

}  // namespace kakunin::faults
