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
              "found by its "
              "reception number"},
             {KeyPurpose::kPatientHandle, keys.handle_id, "handle",
              "no handle that facilities keep would be opened"}};
  for (const Kept& kept : all) {
    std::string known;
    RETURN_IF_ERROR(database.Write(deadline, [&](Transaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(known, store.Claim(tx, kept.purpose, kept.key_id));
      return absl::OkStatus();
    }));
    if (known == kept.key_id) continue;
    return absl::FailedPreconditionError(fmt::format(
        "the key of [keys] {} is {}, but the rows of this database were made with {}: with this "
        "key {}. Name the file of the key that the other servers of the installation use, or the "
        "backup of it",
        kept.setting, kept.key_id, known, kept.otherwise));
  }
  return absl::OkStatus();
}

}  // namespace kakunin
