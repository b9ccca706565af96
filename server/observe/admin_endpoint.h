#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/observe/readiness.h"

namespace kakunin {

// AdminEndpoint serves /livez, /readyz and /metrics over plain HTTP on a loopback address. /livez
// answers while the process runs; /readyz is 200 or 503 with a line for every check. A
// connection that sends nothing for a second is closed. Thread-safe.
class AdminEndpoint {
 public:
  // `checks` and `metrics` are called from the endpoint's threads; what they use outlives it.
  AdminEndpoint(std::vector<ReadinessCheck> checks, std::function<std::string()> metrics);
  ~AdminEndpoint();
  AdminEndpoint(const AdminEndpoint&) = delete;
  AdminEndpoint& operator=(const AdminEndpoint&) = delete;

  // Start listens and returns the port; 0 asks for any free one. FAILED_PRECONDITION when the
  // address is not loopback or is taken.
  absl::StatusOr<int> Start(const std::string& host, int port);
  void Stop();

 private:
  struct Inside;
  const std::unique_ptr<Inside> inside_;
};

}  // namespace kakunin
