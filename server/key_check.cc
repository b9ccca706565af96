#include "server/key_check.h"

#include <fmt/format.h>

#include <string>

#include "domain/error.h"

namespace kakunin {

absl::Status CheckKeys(Database& database, InstallationKeyStore& store,
                       const auth::HmacKey& individual_number, const auth::HmacKey& look_up,
                       MonotonicTime deadline) {
  const struct Kept {
    KeyPurpose purpose;
    const auth::HmacKey& key;
    const char* setting;
  } keys[] = {{KeyPurpose::kIndividualNumber, individual_number, "individual_number"},
              {KeyPurpose::kLookUp, look_up, "lookup"}};
  for (const Kept& kept : keys) {
    std::string known;
    RETURN_IF_ERROR(database.Write(deadline, [&](Transaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(known, store.Claim(tx, kept.purpose, kept.key.key_id()));
      return absl::OkStatus();
    }));
    if (known == kept.key.key_id()) continue;
    return absl::FailedPreconditionError(fmt::format(
        "the key of [keys] {} is {}, but the rows of this database were made with {}: with this "
        "key nobody would be found. Name the file of the key that the other servers of the "
        "installation use, or the backup of it",
        kept.setting, kept.key.key_id(), known));
  }
  return absl::OkStatus();
}

}  // namespace kakunin
