#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/database.h"

namespace kakunin {

// Alarm says that a facility, or one terminal of it, asked by number beyond a limit within one
// hour.
struct Alarm {
  absl::Time at;  // when a server noticed
  std::string facility_code;
  std::string terminal_id;  // empty: all terminals of the facility together
  std::string kind;         // the reason that was answered from then on: INQUIRY_LIMIT
};

// AlarmStore reads what InquiryStore::RaiseAlarm wrote. Thread-safe.
class AlarmStore {
 public:
  virtual ~AlarmStore() = default;
  // CountSince counts the alarms of `from` and later.
  virtual absl::StatusOr<int64_t> CountSince(Transaction& tx, absl::Time from) = 0;
  // ListSince reads the newest `limit` of them, the newest first.
  virtual absl::StatusOr<std::vector<Alarm>> ListSince(Transaction& tx, absl::Time from,
                                                       int limit) = 0;
};

}  // namespace kakunin
