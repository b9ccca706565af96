#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "domain/facility_settings.h"
#include "storage/account_store.h"
#include "storage/database.h"

namespace kakunin {

// SettingsChange is one change of a facility's settings: who, when, and what they are since.
struct SettingsChange {
  std::string facility_code;
  int64_t number = 0;  // of the facility, from 1
  absl::Time at;
  std::string user_name;
  std::string terminal_id;
  FacilitySettings settings;
};

// FacilitySettingsStore keeps facilities' settings, and every change of them for ever. Thread-safe.
class FacilitySettingsStore {
 public:
  virtual ~FacilitySettingsStore() = default;

  // Find reads the settings as they stand; the default ones when nothing was ever set.
  virtual absl::StatusOr<StoredSettings> Find(Transaction& tx,
                                              const std::string& facility_code) = 0;
  // Change appends `change`, whose number follows the last; kSerialisation when another has come
  // between, and the act runs again.
  virtual absl::Status Change(Transaction& tx, const SettingsChange& change) = 0;
  // Changes lists the latest changes before number `before` (0: all), the latest first.
  virtual absl::StatusOr<std::vector<SettingsChange>> Changes(Transaction& tx,
                                                              const std::string& facility_code,
                                                              int64_t before, int limit) = 0;
};

}  // namespace kakunin
