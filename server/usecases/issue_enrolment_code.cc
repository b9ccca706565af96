#include "server/usecases/issue_enrolment_code.h"

#include "domain/civil_day.h"
#include "domain/error.h"
#include "server/usecases/administrative_write.h"
#include "server/usecases/enrol_terminal.h"

namespace kakunin {

absl::StatusOr<EnrolmentCode> IssueEnrolmentCode(Transaction& tx, AuditRecord& record,
                                                 RegistryStore& registry,
                                                 TerminalCertificateStore& store,
                                                 const auth::HmacKey& key,
                                                 const CodeToIssue& wanted, bool validate_only) {
  AddDetail(record, "terminal", wanted.facility_code + "/" + wanted.terminal_id);
  ASSIGN_OR_RETURN(const auto facility, registry.FindFacility(tx, wanted.facility_code));
  if (!facility) return MakeError(Reason::kFacilityNotFound);
  if (!facility->active) return MakeError(Reason::kFacilityInactive);
  // Ahead of a pause or an end a code may still be used.
  if (!WorksDuringClosure(facility->terms.closure, CivilDayAt(record.at))) {
    return MakeError(Reason::kFacilityClosed);
  }
  if (!MayHaveTerminal(facility->terms, wanted.kind)) {
    return MakeError(Reason::kRestrictedTerminalsOnly);
  }
  EnrolmentCode code{.code_id = wanted.text.code_id,
                     .secret_hash = EnrolmentSecretHash(wanted.text, key),
                     .facility_code = wanted.facility_code,
                     .terminal_id = wanted.terminal_id,
                     .kind = wanted.kind,
                     .issued = record.at,
                     .issued_by = record.actor,
                     .expires = record.at + wanted.life,
                     .label = wanted.label};
  if (validate_only) return code;
  AddDetail(record, "code", code.code_id);
  RETURN_IF_ERROR(store.PutCode(tx, code));
  return code;
}

}  // namespace kakunin
