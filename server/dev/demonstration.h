#pragma once

#include "absl/status/status.h"
#include "server/dev/sandbox.h"

namespace kakunin::dev {

// Demonstrate confirms one test person by card and one by insured number, as a clerk would: with
// `kakunin call`, whose command lines it prints for pasting. Each answer is shown as a table and as
// JSON on standard output. Returns INTERNAL when a call fails.
absl::Status Demonstrate(const Sandbox& sandbox);

}  // namespace kakunin::dev
