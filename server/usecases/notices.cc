#include "server/usecases/notices.h"

#include <fmt/format.h>

#include "server/usecases/refusal.h"
#include "server/usecases/terminal_audit.h"

namespace kakunin {
absl::StatusOr<NoticePage> ListNotices(Database& database, NoticeStore& store,
                                       const auth::HmacKey& audit_key, const TerminalCall& call,
                                       const NoticeRange& range, MonotonicTime deadline) {
  NoticePage page;
  RETURN_IF_ERROR(database.Write(deadline, [&](Transaction& tx) -> absl::Status {
    page = {};
    AuditRecord record = call.record;
    if (call.refused) {
      AddRefusal(MakeError(*call.refused), record);
    } else {
      // One more than a page tells whether others follow.
      NoticeRange wider = range;
      ++wider.limit;
      ASSIGN_OR_RETURN(page.notices, store.List(tx, call.facility_code, wider));
      if (page.notices.size() > static_cast<size_t>(range.limit)) {
        page.notices.resize(static_cast<size_t>(range.limit));
        page.next = page.notices.back().number;
      }
      std::string shown;
      for (const StoredNotice& notice : page.notices) shown += fmt::format("{}\n", notice.number);
      record.details = fmt::format("notices={}", page.notices.size());
      record.answer_digest = KeyedDigest(audit_key, shown);
    }
    ASSIGN_OR_RETURN(page.audit_id, tx.AppendAudit(record));
    return absl::OkStatus();
  }));
  if (call.refused) return MakeError(*call.refused);
  return page;
}

absl::StatusOr<AcknowledgedPage> AcknowledgeNotices(Database& database, NoticeStore& store,
                                                    const TerminalCall& call,
                                                    const std::vector<int64_t>& numbers,
                                                    MonotonicTime deadline) {
  AcknowledgedPage page;
  RETURN_IF_ERROR(database.Write(deadline, [&](Transaction& tx) -> absl::Status {
    page = {};
    AuditRecord record = call.record;
    if (call.refused) {
      AddRefusal(MakeError(*call.refused), record);
    } else {
      const NoticeAcknowledgement by{
          .at = record.at, .terminal_id = call.terminal_id, .user = record.user};
      ASSIGN_OR_RETURN(page.done, store.Acknowledge(tx, call.facility_code, numbers, by));
      record.details = fmt::format("acknowledged={};before={};unknown={}", page.done.now,
                                   page.done.before, page.done.unknown.size());
    }
    ASSIGN_OR_RETURN(page.audit_id, tx.AppendAudit(record));
    return absl::OkStatus();
  }));
  if (call.refused) return MakeError(*call.refused);
  return page;
}

}  // namespace kakunin
