#pragma once

#include <optional>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "domain/audit_record.h"
#include "domain/resident_identity.h"

namespace kakunin {

// ResidentIdentities is the one who knows who is behind an individual number: the other half of
// ResidentRegistry, which knows it of cards. Thread-safe.
class ResidentIdentities {
 public:
  virtual ~ResidentIdentities() = default;
  // FindIdentities returns one resident a keyed hash of an individual number (HashOf), in order,
  // empty where the register knows nobody; or why it cannot be asked, naming nobody. A chunk's rows
  // are one call.
  virtual absl::StatusOr<std::vector<std::optional<ResidentIdentity>>> FindIdentities(
      std::span<const Digest32> numbers) = 0;
};

}  // namespace kakunin
