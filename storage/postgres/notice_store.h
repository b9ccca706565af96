#pragma once

#include "storage/notice_store.h"

namespace kakunin {

// PostgresNoticeStore is used with the role kakunin_terminal.
class PostgresNoticeStore : public NoticeStore {
 public:
  absl::StatusOr<std::vector<StoredNotice>> List(Transaction& tx, std::string_view facility_code,
                                                 const NoticeRange& range) override;
  absl::StatusOr<AcknowledgedNotices> Acknowledge(Transaction& tx, std::string_view facility_code,
                                                  std::span<const int64_t> numbers,
                                                  const NoticeAcknowledgement& by) override;
  absl::StatusOr<std::map<std::string, int64_t>> LastNumbers(
      Transaction& tx, std::span<const std::string> facility_codes) override;
};

}  // namespace kakunin
