#include "server/usecases/protect_patient.h"

#include "domain/error.h"
#include "server/usecases/administrative_write.h"
#include "server/usecases/terminal_audit.h"

namespace kakunin {

absl::StatusOr<Protection> ProtectPatient(Transaction& tx, AuditRecord& record,
                                          ProtectionStore& store, const auth::HmacKey& audit_key,
                                          const IndividualNumberHash& number,
                                          const Protection& protection, bool validate_only) {
  ASSIGN_OR_RETURN(const auto found, store.Find(tx, number));
  if (!found) return MakeError(Reason::kPersonNotFound);
  record.person = PseudonymOf(audit_key, found->person);
  AddDetail(record, "hide_address", static_cast<int64_t>(protection.hide_address));
  AddDetail(record, "hide_facility_names", static_cast<int64_t>(protection.hide_facility_names));
  if (!validate_only && found->protection != protection) {
    RETURN_IF_ERROR(store.Put(tx, found->person, protection, record.at));
  }
  return found->protection;
}

}  // namespace kakunin
