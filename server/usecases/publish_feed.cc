#include "server/usecases/publish_feed.h"

#include <utility>

#include "auth/encoding.h"
#include "domain/error.h"
#include "server/usecases/release_feed.h"

namespace kakunin {
namespace {

absl::StatusOr<FeedRow> LockFeed(Transaction& tx, AuditRecord& record, FeedStore& feeds,
                                 const WriteCall& call, const FeedId& id, std::string_view step) {
  ASSIGN_OR_RETURN(auto feed, feeds.Find(tx, call.actor, id, true));
  if (!feed) return MakeError(Reason::kFeedNotFound);
  AddDetail(record, "feed", auth::HexEncode(id.octets));
  AddDetail(record, "step", step);
  return *std::move(feed);
}

absl::StatusOr<JudgedFeed> WithRisks(Transaction& tx, FeedStore& feeds, const FeedRow& row) {
  JudgedFeed judged;
  // Read again: judging has changed it.
  ASSIGN_OR_RETURN(auto feed, feeds.Find(tx, row.party, row.id, false));
  if (!feed) return MakeError(Reason::kFeedNotFound);
  judged.feed = *std::move(feed);
  ASSIGN_OR_RETURN(judged.risks, feeds.Risk(tx, row.id));
  return judged;
}

// Whether a judgement came to what was released. Whom another insurer made known meanwhile is no
// new person any more, and that changes nothing.
bool IsAsReleased(const FeedRow& released, const FeedFigures& figures, const FeedRisk& risk) {
  FeedCounts counts = figures.counts;
  counts.new_persons = released.counts.new_persons;
  return counts == released.counts && risk.score <= released.risk_score;
}

// Judges and records it; true: what it comes to may be published.
absl::StatusOr<bool> Judge(Transaction& tx, AuditRecord& record, FeedStore& feeds,
                           const FeedRow& feed, absl::Time at, FeedTimes* times) {
  const FeedTimes::Timer timer(times, FeedWork::kJudge);
  ASSIGN_OR_RETURN(const FeedFigures figures, feeds.Judge(tx, feed, at));
  const FeedRisk risk = AssessFeed(figures);
  AddDetail(record, "risk", risk.score);
  if (feed.state == FeedState::kQuarantined && IsAsReleased(feed, figures, risk)) return true;
  FeedState state = feed.state;
  if (risk.IsHigh()) {
    ASSIGN_OR_RETURN(state, StepFeed(feed.state, FeedAct::kQuarantine));
  }
  RETURN_IF_ERROR(feeds.PutRisk(tx, feed, risk, state, at));
  return !risk.IsHigh();
}

}  // namespace

absl::StatusOr<FeedRow> SealFeed(Database& database, FeedStore& feeds, const WriteCall& call,
                                 const FeedId& id, int64_t chunk_count, int64_t row_count) {
  FeedRow sealed;
  const auto act = [&](Transaction& tx, AuditRecord& record) -> absl::Status {
    ASSIGN_OR_RETURN(sealed, LockFeed(tx, record, feeds, call, id, "seal"));
    if (sealed.next_chunk - 1 != chunk_count || sealed.row_count != row_count) {
      return MakeError(Reason::kFeedIncomplete);
    }
    ASSIGN_OR_RETURN(const FeedState to, StepFeed(sealed.state, FeedAct::kSeal));
    if (to == sealed.state) return absl::OkStatus();
    sealed.state = to;
    return feeds.SetState(tx, sealed, to, call.at);
  };
  const auto audit = AuditedWrite(database, call, act);
  if (!audit.ok()) return audit.status();
  return sealed;
}

absl::StatusOr<JudgedFeed> JudgeFeed(Database& database, FeedStore& feeds, const WriteCall& call,
                                     const FeedId& id, FeedTimes* times) {
  JudgedFeed judged;
  const auto act = [&](Transaction& tx, AuditRecord& record) -> absl::Status {
    ASSIGN_OR_RETURN(const FeedRow feed, LockFeed(tx, record, feeds, call, id, "judge"));
    RETURN_IF_ERROR(StepFeed(feed.state, FeedAct::kPublish).status());
    if (feed.state == FeedState::kSealed && feed.judgement == 0) {
      RETURN_IF_ERROR(Judge(tx, record, feeds, feed, call.at, times).status());
    }
    ASSIGN_OR_RETURN(judged, WithRisks(tx, feeds, feed));
    return absl::OkStatus();
  };
  const auto audit = AuditedWrite(database, call, act);
  if (!audit.ok()) return audit.status();
  return judged;
}

absl::StatusOr<JudgedFeed> PublishFeed(Database& database, FeedStore& feeds, const WriteCall& call,
                                       const FeedId& id, const CopyBuilders& build,
                                       FeedTimes* times) {
  JudgedFeed published;
  const auto act = [&](Transaction& tx, AuditRecord& record) -> absl::Status {
    ASSIGN_OR_RETURN(const FeedRow feed, LockFeed(tx, record, feeds, call, id, "publish"));
    RETURN_IF_ERROR(StepFeed(feed.state, FeedAct::kPublish).status());
    if (feed.state == FeedState::kPublished) {
      AddDetail(record, "repeat", 1);
    } else {
      if (feed.state == FeedState::kQuarantined) {
        ASSIGN_OR_RETURN(const auto releases, feeds.Releases(tx, feed));
        if (!IsReleased(releases)) return MakeError(Reason::kFeedQuarantined);
      }
      ASSIGN_OR_RETURN(const bool may, Judge(tx, record, feeds, feed, call.at, times));
      const FeedTimes::Timer timer(times, FeedWork::kPublish);
      if (may) RETURN_IF_ERROR(feeds.Publish(tx, feed, call.at, build).status());
    }
    ASSIGN_OR_RETURN(published, WithRisks(tx, feeds, feed));
    return absl::OkStatus();
  };
  const auto audit = AuditedWrite(database, call, act);
  if (!audit.ok()) return audit.status();
  return published;
}

}  // namespace kakunin
