#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "auth/digest.h"
#include "domain/abnormal_times.h"
#include "kakunin/v1/abnormal_times_policy_service.pb.h"
#include "kakunin/v1/abnormal_times_service.pb.h"
#include "server/rpc/dispatch.h"
#include "server/usecases/abnormal_times_policies.h"
#include "server/usecases/search_patient.h"
#include "server/usecases/terminal_call.h"

namespace kakunin {

// The border of AbnormalTimesService and AbnormalTimesPolicyService. The Read functions return
// INVALID_FIELDS with every violation at once; what the policy refuses is `refused` in the call, so
// that it is audited.

absl::Status ReadListAbnormalTimes(const v1::ListAbnormalTimesRequest& request, const Call& call,
                                   const auth::HmacKey& audit_key, TerminalCall& asked);
// WriteListAbnormalTimes tells what is in force for the terminal at the call's instant.
void WriteListAbnormalTimes(const Terminal& terminal, absl::Time at,
                            v1::ListAbnormalTimesResponse& response);

absl::Status ReadSearchPatient(const v1::SearchPatientRequest& request, const Call& call,
                               const auth::HmacKey& audit_key, const auth::HmacKey& look_up,
                               TerminalCall& asked, PatientSearch& search);
// WriteSearchPatient fails (INTERNAL) when a stored coverage cannot be read.
absl::Status WriteSearchPatient(const FoundPatient& found, v1::SearchPatientResponse& response);

absl::Status ReadOpenEmergencyView(const v1::OpenEmergencyViewRequest& request, const Call& call,
                                   const auth::HmacKey& audit_key, TerminalCall& asked,
                                   NoConsentReason& reason);
void WriteOpenEmergencyView(const OpenedView& opened, v1::OpenEmergencyViewResponse& response);

absl::Status ReadProposeAbnormalTimes(const v1::ProposeAbnormalTimesRequest& request,
                                      absl::Time now, RequestId& id, AbnormalTimesPolicy& policy);
void SetPolicy(const ToldPolicy& told, absl::Time now, v1::AbnormalTimesPolicy& out);
void SetUse(const ReportedUse& use, v1::AbnormalTimesUse& out);

// The place of a report's page as a token.
std::string UsePlaceText(const UsePlace& place);
std::optional<UsePlace> UsePlaceFrom(std::string_view token);

}  // namespace kakunin
