#pragma once

#include <atomic>
#include <filesystem>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "auth/web_connection.h"

struct ssl_st;
struct ssl_ctx_st;

namespace kakunin::auth {

// WebTls is the certificate of a public web server, which may be replaced while it serves. Every
// handshake takes the one that is current then; connections that are open keep theirs.
class WebTls {
 public:
  // Load reads the chain and the key (PEM, without a passphrase). FAILED_PRECONDITION when they
  // cannot be used or do not belong together.
  static absl::StatusOr<std::unique_ptr<WebTls>> Load(std::filesystem::path certificate,
                                                      std::filesystem::path key);
  ~WebTls();
  WebTls(const WebTls&) = delete;
  WebTls& operator=(const WebTls&) = delete;

  // Reload reads both files again. What cannot be used leaves what is served as it is:
  // FAILED_PRECONDITION. Thread-safe.
  absl::Status Reload();

  // Connect makes TLS of a public web server for an accepted socket, which is owned from now on:
  // TLS 1.2 and 1.3, the ciphers of which have forward secrecy, no client certificates, no session
  // tickets, no compression. This object outlives it. Null when there is no memory. Thread-safe.
  std::unique_ptr<WebConnection> Connect(int socket);

  // NotAfter is the last second of the certificate that is served. Thread-safe.
  absl::Time NotAfter() const;

 private:
  struct Served;
  struct FreeContext {
    void operator()(ssl_ctx_st* context) const;
  };
  WebTls(std::filesystem::path certificate, std::filesystem::path key);
  absl::Status Prepare();
  static int Serve(ssl_st* connection, void* self);

  const std::filesystem::path certificate_;
  const std::filesystem::path key_;
  std::unique_ptr<ssl_ctx_st, FreeContext> context_;
  std::atomic<std::shared_ptr<const Served>> served_;
};

}  // namespace kakunin::auth
