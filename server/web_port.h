#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "server/config/config.h"
#include "server/http/web_server.h"
#include "server/observe/metrics.h"
#include "server/observe/readiness.h"
#include "server/rounds.h"

namespace kakunin {

// WebPort is the listener of the patients at home: the acts' own connections, the API, the HTTPS
// server and, in a sandbox, the wallet. What it stands on is the terminals' port's. Every ten
// seconds it looks whether its certificate was replaced.
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

  // Check is a warning when the port does not serve, when the files of its certificate cannot be
  // used, and below 14 days of its certificate. Never a fault: the desk, which shares the process,
  // must go on without it. After Start.
  ReadinessCheck Check() const;
  // AddTo exposes whether the port serves, its sessions and its certificate. After Start.
  void AddTo(Metrics& metrics) const;

 private:
  void RenewCertificate();

  const Backend backend_;
  std::unique_ptr<ReceptionLane> lane_;
  std::unique_ptr<ReceptionApi> api_;
  std::unique_ptr<SandboxWallet> wallet_;
  std::unique_ptr<WebServer> server_;
  std::atomic<int64_t> renewals_failed_{0};
  std::atomic<bool> files_unusable_{false};
  std::unique_ptr<Rounds> renewals_;
};

}  // namespace kakunin
