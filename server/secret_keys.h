#pragma once

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "auth/digest.h"
#include "auth/patient_handle.h"
#include "server/config/config.h"

namespace kakunin {

// SecretKeys are the installation's secret keys.
struct SecretKeys {
  auth::HmacKey individual_number;
  auth::HmacKey look_up;
  auth::HmacKey audit;
  auth::PatientHandleKey handle;
  std::string handle_id;  // SecretKeyId of the handle key's file
  std::optional<auth::HmacKey> abnormal_times;

  const auth::HmacKey* policies() const { return abnormal_times ? &*abnormal_times : nullptr; }
};

// LoadSecretKeys reads the key files. FAILED_PRECONDITION for one that cannot be used.
absl::StatusOr<std::unique_ptr<SecretKeys>> LoadSecretKeys(const KeysConfig& config);

}  // namespace kakunin
