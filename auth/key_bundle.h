#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "auth/private_key.h"

namespace kakunin::auth {

// BundleForm is how a bundle is protected. kModern: AES-256 and HMAC-SHA-256 (PBES2). kLegacy:
// SHA-1 and triple DES, which is all that Windows before 10 1709 and Java before 8u301 read; the
// file must be short-lived.
enum class BundleForm { kModern, kLegacy };

// MakeKeyBundle is a PKCS#12 (DER) of a key, its certificate and its issuer's (DER), under
// `password`. INVALID_ARGUMENT when key and certificate do not belong together.
absl::StatusOr<std::string> MakeKeyBundle(const PrivateKey& key, std::string_view certificate_der,
                                          std::string_view issuer_der, const std::string& name,
                                          const std::string& password, BundleForm form);

}  // namespace kakunin::auth
