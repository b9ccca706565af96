#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "server/config/config.h"

namespace kakunin {

// Installation is one running server process: the listeners of its configuration with their lanes,
// pools, snapshots and jobs. State that another server would need is in the database alone.
class Installation {
 public:
  // Start opens everything that the configuration lists and begins to serve. Returns
  // FAILED_PRECONDITION with what to do when a file, the schema or a port is not as it must be, or
  // a StoreError.
  static absl::StatusOr<std::unique_ptr<Installation>> Start(const Config& config);
  // Shuts down first.
  ~Installation();
  Installation(const Installation&) = delete;
  Installation& operator=(const Installation&) = delete;

  // Shutdown says NOT_SERVING, refuses new calls, lets the running ones finish for at most 8 s, and
  // ends the rest. Safe to repeat.
  void Shutdown();

  // Ports that were bound, for tests with port 0; 0 for a listener that is absent.
  int terminal_port() const;
  int insurer_port() const;
  int operator_port() const;
  int onboarding_port() const;
  int web_port() const;
  int admin_port() const;

 private:
  struct Parts;
  explicit Installation(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace kakunin
