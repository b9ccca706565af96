#pragma once

#include <string>
#include <string_view>

#include "auth/digest.h"
#include "domain/coverage.h"
#include "server/rpc/dispatch.h"
#include "server/rpc/fields.h"
#include "server/usecases/terminal_call.h"

namespace kakunin {

// ReadTerminalCall reads what the requests of terminals have in common that are served beside the
// lanes: the audit row, and whether the policy or another facility's code refuses the call, unless
// `asked.refused` says so already. `octets` is the serialised request.
void ReadTerminalCall(FieldErrors& errors, const std::string& facility_code,
                      std::string_view octets, FormOfCare form, const Call& call,
                      const auth::HmacKey& audit_key, TerminalCall& asked);

template <class Request>
void ReadTerminalCall(FieldErrors& errors, const Request& request, const Call& call,
                      const auth::HmacKey& audit_key, TerminalCall& asked) {
  ReadTerminalCall(errors, request.facility_code(), request.SerializeAsString(),
                   FormOfCare::kOutpatient, call, audit_key, asked);
}

}  // namespace kakunin
