#pragma once

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <memory>
#include <vector>

#include "kakunin/v1/eligibility_service.grpc.pb.h"
#include "tests/faults/installation.h"

namespace kakunin::faults {

// Crowd is many desks at one server, each over a TLS connection of its own that no other shares.
// They show one certificate: the server tells connections apart, and handshakes cost the same.
// Not thread-safe.
class Crowd {
 public:
  // Nobody connects yet. Throws when this process may not open so many connections.
  Crowd(Installation& installation, size_t server, int desks);

  // AskAll has all of them ask at once about a person by number, over the connection that stands or
  // a new one, and returns how long after that each had the right answer, in order; those that had
  // none within a minute are missing.
  std::vector<double> AskAll();

 private:
  std::vector<std::unique_ptr<v1::EligibilityService::Stub>> desks_;
  v1::ConfirmByInsuredNumberRequest request_;
};

}  // namespace kakunin::faults
