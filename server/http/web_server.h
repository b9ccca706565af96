#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "server/config/config.h"
#include "server/http/reception_api.h"
#include "server/http/sandbox_wallet.h"
#include "server/http/web_connections.h"

namespace kakunin {

// WebServer is the patients' port: HTTPS without client certificates, the page of web/ and
// ReceptionService, to anybody within WebConnectionLimits and the sizes of WebRequest. No request
// is logged but by ReceptionApi's observer.
class WebServer {
 public:
  // `api` and `wallet` outlive the server. `wallet` null: there is none, and nothing under
  // /sandbox/ is served.
  WebServer(ReceptionApi& api, SandboxWallet* wallet, const WebConnectionLimits& limits = {});
  ~WebServer();
  WebServer(const WebServer&) = delete;
  WebServer& operator=(const WebServer&) = delete;

  // Start listens. FAILED_PRECONDITION when the address or a file cannot be used.
  absl::Status Start(const WebConfig& config);
  // Stop lets what was asked be answered and hears nobody any more. Safe to repeat.
  void Stop();

  int port() const;

  // IsServing tells whether requests are taken. Thread-safe.
  bool IsServing() const;

  // OpenConnections is how many there are, RefusedConnections how many were closed at once for
  // want of room since the start. Thread-safe, after Start.
  size_t OpenConnections() const;
  int64_t RefusedConnections() const;

  // RenewCertificate reads the certificate and the key anew when either file was replaced since the
  // last time: connections from then on get it, open ones go on. FAILED_PRECONDITION, each time
  // until they can be used, leaves what is served as it is. One thread at a time, after Start.
  absl::Status RenewCertificate();
  // CertificateEnd is the last second of the certificate that is served. Thread-safe, after Start.
  absl::Time CertificateEnd() const;

 private:
  struct Inside;
  const std::unique_ptr<Inside> inside_;
};

}  // namespace kakunin
