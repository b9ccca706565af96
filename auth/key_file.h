#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <filesystem>
#include <span>
#include <string>

#include "auth/digest.h"

namespace kakunin::auth {

// kSecretKeyBytes is the length of a generated key: 256 bits, as long as the digest it keys.
inline constexpr size_t kSecretKeyBytes = 32;

// SecretKeyId names a key without revealing it: the first 8 hexadecimal digits of
// SHA-256("kakunin key id" + key). Rows carry it so that a key can be replaced.
std::string SecretKeyId(std::span<const uint8_t> key);

// LoadSecretKey reads a raw key file (32 to 64 octets). FAILED_PRECONDITION with what to do when
// the file is missing, is no regular file, belongs to another user than the process's or is open
// to anyone but its owner (mode other than 0600 or 0400), or has a wrong size.
absl::StatusOr<HmacKey> LoadSecretKey(const std::filesystem::path& path);

// GenerateSecretKey writes a new random key with mode 0600. ALREADY_EXISTS when the file is there:
// a key is never overwritten, rows depend on it.
absl::Status GenerateSecretKey(const std::filesystem::path& path);

// ReadPrivateFile returns the content of a file under the same ownership and mode rules as
// LoadSecretKey, up to `max_bytes`.
absl::StatusOr<std::string> ReadPrivateFile(const std::filesystem::path& path, size_t max_bytes);

// WritePrivateFile creates a file of mode 0600 and writes `content` durably. ALREADY_EXISTS when
// the file is there.
absl::Status WritePrivateFile(const std::filesystem::path& path, std::string_view content);

}  // namespace kakunin::auth
