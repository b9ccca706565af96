#pragma once

#include "storage/audit_store.h"

namespace kakunin {

// PostgresInquiryStore keeps inquiry_count and alarm.
class PostgresInquiryStore : public InquiryStore {
 public:
  absl::Status Put(Transaction& tx, const StreamId& writer,
                   const std::vector<InquiryCount>& counts) override;
  absl::StatusOr<std::vector<InquiryCount>> OfOthers(Transaction& tx, const StreamId& writer,
                                                     int64_t hour) override;
  absl::Status RaiseAlarm(Transaction& tx, const std::string& kind,
                          const std::string& facility_code, const std::string& terminal_id,
                          int64_t hour, absl::Time at) override;
};

}  // namespace kakunin
