#include "server/secret_keys.h"

#include <string>
#include <utility>

#include "auth/key_file.h"
#include "domain/error.h"

namespace kakunin {
namespace {

constexpr size_t kMostHandleKeyOctets = 64;

}  // namespace

absl::StatusOr<std::unique_ptr<SecretKeys>> LoadSecretKeys(const KeysConfig& config) {
  ASSIGN_OR_RETURN(auth::HmacKey individual_number, auth::LoadSecretKey(config.individual_number));
  ASSIGN_OR_RETURN(auth::HmacKey look_up, auth::LoadSecretKey(config.lookup));
  ASSIGN_OR_RETURN(auth::HmacKey audit, auth::LoadSecretKey(config.audit));
  ASSIGN_OR_RETURN(const std::string handle,
                   auth::ReadPrivateFile(config.handle, kMostHandleKeyOctets));
  if (handle.size() < auth::kSecretKeyBytes) {
    return absl::FailedPreconditionError("the handle key " + config.handle.string() +
                                         " is too short: make a new one");
  }
  std::optional<auth::HmacKey> policies;
  if (!config.abnormal_times.empty()) {
    ASSIGN_OR_RETURN(policies, auth::LoadSecretKey(config.abnormal_times));
  }
  return std::make_unique<SecretKeys>(
      SecretKeys{std::move(individual_number), std::move(look_up), std::move(audit),
                 auth::PatientHandleKey(auth::AsBytes(handle)),
                 auth::SecretKeyId(auth::AsBytes(handle)), std::move(policies)});
}

}  // namespace kakunin
