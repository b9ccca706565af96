#pragma once

#include <string_view>

namespace kakunin {

// UnlinkedCards is told of good cards that are linked to nobody, so that their holders can be
// looked for. Thread-safe.
class UnlinkedCards {
 public:
  virtual ~UnlinkedCards() = default;
  // Seen never waits for anything. The views live for the call only.
  virtual void Seen(std::string_view issuer_key_id, std::string_view serial) = 0;
};

}  // namespace kakunin
