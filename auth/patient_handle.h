#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "auth/siv_key.h"

namespace kakunin::auth {

// PatientHandleKey seals and opens patient handles: what a facility holds in place of a person. A
// handle is the person id and its end, encrypted and authenticated (AES-256-SIV, RFC 5297) together
// with the facility, so that another facility can neither read nor use it. Nothing is stored: any
// server of the installation with the same key opens it. Immutable, thread-safe.
class PatientHandleKey {
 public:
  // `key` is the content of a secret key file (at least 32 octets); the cipher's key is derived
  // from it.
  explicit PatientHandleKey(std::span<const uint8_t> key);

  struct Content {
    std::array<uint8_t, 16> person{};
    absl::Time end;  // first instant at which the handle is no longer accepted
  };

  // Seal makes the handle that `facility_code` gets; its end is the next whole second from `end`
  // on.
  std::string Seal(std::string_view facility_code, const Content& content) const;

  // Open reads a handle of this facility, or returns nullopt: malformed, of another facility or
  // key, or changed. The caller compares the end with its clock.
  std::optional<Content> Open(std::string_view facility_code, std::string_view handle) const;

 private:
  SivKey key_;
};

}  // namespace kakunin::auth
