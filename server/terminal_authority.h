#pragma once

#include <functional>

#include "absl/status/statusor.h"
#include "server/config/config.h"
#include "server/usecases/terminal_certificates.h"

namespace kakunin {

// TerminalAuthorityOf reads what terminals' certificates must be, the CAs' file anew each time: one
// that is replaced while CAs change counts at once. CERTIFICATE_AUTHORITY_MISSING when the
// configuration names none or its file cannot be read.
std::function<absl::StatusOr<TerminalAuthority>()> TerminalAuthorityOf(const Config& config);

}  // namespace kakunin
