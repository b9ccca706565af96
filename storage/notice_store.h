#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "domain/retroactive_notice.h"
#include "storage/database.h"

namespace kakunin {

// NoticeAcknowledgement is who dealt with a notice, and when.
struct NoticeAcknowledgement {
  absl::Time at;
  std::string terminal_id;
  std::string user;  // as the facility asserted
};

// StoredNotice is one notice of a facility.
struct StoredNotice {
  int64_t number = 0;
  absl::Time found;
  NoticeKind kind = NoticeKind::kAnswerChanged;
  PersonId person;     // as asked
  absl::CivilDay day;  // JST
  absl::Time asked_at;
  std::optional<AuditId> confirmation;  // empty with kOtherPersonShown, as is the change's validity
  AnswerChange change;
  // It had been told by number that there is no such coverage; `confirmation` is that question.
  bool no_match = false;
  std::optional<NoticeAcknowledgement> acknowledged;
};

// NoticeRange is what of a facility's notices is read, in the order of their numbers.
struct NoticeRange {
  int64_t after = 0;  // numbers above
  bool with_acknowledged = false;
  int limit = 0;
};

// AcknowledgedNotices is what an acknowledgement came to.
struct AcknowledgedNotices {
  int now = 0;
  int before = 0;
  std::vector<int64_t> unknown;
};

// NoticeStore reads and acknowledges the notices of facilities, as the terminals' role. Results are
// a StoreError when they fail. Thread-safe.
class NoticeStore {
 public:
  virtual ~NoticeStore() = default;
  virtual absl::StatusOr<std::vector<StoredNotice>> List(Transaction& tx,
                                                         std::string_view facility_code,
                                                         const NoticeRange& range) = 0;
  // Acknowledge marks those of `numbers` that nobody has acknowledged; who had, stays.
  virtual absl::StatusOr<AcknowledgedNotices> Acknowledge(Transaction& tx,
                                                          std::string_view facility_code,
                                                          std::span<const int64_t> numbers,
                                                          const NoticeAcknowledgement& by) = 0;
  // LastNumbers gives the last number of each of `facility_codes` that has notices. What it tells
  // is committed with everything before it.
  virtual absl::StatusOr<std::map<std::string, int64_t>> LastNumbers(
      Transaction& tx, std::span<const std::string> facility_codes) = 0;
};

}  // namespace kakunin
