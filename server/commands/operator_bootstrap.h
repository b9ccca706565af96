#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace kakunin {

struct OperatorToBootstrap {
  std::string name;
  std::string certificate_pem;
  std::string body;  // whose operator it is; empty: as it was
};

struct BootstrappedOperator {
  bool created = false;     // false: known before, its certificate is replaced
  std::string fingerprint;  // SHA-256, hexadecimal
  std::string audit_id;     // empty unless committed
};

// BootstrapOperator puts an operator into the registry straight through the database, as the
// migrate role: somebody must be the first. Audited like every registration. Without `commit` it
// checks and writes nothing. INVALID_ARGUMENT when the certificate is not that operator's or is out
// of date, ALREADY_EXISTS when it is bound to somebody else, UNAVAILABLE or INTERNAL with what to
// look at when the database fails.
absl::StatusOr<BootstrappedOperator> BootstrapOperator(const std::string& conninfo,
                                                       const OperatorToBootstrap& op,
                                                       absl::Time now, bool commit);

}  // namespace kakunin
