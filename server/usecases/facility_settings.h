#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "server/usecases/terminal_call.h"
#include "storage/facility_settings_store.h"

namespace kakunin {

// ToldSettings is a facility's settings with the audit row of the answer.
struct ToldSettings {
  StoredSettings stored;
  AuditId audit_id;
};

// GetFacilitySettings tells the settings of the caller's facility, audited. The door's refusal, or
// a StoreError.
absl::StatusOr<ToldSettings> GetFacilitySettings(Database& database, FacilitySettingsStore& store,
                                                 const TerminalCall& call, MonotonicTime deadline);

// UpdateFacilitySettings replaces them, and keeps who did it when, audited. What is as it was
// leaves no change. The door's refusal; SESSION_ENDED when the account of whoever acts was locked,
// ended or made another's role since the door let it in; SETTINGS_CHANGED_MEANWHILE unless `seen`
// is the number of the last change; or a StoreError.
absl::StatusOr<ToldSettings> UpdateFacilitySettings(
    Database& database, FacilitySettingsStore& store, AccountStore& accounts,
    const TerminalCall& call, const FacilitySettings& wanted, int64_t seen, MonotonicTime deadline);

struct SettingsChangePage {
  std::vector<SettingsChange> changes;
  AuditId audit_id;
};

// ListFacilitySettingsChanges lists the latest changes before number `before` (0: all), audited.
// The door's refusal, or a StoreError.
absl::StatusOr<SettingsChangePage> ListFacilitySettingsChanges(Database& database,
                                                               FacilitySettingsStore& store,
                                                               const TerminalCall& call,
                                                               int64_t before, int limit,
                                                               MonotonicTime deadline);

}  // namespace kakunin
