#pragma once

#include <optional>
#include <string>

#include "domain/actor.h"
#include "domain/audit_record.h"
#include "domain/error.h"

namespace kakunin {

// TerminalCall is what every call of a terminal says that is served beside the lanes. `record` is
// the audit row as far as the door knows it: who asks, by which operation, when.
struct TerminalCall {
  AuditRecord record;
  std::string facility_code;
  std::string terminal_id;
  // Decided at the door (policy, another facility's code): audited, nothing is read or changed.
  std::optional<Reason> refused;
  SeesOnly sees_only;  // as Terminal::sees_only
};

}  // namespace kakunin
