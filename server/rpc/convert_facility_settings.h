#pragma once

#include "absl/status/status.h"
#include "auth/digest.h"
#include "domain/facility_settings.h"
#include "kakunin/v1/facility_settings_service.pb.h"
#include "server/rpc/dispatch.h"
#include "server/usecases/facility_settings.h"

namespace kakunin {

// ReadUpdateFacilitySettings reads new settings: INVALID_FIELDS with every violation.
absl::Status ReadUpdateFacilitySettings(const v1::UpdateFacilitySettingsRequest& request,
                                        const Call& call, const auth::HmacKey& audit_key,
                                        TerminalCall& asked, FacilitySettings& wanted);

// ReadListFacilitySettingsChanges reads how many changes are asked for.
absl::Status ReadListFacilitySettingsChanges(const v1::ListFacilitySettingsChangesRequest& request,
                                             const Call& call, const auth::HmacKey& audit_key,
                                             TerminalCall& asked, int& limit);

void SetFacilitySettings(const FacilitySettings& settings, v1::FacilitySettings& out);
void SetSettingsChange(const SettingsChange& change, v1::FacilitySettingsChange& out);

}  // namespace kakunin
