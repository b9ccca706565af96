#include "server/usecases/publish_feed.h"

#include "auth/encoding.h"
#include "domain/error.h"

namespace kakunin {

absl::Status SealFeed(Database& database, FeedStore& feeds, const WriteCall& call, const FeedId& id,
                      int64_t chunk_count, int64_t row_count) {
  const auto act = [&](Transaction& tx, AuditRecord& record) -> absl::Status {
    ASSIGN_OR_RETURN(const auto feed, feeds.Find(tx, call.actor, id, true));
    if (!feed) return MakeError(Reason::kFeedNotFound);
    AddDetail(record, "feed", auth::HexEncode(id.octets));
    AddDetail(record, "step", "seal");
    if (feed->next_chunk - 1 != chunk_count || feed->row_count != row_count) {
      return MakeError(Reason::kFeedIncomplete);
    }
    switch (feed->state) {
      case FeedState::kOpen:
        return feeds.SetState(tx, id, FeedState::kSealed, call.at);
      case FeedState::kSealed:
      case FeedState::kPublished:
        return absl::OkStatus();
      case FeedState::kQuarantined:
      case FeedState::kCancelled:
      case FeedState::kUndone:
        return MakeError(Reason::kFeedNotOpen);
    }
    return MakeError(Reason::kInternal);
  };
  return AuditedWrite(database, call, act).status();
}

absl::StatusOr<FeedRow> PublishFeed(Database& database, FeedStore& feeds, const WriteCall& call,
                                    const FeedId& id, const CopyBuilders& build) {
  FeedRow published;
  const auto act = [&](Transaction& tx, AuditRecord& record) -> absl::Status {
    ASSIGN_OR_RETURN(auto feed, feeds.Find(tx, call.actor, id, true));
    if (!feed) return MakeError(Reason::kFeedNotFound);
    AddDetail(record, "feed", auth::HexEncode(id.octets));
    AddDetail(record, "step", "publish");
    switch (feed->state) {
      case FeedState::kOpen:
        return MakeError(Reason::kFeedIncomplete);
      case FeedState::kSealed: {
        ASSIGN_OR_RETURN(*feed, feeds.Publish(tx, *feed, call.at, build));
        break;
      }
      case FeedState::kPublished:
        AddDetail(record, "repeat", 1);
        break;
      case FeedState::kQuarantined:
      case FeedState::kCancelled:
      case FeedState::kUndone:
        return MakeError(Reason::kFeedNotOpen);
    }
    published = *std::move(feed);
    return absl::OkStatus();
  };
  const auto audit = AuditedWrite(database, call, act);
  if (!audit.ok()) return audit.status();
  return published;
}

}  // namespace kakunin
