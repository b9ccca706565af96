#pragma once

#include <optional>
#include <string_view>

#include "domain/delivery.h"

namespace kakunin {

// InsurerDelays knows which insurers are behind with their deliveries. Thread-safe.
class InsurerDelays {
 public:
  virtual ~InsurerDelays() = default;
  // Of never waits for anything. Empty: the insurer (eight digits) is not behind, is not
  // registered, or it is not known.
  virtual std::optional<DeliveryDelay> Of(std::string_view insurer_number) const = 0;
};

}  // namespace kakunin
