#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace kakunin::auth {

// kAppClockDifference is how far an app's clock may be from ours, and how long a signed call may
// travel. OUR choice.
inline constexpr absl::Duration kAppClockDifference = absl::Seconds(60);

// AppCall is one call as an app signs it. Whatever of it were changed on the way, or sent to
// another installation or by another app, the signature is of something else. Views outlive it.
struct AppCall {
  std::string_view app_id;
  std::string_view origin;  // public_url of the installation
  std::string_view path;    // "/kakunin.v1.ReceptionService/OpenReception"
  int64_t unix_seconds = 0;
  std::string_view session;  // "" where none is open
  std::string_view body;
};

// AppSignedText is the octets that an app signs (ECDSA on P-256 with SHA-256, DER): seven lines.
std::string AppSignedText(const AppCall& call);

// AppAuthorization is what stands in the header Authorization: "Kakunin-App ID.SECONDS.SIGNATURE",
// the signature in base64.
struct AppAuthorization {
  std::string app_id;
  int64_t unix_seconds = 0;
  std::string signature;
};

// ReadAppAuthorization reads the header; empty: it is malformed.
std::optional<AppAuthorization> ReadAppAuthorization(std::string_view header);
std::string WriteAppAuthorization(const AppAuthorization& authorization);

// ReadAppKey reads an app's public key, PEM, as its SubjectPublicKeyInfo (DER); empty: it is none,
// or not of P-256.
std::optional<std::string> ReadAppKey(std::string_view pem);

// IsSignedByApp tells whether `signature` is of `text` by the key of ReadAppKey.
bool IsSignedByApp(std::string_view public_key, std::string_view text, std::string_view signature);

}  // namespace kakunin::auth
