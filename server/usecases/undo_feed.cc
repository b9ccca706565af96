#include "server/usecases/undo_feed.h"

#include "auth/encoding.h"
#include "domain/error.h"

namespace kakunin {

absl::StatusOr<UndoneFeed> UndoFeed(Database& database, FeedStore& feeds, const WriteCall& call,
                                    const FeedId& id, const CopyBuilders& build, UndoMode mode) {
  UndoneFeed undone;
  const auto act = [&](Transaction& tx, AuditRecord& record) -> absl::Status {
    ASSIGN_OR_RETURN(const auto feed, feeds.Find(tx, call.actor, id, true));
    if (!feed) return MakeError(Reason::kFeedNotFound);
    AddDetail(record, "feed", auth::HexEncode(id.octets));
    ASSIGN_OR_RETURN(const FeedState to, StepFeed(feed->state, FeedAct::kUndo));
    undone = {.feed = *feed};
    if (feed->state == to) return absl::OkStatus();
    AddDetail(record, "mode", static_cast<int64_t>(mode));
    ASSIGN_OR_RETURN(undone.rows, feeds.Undo(tx, *feed, call.at, build, mode));
    AddDetail(record, "restored", undone.rows.restored_rows);
    AddDetail(record, "removed", undone.rows.removed_rows);
    AddDetail(record, "touched_later", undone.rows.touched_later);
    if (undone.rows.done) {
      ASSIGN_OR_RETURN(const auto now, feeds.Find(tx, call.actor, id, false));
      undone.feed = *now;
    } else if (mode != UndoMode::kLook) {
      return MakeError(Reason::kFeedTouchedLater);
    }
    return absl::OkStatus();
  };
  const auto audit = AuditedWrite(database, call, act);
  if (!audit.ok()) return audit.status();
  return undone;
}

}  // namespace kakunin
