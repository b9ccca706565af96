#include "server/key_check.h"

#include <fmt/format.h>

#include <string>

#include "domain/error.h"

namespace kakunin {

absl::Status CheckKeys(Database& database, InstallationKeyStore& store, const SecretKeys& keys,
                       MonotonicTime deadline) {
  const struct Kept {
    KeyPurpose purpose;
    const std::string& key_id;
    const char* setting;
    const char* otherwise;  // what would be wrong with another key
  } all[] = {{KeyPurpose::kIndividualNumber, keys.individual_number.key_id(), "individual_number",
              "nobody would be found"},
             {KeyPurpose::kLookUp, keys.look_up.key_id(), "lookup", "nobody would be found"},
             {KeyPurpose::kAudit, keys.audit.key_id(), "audit",
              "the audit would call every person by another pseudonym, and no list in bulk be "
              "found by its reception number"},
             {KeyPurpose::kPatientHandle, keys.handle_id, "handle",
              "no handle that facilities keep would be opened"}};
  // All of them or none: a server that is refused claims nothing.
  return database.Write(deadline, [&](Transaction& tx) -> absl::Status {
    for (const Kept& kept : all) {
      ASSIGN_OR_RETURN(const std::string known, store.Claim(tx, kept.purpose, kept.key_id));
      if (known == kept.key_id) continue;
      return absl::FailedPreconditionError(fmt::format(
          "the key of [keys] {} is {}, but this database belongs to key {}: with this key {}. Name "
          "the file of the key that the other servers of the installation use, or the backup of it",
          kept.setting, kept.key_id, known, kept.otherwise));
    }
    return absl::OkStatus();
  });
}

}  // namespace kakunin
