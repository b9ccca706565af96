#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "server/config/config.h"
#include "server/http/web_server.h"

namespace kakunin {

// WebPort is the listener of the patients at home: the acts' own connections, the API, the HTTPS
// server and, in a sandbox, the wallet. What it stands on is the terminals' port's.
class WebPort {
 public:
  // References outlive the port.
  struct Backend {
    Database& database;  // of the terminals' role
    ReceptionLinkStore& links;
    ReceptionAppStore& apps;
    const Clock& clock;
    const auth::HmacKey& look_up_key;
    CallObserver& calls;
    ReceptionLane::Backend acts;
  };

  explicit WebPort(Backend backend) : backend_(std::move(backend)) {}

  // Start listens by [web] of `config`, which has that section and [terminal]. FAILED_PRECONDITION
  // when the address or a file cannot be used. `conninfo` is the acts' connection string.
  absl::Status Start(const Config& config, const std::string& conninfo);
  // Stop lets running requests end. Safe to repeat, and where nothing was started.
  void Stop() {
    if (server_ != nullptr) server_->Stop();
  }
  // 0: it does not listen.
  int port() const { return server_ != nullptr ? server_->port() : 0; }

 private:
  const Backend backend_;
  std::unique_ptr<ReceptionLane> lane_;
  std::unique_ptr<ReceptionApi> api_;
  std::unique_ptr<SandboxWallet> wallet_;
  std::unique_ptr<WebServer> server_;
};

}  // namespace kakunin
