#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "auth/digest.h"
#include "domain/audit_record.h"
#include "domain/error.h"
#include "server/usecases/terminal_call.h"
#include "storage/notice_store.h"

namespace kakunin {

// NoticePage is one page of a facility's notices.
struct NoticePage {
  std::vector<StoredNotice> notices;
  std::optional<int64_t> next;  // others follow behind this number
  AuditId audit_id;
};

// ListNotices reads a page, the audit row in the same commit: nothing is shown without it. Returns
// the reason of a refusal, or a StoreError.
absl::StatusOr<NoticePage> ListNotices(Database& database, NoticeStore& store,
                                       const auth::HmacKey& audit_key, const TerminalCall& call,
                                       const NoticeRange& range, MonotonicTime deadline);

// AcknowledgedPage is what an acknowledgement came to.
struct AcknowledgedPage {
  AcknowledgedNotices done;
  AuditId audit_id;
};

// AcknowledgeNotices marks notices as dealt with by the calling terminal and user at
// `call.record.at`. Repeating it changes nothing. Returns what ListNotices does.
absl::StatusOr<AcknowledgedPage> AcknowledgeNotices(Database& database, NoticeStore& store,
                                                    const TerminalCall& call,
                                                    const std::vector<int64_t>& numbers,
                                                    MonotonicTime deadline);

}  // namespace kakunin
