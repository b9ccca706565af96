#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace kakunin {

// IsAppId is whether `id` can be an app's: 1 to 32 of a-z, 0-9 and hyphen.
constexpr bool IsAppId(std::string_view id) {
  return !id.empty() && id.size() <= 32 && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

// ReceptionApp is a program of somebody else's that patients use in place of the reception's page.
// It calls with a key of its own and serves the links of facilities that named it, no others.
struct ReceptionApp {
  std::string app_id;  // IsAppId
  std::string display_name;
  std::string public_key;  // SubjectPublicKeyInfo (DER), P-256
  absl::Time registered;
  std::optional<absl::Time> revoked;  // for ever
  int named_by = 0;                   // facilities
};

// NamedApp is an app as the facility sees that named it.
struct NamedApp {
  ReceptionApp app;
  absl::Time named;
};

}  // namespace kakunin
