#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "domain/error.h"
#include "domain/next_step.h"

namespace kakunin {

// ErrorContact has, while it lives, every error of this process whose sentence asks to call who
// runs the service name `contact` (domain/operations_contact.h). One at a time: errors leave by one
// road (ToGrpcStatus), also from rooms that know no configuration, so that it is the process's and
// handed to nobody.
class ErrorContact {
 public:
  // `now` is the service's clock; it outlives the object, and so does whatever it refers to.
  ErrorContact(Contact contact, std::function<absl::Time()> now);
  ~ErrorContact();
  ErrorContact(const ErrorContact&) = delete;
  ErrorContact& operator=(const ErrorContact&) = delete;

  // After is what follows the sentence of `reason` now; empty where it asks nobody to call, or
  // nobody is named. Thread-safe.
  static std::string After(Reason reason);
};

}  // namespace kakunin
