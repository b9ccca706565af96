#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "auth/issuance.h"
#include "auth/serial_number.h"

namespace kakunin::auth {

// RevokedEntry is one entry with everything a test may want to vary.
struct RevokedEntry {
  SerialNumber serial;
  absl::Time revoked_at;
  std::optional<int> reason;  // CRLReason number of RFC 5280 5.3.1
  std::vector<ExtensionSpec> extra_extensions;
};

// CrlSpec is everything in a CRL. `serials` is the fast road for very many plain entries (1 M in
// about 0.1 s); `entries` come after them.
struct CrlSpec {
  absl::Time this_update;
  std::optional<absl::Time> next_update;
  std::optional<SerialNumber> crl_number;
  std::string partition;  // encoded GeneralName (MunicipalityPoint); empty: no IDP
  bool authority_key_id = true;
  std::span<const uint64_t> serials;
  std::vector<RevokedEntry> entries;
  std::string raw_issuing_point;  // replaces the IDP's value, for tests of refusals
  std::vector<ExtensionSpec> extra_extensions;
  DigestKind digest = DigestKind::kSha256;
};

// IssueCrl signs a version 2 CRL and returns its DER.
std::string IssueCrl(const CrlSpec& spec, const Authority& issuer);

}  // namespace kakunin::auth
