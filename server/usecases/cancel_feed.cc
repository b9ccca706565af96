#include "server/usecases/cancel_feed.h"

#include "auth/encoding.h"
#include "domain/error.h"

namespace kakunin {

absl::StatusOr<FeedRow> CancelFeed(Database& database, FeedStore& feeds, const WriteCall& call,
                                   const FeedId& id) {
  FeedRow cancelled;
  const auto act = [&](Transaction& tx, AuditRecord& record) -> absl::Status {
    ASSIGN_OR_RETURN(const auto feed, feeds.Find(tx, call.actor, id, true));
    if (!feed) return MakeError(Reason::kFeedNotFound);
    AddDetail(record, "feed", auth::HexEncode(id.octets));
    ASSIGN_OR_RETURN(const FeedState to, StepFeed(feed->state, FeedAct::kCancel));
    cancelled = *feed;
    cancelled.state = to;
    if (feed->state == to) return absl::OkStatus();
    return feeds.SetState(tx, *feed, to, call.at);
  };
  const auto audit = AuditedWrite(database, call, act);
  if (!audit.ok()) return audit.status();
  return cancelled;
}

}  // namespace kakunin
