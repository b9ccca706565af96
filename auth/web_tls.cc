#include "auth/web_tls.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

namespace kakunin::auth {

absl::Status PrepareWebTls(ssl_ctx_st* context, const std::filesystem::path& certificate,
                           const std::filesystem::path& key) {
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  const bool prepared =
      SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
      SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL") == 1 &&
      SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) == 1 &&
      SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) == 1 &&
      SSL_CTX_check_private_key(context) == 1;
  if (prepared) return absl::OkStatus();
  ERR_clear_error();
  return absl::FailedPreconditionError(
      fmt::format("cannot serve HTTPS with {} and {}: put the certificate chain and the key that "
                  "belong together there, as PEM",
                  certificate.string(), key.string()));
}

}  // namespace kakunin::auth
