#pragma once

#include <filesystem>

#include "absl/status/status.h"

struct ssl_ctx_st;

namespace kakunin::auth {

// PrepareWebTls makes `context` one of a public web server: TLS 1.2 and 1.3, the ciphers of which
// have forward secrecy, no client certificates, no session tickets, no compression.
// FAILED_PRECONDITION when the chain or the key (PEM, without a passphrase) cannot be used or do
// not belong together.
absl::Status PrepareWebTls(ssl_ctx_st* context, const std::filesystem::path& certificate,
                           const std::filesystem::path& key);

}  // namespace kakunin::auth
