#pragma once

#include "absl/status/status.h"
#include "auth/patient_handle.h"
#include "kakunin/v1/eligibility_list_service.pb.h"
#include "server/rpc/dispatch.h"
#include "server/usecases/eligibility_lists.h"

namespace kakunin {

// Each reads one request, all field violations at once; what the policy refuses is left in `asked`.
// `question` views into `call`.
absl::Status ReadListConsentedPatients(const v1::ListConsentedPatientsRequest& request,
                                       const Call& call, const auth::HmacKey& audit_key,
                                       TerminalCall& asked, ConsentedQuestion& question);
absl::Status ReadListConfirmations(const v1::ListConfirmationsRequest& request, const Call& call,
                                   const auth::HmacKey& audit_key, TerminalCall& asked,
                                   PastRange& range);

// WriteListConsentedPatients returns INTERNAL when a coverage cannot be read.
absl::Status WriteListConsentedPatients(const ConsentedPage& page, FormOfCare form,
                                        v1::ListConsentedPatientsResponse& response);
void WriteListConfirmations(const PastPage& page, const TerminalCall& asked,
                            const auth::PatientHandleKey& handles,
                            v1::ListConfirmationsResponse& response);

}  // namespace kakunin
