#include "server/usecases/notices.h"

#include <fmt/format.h>

#include <set>

#include "server/usecases/audited_call.h"
#include "server/usecases/seen_rows.h"
#include "server/usecases/terminal_audit.h"

namespace kakunin {
namespace {

// Which of `numbers` are notices of persons whom the terminal sees; the others go to `unknown`.
absl::StatusOr<std::vector<int64_t>> SeenNumbers(Transaction& tx, NoticeStore& store,
                                                 const TerminalCall& call,
                                                 const std::vector<int64_t>& numbers,
                                                 std::vector<int64_t>& unknown) {
  std::vector<int64_t> seen;
  for (const int64_t number : std::set<int64_t>(numbers.begin(), numbers.end())) {
    const NoticeRange one{.after = number - 1, .with_acknowledged = true, .limit = 1};
    ASSIGN_OR_RETURN(const auto found, store.List(tx, call.facility_code, one));
    const bool there = !found.empty() && found.front().number == number &&
                       Sees(call.sees_only, found.front().person);
    (there ? seen : unknown).push_back(number);
  }
  return seen;
}

}  // namespace

absl::StatusOr<NoticePage> ListNotices(Database& database, NoticeStore& store,
                                       const auth::HmacKey& audit_key, const TerminalCall& call,
                                       const NoticeRange& range, MonotonicTime deadline) {
  const auto act = [&](Transaction& tx, AuditRecord& record,
                       NoticePage& page) -> absl::StatusOr<std::optional<Reason>> {
    NoticeRange wider = range;
    ++wider.limit;
    ASSIGN_OR_RETURN(
        page.notices,
        ReadSeen<StoredNotice>(
            call.sees_only, wider, deadline,
            [&](const NoticeRange& part) { return store.List(tx, call.facility_code, part); },
            [&](const StoredNotice& notice) { return Sees(call.sees_only, notice.person); },
            [](const StoredNotice& notice, NoticeRange& part) { part.after = notice.number; }));
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
    if (call.sees_only == nullptr) {
      ASSIGN_OR_RETURN(page.done, store.Acknowledge(tx, call.facility_code, numbers, by));
    } else {
      std::vector<int64_t> unknown;
      ASSIGN_OR_RETURN(const auto seen, SeenNumbers(tx, store, call, numbers, unknown));
      ASSIGN_OR_RETURN(page.done, store.Acknowledge(tx, call.facility_code, seen, by));
      page.done.unknown.insert(page.done.unknown.end(), unknown.begin(), unknown.end());
    }
    record.details = fmt::format("acknowledged={};before={};unknown={}", page.done.now,
                                 page.done.before, page.done.unknown.size());
    return Done();
  };
  return RunAudited<AcknowledgedPage>(database, call, deadline, act);
}

}  // namespace kakunin
