#include "auth/web_tls.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <ctime>
#include <utility>

namespace kakunin::auth {
namespace {

absl::Time TimeOf(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return absl::InfinitePast();
  return absl::FromTM(parts, absl::UTCTimeZone());
}

}  // namespace

void WebTls::FreeContext::operator()(SSL_CTX* context) const { SSL_CTX_free(context); }

// Served is one chain and its key, in a context of their own: OpenSSL reads and compares them.
struct WebTls::Served {
  std::unique_ptr<SSL_CTX, FreeContext> files;
  absl::Time not_after;
};

WebTls::WebTls(std::filesystem::path certificate, std::filesystem::path key)
    : certificate_(std::move(certificate)), key_(std::move(key)) {}

WebTls::~WebTls() = default;

absl::StatusOr<std::unique_ptr<WebTls>> WebTls::Load(std::filesystem::path certificate,
                                                     std::filesystem::path key) {
  std::unique_ptr<WebTls> tls(new WebTls(std::move(certificate), std::move(key)));
  if (absl::Status read = tls->Reload(); !read.ok()) return read;
  if (absl::Status prepared = tls->Prepare(); !prepared.ok()) return prepared;
  return tls;
}

absl::Status WebTls::Reload() {
  auto served = std::make_shared<Served>();
  served->files.reset(SSL_CTX_new(TLS_server_method()));
  SSL_CTX* const files = served->files.get();
  const bool read = files != nullptr &&
                    SSL_CTX_use_certificate_chain_file(files, certificate_.c_str()) == 1 &&
                    SSL_CTX_use_PrivateKey_file(files, key_.c_str(), SSL_FILETYPE_PEM) == 1 &&
                    SSL_CTX_check_private_key(files) == 1;
  if (!read) {
    ERR_clear_error();
    return absl::FailedPreconditionError(
        fmt::format("cannot serve HTTPS with {} and {}: put the certificate chain and the key that "
                    "belong together there, as PEM",
                    certificate_.string(), key_.string()));
  }
  served->not_after = TimeOf(X509_get0_notAfter(SSL_CTX_get0_certificate(files)));
  served_.store(std::move(served));
  return absl::OkStatus();
}

absl::Status WebTls::Prepare() {
  context_.reset(SSL_CTX_new(TLS_server_method()));
  SSL_CTX* const context = context_.get();
  if (context == nullptr) return absl::ResourceExhaustedError("no memory for HTTPS");
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_cert_cb(context, &WebTls::Serve, this);
  const bool prepared = SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
                        SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL") == 1;
  if (prepared) return absl::OkStatus();
  ERR_clear_error();
  return absl::FailedPreconditionError("this OpenSSL has none of the ciphers of HTTPS");
}

std::unique_ptr<WebConnection> WebTls::Connect(int socket) {
  return WebConnection::Make(context_.get(), socket);
}

absl::Time WebTls::NotAfter() const { return served_.load()->not_after; }

int WebTls::Serve(SSL* connection, void* self) {
  // Held until the connection has its own references.
  const std::shared_ptr<const Served> served = static_cast<const WebTls*>(self)->served_.load();
  SSL_CTX* const files = served->files.get();
  STACK_OF(X509)* chain = nullptr;
  SSL_CTX_get0_chain_certs(files, &chain);
  return SSL_use_cert_and_key(connection, SSL_CTX_get0_certificate(files),
                              SSL_CTX_get0_privatekey(files), chain, /*override=*/1);
}

}  // namespace kakunin::auth
