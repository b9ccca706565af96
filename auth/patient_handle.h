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

  // View is what a handle of abnormal times holds: who may be looked at without a consent, by which
  // view of which policy.
  struct View {
    std::array<uint8_t, 16> person{};
    std::array<uint8_t, 16> view{};
    std::array<uint8_t, 16> policy{};
    uint8_t situation = 0;
    absl::Time end;  // first instant at which it opens nothing, a whole second
  };

  // SealView makes a view's handle, which Open does not read; its end is the last whole second not
  // after `end`.
  std::string SealView(std::string_view facility_code, const View& view) const;
  // OpenView reads one, as Open reads a handle.
  std::optional<View> OpenView(std::string_view facility_code, std::string_view handle) const;

  // Open reads a handle of this facility, or returns nullopt: malformed, of another facility or
  // key, or changed. The caller compares the end with its clock.
  std::optional<Content> Open(std::string_view facility_code, std::string_view handle) const;

 private:
  SivKey key_;
  SivKey views_;
};

}  // namespace kakunin::auth
