#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "domain/audit_chain.h"
#include "domain/audit_record.h"
#include "storage/database.h"

namespace kakunin {

// StreamHead is the last row of one audit stream.
struct StreamHead {
  StreamId stream;
  int64_t number = 0;
  Digest32 hash{};
};

// AuditStore reads the audit. Thread-safe.
class AuditStore {
 public:
  virtual ~AuditStore() = default;
  // Heads lists the last row of every stream, ordered by stream; of one that went whole when its
  // months were dropped, the last that went.
  virtual absl::StatusOr<std::vector<StreamHead>> Heads(Transaction& tx) = 0;
  // Start is the place in a stream's chain that its first row follows: the last row that went with
  // its month, or the beginning. While `tx` lasts no month can be dropped; ask before anything else
  // in it.
  virtual absl::StatusOr<AuditChain::Place> Start(Transaction& tx, const StreamId& stream) = 0;
  // ReadStream hands the rows of one stream behind `after`, in order of their numbers, to `visit`
  // until it returns false.
  virtual absl::Status ReadStream(Transaction& tx, const StreamId& stream, int64_t after,
                                  const std::function<bool(const AuditRecord&)>& visit) = 0;
};

// InquiryCount is what one server counted for one terminal in one hour; see docs/adr on guessing.
struct InquiryCount {
  std::string facility_code;
  std::string terminal_id;
  int64_t hour = 0;  // hours since 1970 UTC
  int64_t no_match = 0;
  int64_t persons = 0;
};

// InquiryStore shares the counts behind the guessing limits between servers. Thread-safe.
class InquiryStore {
 public:
  virtual ~InquiryStore() = default;
  // Put writes the counts of this writer, replacing its earlier ones of the same hour.
  virtual absl::Status Put(Transaction& tx, const StreamId& writer,
                           const std::vector<InquiryCount>& counts) = 0;
  // OfOthers sums what every other writer counted in `hour`.
  virtual absl::StatusOr<std::vector<InquiryCount>> OfOthers(Transaction& tx,
                                                             const StreamId& writer,
                                                             int64_t hour) = 0;
  // RaiseAlarm stores one alarm row a terminal, hour and kind; repeating it changes nothing.
  virtual absl::Status RaiseAlarm(Transaction& tx, const std::string& kind,
                                  const std::string& facility_code, const std::string& terminal_id,
                                  int64_t hour, absl::Time at) = 0;
};

}  // namespace kakunin
