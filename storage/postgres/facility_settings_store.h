#pragma once

#include "storage/facility_settings_store.h"

namespace kakunin {

// PostgresFacilitySettingsStore is used with the role kakunin_terminal.
class PostgresFacilitySettingsStore final : public FacilitySettingsStore {
 public:
  absl::StatusOr<StoredSettings> Find(Transaction& tx, const std::string& facility_code) override;
  absl::Status Change(Transaction& tx, const SettingsChange& change) override;
  absl::StatusOr<std::vector<SettingsChange>> Changes(Transaction& tx,
                                                      const std::string& facility_code,
                                                      int64_t before, int limit) override;
};

}  // namespace kakunin
