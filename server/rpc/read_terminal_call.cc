#include "server/rpc/read_terminal_call.h"

#include "domain/access_policy.h"
#include "server/rpc/patient_fields.h"
#include "server/usecases/terminal_audit.h"

namespace kakunin {

void ReadTerminalCall(FieldErrors& errors, const std::string& facility_code,
                      std::string_view octets, FormOfCare form, const Call& call,
                      const auth::HmacKey& audit_key, TerminalCall& asked) {
  const Terminal& terminal = TerminalOf(call);
  asked.record =
      AuditRecordFor(terminal, call.actor_name, call.policy->operation, form, call.at, audit_key);
  asked.record.request_digest = KeyedDigest(audit_key, octets);
  asked.facility_code = terminal.facility_code;
  asked.terminal_id = terminal.terminal_id;
  asked.sees_only = terminal.sees_only;
  ReadFacilityCode(errors, facility_code, call, asked.refused);
  if (!asked.refused) {
    asked.refused = DecideTerminal(
        terminal, {.operation = call.policy->operation, .form_of_care = form, .at = call.at});
  }
}

}  // namespace kakunin
