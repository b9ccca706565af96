#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "auth/client_authorities.h"
#include "server/file_version.h"
#include "server/rounds.h"

namespace kakunin {

// ClientAuthorityFile keeps the CAs of a listener's callers as its `client_ca` names them, for a
// listener behind a proxy. The file is looked at in a thread of its own, as often as gRPC looks at
// it for the others; what cannot be used leaves those that are held. Thread-safe.
class ClientAuthorityFile {
 public:
  explicit ClientAuthorityFile(std::filesystem::path file,
                               std::chrono::nanoseconds look_every = std::chrono::seconds(10));

  // Start reads the file and begins to watch. FAILED_PRECONDITION, naming it, when it cannot be
  // used.
  absl::Status Start();

  // Current is never null once Start was OK.
  std::shared_ptr<const auth::ClientAuthorities> Current() const {
    return current_.load(std::memory_order_acquire);
  }

  // Reload looks at the file now; one that is as it was read, or was written again with the same
  // text, leaves the same object. The error of Start, and then those held stay.
  absl::Status Reload();

 private:
  const std::filesystem::path file_;
  const std::chrono::nanoseconds look_every_;
  FileVersion read_;  // of one thread: whoever starts, then the rounds
  std::string pem_;   // what current_ was read from; of the same thread
  std::atomic<std::shared_ptr<const auth::ClientAuthorities>> current_;
  std::optional<Rounds> rounds_;  // the last: it uses the others
};

}  // namespace kakunin
