#include "server/usecases/release_feed.h"

#include <algorithm>

#include "auth/encoding.h"
#include "domain/error.h"

namespace kakunin {

bool IsReleased(std::span<const FeedRelease> releases) {
  const auto by_operator = [](const FeedRelease& release) {
    return release.actor_kind == ActorKind::kOperator;
  };
  return std::any_of(releases.begin(), releases.end(), by_operator) &&
         !std::all_of(releases.begin(), releases.end(), by_operator);
}

absl::StatusOr<ReleasedFeed> ReleaseFeed(Transaction& tx, AuditRecord& record, FeedStore& feeds,
                                         const std::string& party, const FeedId& id,
                                         const std::string& released_by, bool look_only) {
  // An operator may not lock feeds, and need not: a release is of one judgement, and whoever judges
  // again meanwhile makes another.
  ASSIGN_OR_RETURN(const auto feed, feeds.Find(tx, party, id, /*lock=*/false));
  if (!feed) return MakeError(Reason::kFeedNotFound);
  AddDetail(record, "feed", auth::HexEncode(id.octets));
  AddDetail(record, "judgement", feed->judgement);
  RETURN_IF_ERROR(StepFeed(feed->state, FeedAct::kRelease).status());
  if (!look_only) {
    RETURN_IF_ERROR(feeds.PutRelease(tx, *feed,
                                     {.judgement = feed->judgement,
                                      .actor_kind = record.actor_kind,
                                      .actor = record.actor,
                                      .released_by = released_by,
                                      .at = record.at}));
  }
  ReleasedFeed released{.feed = *feed};
  ASSIGN_OR_RETURN(released.risks, feeds.Risk(tx, id));
  ASSIGN_OR_RETURN(released.releases, feeds.Releases(tx, *feed));
  return released;
}

}  // namespace kakunin
