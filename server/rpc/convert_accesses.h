#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "auth/digest.h"
#include "auth/patient_handle.h"
#include "kakunin/v1/access_log_service.pb.h"
#include "server/rpc/dispatch.h"
#include "server/usecases/list_accesses.h"

namespace kakunin {

// The border of AccessLogService. The Read functions return INVALID_FIELDS with every violation at
// once; what the policy, another facility's code or an ended page token forbids is no violation but
// `refused`, so that it is audited. The Write functions append a serialised response.

absl::Status ReadFacilityAccess(const v1::ListFacilityAccessRequest& request, const Call& call,
                                const auth::HmacKey& audit_key, FacilityListing& listing);
// WriteFacilityAccess names patients by handles of this facility.
void WriteFacilityAccess(const ListedAccesses& listed, const std::string& facility_code,
                         const auth::PatientHandleKey& handles, std::string& out);

// PatientOctets owns what a listing by card only views, and until when its pages may be asked for:
// ten minutes after the card act.
struct PatientOctets {
  std::string certificate;
  std::string signature;
  absl::Time pages_end;
};

absl::Status ReadPatientAccess(const v1::ListPatientAccessRequest& request, const Call& call,
                               const auth::HmacKey& audit_key,
                               const auth::PatientHandleKey& handles, PatientOctets& octets,
                               PatientListing& listing);
// WritePatientAccess seals the patient and the place into the token of the next page, for this
// terminal alone.
void WritePatientAccess(const ListedAccesses& listed, const Terminal& terminal,
                        absl::Time pages_end, const auth::PatientHandleKey& handles,
                        std::string& out);

}  // namespace kakunin
