#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "auth/digest.h"
#include "domain/abnormal_times.h"
#include "kakunin/v1/abnormal_times_service.pb.h"
#include "server/rpc/dispatch.h"
#include "server/usecases/search_patient.h"
#include "server/usecases/terminal_call.h"

namespace kakunin {

// The border of AbnormalTimesService. The Read functions return
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
                                   EmergencyOpening& opening);
void WriteOpenEmergencyView(const OpenedView& opened, v1::OpenEmergencyViewResponse& response);

// SetPolicyKinds tells which kinds of records a policy opens.
void SetPolicyKinds(uint32_t kinds, google::protobuf::RepeatedField<int>& out);

}  // namespace kakunin
