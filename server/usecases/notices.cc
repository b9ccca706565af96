#include "server/usecases/notices.h"

#include <fmt/format.h>

#include "server/usecases/audited_call.h"
#include "server/usecases/terminal_audit.h"

namespace kakunin {

absl::StatusOr<NoticePage> ListNotices(Database& database, NoticeStore& store,
                                       const auth::HmacKey& audit_key, const TerminalCall& call,
                                       const NoticeRange& range, MonotonicTime deadline) {
  const auto act = [&](Transaction& tx, AuditRecord& record,
                       NoticePage& page) -> absl::StatusOr<std::optional<Reason>> {
    NoticeRange wider = range;
    ++wider.limit;
    ASSIGN_OR_RETURN(page.notices, store.List(tx, call.facility_code, wider));
    if (CutPage(page.notices, range.limit)) page.next = page.notices.back().number;
    std::string shown;
    for (const StoredNotice& notice : page.notices) shown += fmt::format("{}\n", notice.number);
    record.details = fmt::format("notices={}", page.notices.size());
    record.answer_digest = KeyedDigest(audit_key, shown);
    return Done();
  };
  return RunAudited<NoticePage>(database, call, deadline, act);
}

absl::StatusOr<AcknowledgedPage> AcknowledgeNotices(Database& database, NoticeStore& store,
                                                    const TerminalCall& call,
                                                    const std::vector<int64_t>& numbers,
                                                    MonotonicTime deadline) {
  const auto act = [&](Transaction& tx, AuditRecord& record,
                       AcknowledgedPage& page) -> absl::StatusOr<std::optional<Reason>> {
    const NoticeAcknowledgement by{
        .at = record.at, .terminal_id = call.terminal_id, .user = record.user};
    ASSIGN_OR_RETURN(page.done, store.Acknowledge(tx, call.facility_code, numbers, by));
    record.details = fmt::format("acknowledged={};before={};unknown={}", page.done.now,
                                 page.done.before, page.done.unknown.size());
    return Done();
  };
  return RunAudited<AcknowledgedPage>(database, call, deadline, act);
}

}  // namespace kakunin
