#include "server/rpc/insurer_feed_service.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "auth/uuid.h"
#include "kakunin/v1/insurer_feed_service.grpc.pb.h"
#include "server/rpc/convert_date.h"
#include "server/rpc/convert_explanation.h"
#include "server/rpc/convert_feed.h"
#include "server/rpc/feed_worker.h"
#include "server/rpc/fields.h"
#include "server/rpc/push_rows_reactor.h"
#include "server/rpc/write_call.h"
#include "server/usecases/cancel_feed.h"
#include "server/usecases/explain_coverage.h"
#include "server/usecases/feed_intake.h"
#include "server/usecases/publish_feed.h"
#include "server/usecases/release_feed.h"
#include "server/usecases/undo_feed.h"

namespace kakunin {
namespace {

constexpr char kBeginFeed[] = "/kakunin.v1.InsurerFeedService/BeginFeed";
constexpr char kSealFeed[] = "/kakunin.v1.InsurerFeedService/SealFeed";
constexpr char kPublishFeed[] = "/kakunin.v1.InsurerFeedService/PublishFeed";
constexpr char kGetFeedReport[] = "/kakunin.v1.InsurerFeedService/GetFeedReport";

constexpr char kReleaseFeed[] = "/kakunin.v1.InsurerFeedService/ReleaseFeed";
constexpr char kCancelFeed[] = "/kakunin.v1.InsurerFeedService/CancelFeed";
constexpr char kUndoFeed[] = "/kakunin.v1.InsurerFeedService/UndoFeed";
constexpr char kListFeeds[] = "/kakunin.v1.InsurerFeedService/ListFeeds";

constexpr char kExplainCoverage[] = "/kakunin.v1.InsurerFeedService/ExplainCoverage";

constexpr int kDefaultPageSize = 100;
constexpr int kMostPageSize = 1000;

// PageStart names the row after which a page begins.
struct PageStart {
  int64_t chunk = 0;
  int32_t row = 0;
};

std::string PageToken(const Finding& last) {
  return fmt::format("{}-{}", last.chunk, last.row_index);
}

template <class Number>
bool ReadNumber(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && number >= 0;
}

PageStart ReadPageToken(FieldErrors& errors, std::string_view token) {
  PageStart start;
  if (token.empty()) return start;
  const size_t hyphen = token.find('-');
  if (hyphen == std::string_view::npos || !ReadNumber(token.substr(0, hyphen), start.chunk) ||
      !ReadNumber(token.substr(hyphen + 1), start.row)) {
    errors.Add("page_token", kFieldMalformed);
  }
  return start;
}

// The id of a feed whose content's digest the party told; empty when it did not.
std::optional<FeedId> IdByContent(FieldErrors& errors, const FeedKeys& keys,
                                  const std::string& party, const v1::BeginFeedRequest& request) {
  if (request.content_digest().empty()) return std::nullopt;
  Digest32 digest;
  if (!RequiredOctets(errors, "content_digest", request.content_digest(), digest.size(),
                      digest.size())) {
    return std::nullopt;
  }
  std::copy_n(request.content_digest().begin(), digest.size(), digest.begin());
  return FeedIdOf(keys, party, static_cast<FeedKind>(request.kind()), request.feed_number(),
                  digest);
}

// FeedsStart names the feed after which a page of feeds begins; by itself, before all.
struct FeedsStart {
  absl::Time began = absl::InfiniteFuture();
  FeedId id;
};

std::string FeedsToken(const FeedRow& last) {
  return fmt::format("{}-{}", absl::ToUnixMicros(last.began), auth::UuidText(last.id.octets));
}

FeedsStart ReadFeedsToken(FieldErrors& errors, std::string_view token) {
  FeedsStart start;
  if (token.empty()) return start;
  const size_t hyphen = token.find('-');
  int64_t micros = 0;
  std::optional<std::array<uint8_t, 16>> id;
  if (hyphen != std::string_view::npos && ReadNumber(token.substr(0, hyphen), micros)) {
    id = ParseUuid(token.substr(hyphen + 1));
  }
  if (!id) {
    errors.Add("page_token", kFieldMalformed);
    return start;
  }
  return {absl::FromUnixMicros(micros), FeedId{*id}};
}

int PageSize(FieldErrors& errors, int asked) {
  if (asked < 0) errors.Add("page_size", kFieldMalformed);
  return asked == 0 ? kDefaultPageSize : std::min(asked, kMostPageSize);
}

// PublishingPlace is one of the few places for publications; it is given back at the end.
class PublishingPlace {
 public:
  PublishingPlace(std::atomic<int>& taken, int most) : taken_(taken), had_(++taken <= most) {}
  ~PublishingPlace() { --taken_; }
  PublishingPlace(const PublishingPlace&) = delete;
  PublishingPlace& operator=(const PublishingPlace&) = delete;

  bool had() const { return had_; }

 private:
  std::atomic<int>& taken_;
  const bool had_;
};

using Base = v1::InsurerFeedService::WithCallbackMethod_PushRows<v1::InsurerFeedService::Service>;

class InsurerFeedService final : public Base {
 public:
  InsurerFeedService(const InsurerFeedBackend& backend, const InsurerFeedLimits& limits)
      : backend_(backend),
        limits_(limits),
        worker_(limits.threads, limits.most_queued, FeedWorker::kNicerThanADesk) {}

  grpc::Status BeginFeed(grpc::ServerContext* context, const v1::BeginFeedRequest* request,
                         v1::BeginFeedResponse* response) override {
    return backend_.dispatch.Serve(
        context, kBeginFeed, [&](const Call& call) { return Begin(call, *request, *response); });
  }

  grpc::ServerBidiReactor<v1::PushRowsRequest, v1::PushRowsResponse>* PushRows(
      grpc::CallbackServerContext* context) override {
    return PushRowsReactor::Begin(*context, backend_, limits_, worker_);
  }

  grpc::Status SealFeed(grpc::ServerContext* context, const v1::SealFeedRequest* request,
                        v1::SealFeedResponse* response) override {
    return backend_.dispatch.Serve(
        context, kSealFeed, [&](const Call& call) { return Seal(call, *request, *response); });
  }

  grpc::Status PublishFeed(grpc::ServerContext* context, const v1::PublishFeedRequest* request,
                           v1::PublishFeedResponse* response) override {
    return backend_.dispatch.Serve(context, kPublishFeed, [&](const Call& call) -> absl::Status {
      FieldErrors errors;
      const auto id = RequiredUuid<FeedId>(errors, "feed_id", request->feed_id());
      RETURN_IF_ERROR(errors.ToStatus());
      const PublishingPlace place(publishing_, limits_.most_publishing);
      if (!place.had()) return MakeError(Reason::kOverloaded);
      return Publish(WriteCallOf(call, backend_.keys.audit, *request), *id, *response);
    });
  }

  grpc::Status GetFeedReport(grpc::ServerContext* context, const v1::GetFeedReportRequest* request,
                             v1::GetFeedReportResponse* response) override {
    return backend_.dispatch.Serve(context, kGetFeedReport, [&](const Call& call) {
      return Report(call, *request, *response);
    });
  }

  grpc::Status ReleaseFeed(grpc::ServerContext* context, const v1::ReleaseFeedRequest* request,
                           v1::ReleaseFeedResponse* response) override {
    return backend_.dispatch.Serve(context, kReleaseFeed, [&](const Call& call) {
      return Release(call, *request, *response);
    });
  }

  grpc::Status CancelFeed(grpc::ServerContext* context, const v1::CancelFeedRequest* request,
                          v1::CancelFeedResponse* response) override {
    return backend_.dispatch.Serve(
        context, kCancelFeed, [&](const Call& call) { return Cancel(call, *request, *response); });
  }

  grpc::Status UndoFeed(grpc::ServerContext* context, const v1::UndoFeedRequest* request,
                        v1::UndoFeedResponse* response) override {
    return backend_.dispatch.Serve(
        context, kUndoFeed, [&](const Call& call) { return Undo(call, *request, *response); });
  }

  grpc::Status ListFeeds(grpc::ServerContext* context, const v1::ListFeedsRequest* request,
                         v1::ListFeedsResponse* response) override {
    return backend_.dispatch.Serve(
        context, kListFeeds, [&](const Call& call) { return List(call, *request, *response); });
  }

  grpc::Status ExplainCoverage(grpc::ServerContext* context,
                               const v1::ExplainCoverageRequest* request,
                               v1::ExplainCoverageResponse* response) override {
    return backend_.dispatch.Serve(context, kExplainCoverage, [&](const Call& call) {
      return Explain(call, *request, *response);
    });
  }

 private:
  absl::Status Begin(const Call& call, const v1::BeginFeedRequest& request,
                     v1::BeginFeedResponse& response) {
    FieldErrors errors;
    const auto id = RequiredUuid<RequestId>(errors, "request_id", request.request_id());
    const auto kind = RequiredEnum<FeedKind>(errors, "kind", request.kind());
    if (request.feed_number() < 1) errors.Add("feed_number", "1以上の番号を指定してください。");
    const auto feed_id = IdByContent(errors, backend_.keys, call.actor_name, request);
    RETURN_IF_ERROR(errors.ToStatus());

    const auto begin = [&](Transaction& tx, AuditRecord& record) {
      return kakunin::BeginFeed(tx, record, backend_.feeds, KindOf(call.actor), call.actor_name,
                                *kind, request.feed_number(), feed_id);
    };
    const auto encode = [](const FeedRow& feed, const AuditId&) {
      v1::BeginFeedResponse made;
      SetFeed(feed, *made.mutable_feed());
      return made.SerializeAsString();
    };
    const WriteCall write = WriteCallOf(call, backend_.keys.audit, request, *id);
    ASSIGN_OR_RETURN(
        const std::string answer,
        AdministrativeWrite(backend_.database, backend_.requests, write, begin, encode));
    return response.ParseFromString(answer) ? absl::OkStatus() : MakeError(Reason::kInternal);
  }

  absl::Status Seal(const Call& call, const v1::SealFeedRequest& request,
                    v1::SealFeedResponse& response) {
    FieldErrors errors;
    const auto id = RequiredUuid<FeedId>(errors, "feed_id", request.feed_id());
    if (request.chunk_count() < 0) errors.Add("chunk_count", kFieldMalformed);
    if (request.row_count() < 0) errors.Add("row_count", kFieldMalformed);
    RETURN_IF_ERROR(errors.ToStatus());

    const PublishingPlace place(publishing_, limits_.most_publishing);
    if (!place.had()) return MakeError(Reason::kOverloaded);
    const WriteCall write = WriteCallOf(call, backend_.keys.audit, request);
    ASSIGN_OR_RETURN(const FeedRow sealed,
                     kakunin::SealFeed(backend_.database, backend_.feeds, write, *id,
                                       request.chunk_count(), request.row_count()));
    // Who repeats the seal of a quarantined feed is told so, and no error.
    if (!request.hold() && sealed.state != FeedState::kQuarantined) {
      return Publish(write, *id, response);
    }
    ASSIGN_OR_RETURN(const JudgedFeed judged,
                     JudgeFeed(backend_.database, backend_.feeds, write, *id, backend_.times));
    SetJudged(judged, response);
    return absl::OkStatus();
  }

  template <class Response>
  absl::Status Publish(const WriteCall& write, const FeedId& id, Response& response) {
    ASSIGN_OR_RETURN(const JudgedFeed judged,
                     kakunin::PublishFeed(backend_.database, backend_.feeds, write, id,
                                          backend_.build, backend_.times));
    SetJudged(judged, response);
    return absl::OkStatus();
  }

  template <class Response>
  static void SetJudged(const JudgedFeed& judged, Response& response) {
    SetFeed(judged.feed, *response.mutable_feed());
    SetCounts(judged.feed.counts, *response.mutable_counts());
    SetRisks(judged.risks, *response.mutable_risks());
  }

  absl::Status Release(const Call& call, const v1::ReleaseFeedRequest& request,
                       v1::ReleaseFeedResponse& response) {
    FieldErrors errors;
    const auto id = RequiredUuid<FeedId>(errors, "feed_id", request.feed_id());
    RequiredLine(errors, "released_by", request.released_by(), kMostReleaserCharacters);
    RETURN_IF_ERROR(errors.ToStatus());
    const auto audit_id = AuditedWrite(
        backend_.database, WriteCallOf(call, backend_.keys.audit, request),
        [&](Transaction& tx, AuditRecord& record) -> absl::Status {
          ASSIGN_OR_RETURN(const ReleasedFeed released,
                           kakunin::ReleaseFeed(tx, record, backend_.feeds, call.actor_name, *id,
                                                request.released_by(), /*look_only=*/false));
          response.Clear();
          SetFeed(released.feed, *response.mutable_feed());
          SetReleases(released.releases, *response.mutable_releases());
          return absl::OkStatus();
        });
    return audit_id.status();
  }

  absl::Status Cancel(const Call& call, const v1::CancelFeedRequest& request,
                      v1::CancelFeedResponse& response) {
    FieldErrors errors;
    const auto id = RequiredUuid<FeedId>(errors, "feed_id", request.feed_id());
    RETURN_IF_ERROR(errors.ToStatus());
    ASSIGN_OR_RETURN(const FeedRow feed,
                     kakunin::CancelFeed(backend_.database, backend_.feeds,
                                         WriteCallOf(call, backend_.keys.audit, request), *id));
    SetFeed(feed, *response.mutable_feed());
    return absl::OkStatus();
  }

  absl::Status Undo(const Call& call, const v1::UndoFeedRequest& request,
                    v1::UndoFeedResponse& response) {
    FieldErrors errors;
    const auto id = RequiredUuid<FeedId>(errors, "feed_id", request.feed_id());
    RETURN_IF_ERROR(errors.ToStatus());
    const PublishingPlace place(publishing_, limits_.most_publishing);
    if (!place.had()) return MakeError(Reason::kOverloaded);
    const UndoMode mode = request.validate_only() ? UndoMode::kLook
                          : request.force()       ? UndoMode::kForce
                                                  : UndoMode::kUntouched;
    ASSIGN_OR_RETURN(const UndoneFeed undone,
                     kakunin::UndoFeed(backend_.database, backend_.feeds,
                                       WriteCallOf(call, backend_.keys.audit, request), *id,
                                       backend_.build, mode));
    SetFeed(undone.feed, *response.mutable_feed());
    response.set_restored_rows(undone.rows.restored_rows);
    response.set_removed_rows(undone.rows.removed_rows);
    response.set_touched_later_rows(undone.rows.touched_later);
    for (const std::string& reference : undone.rows.touched_references) {
      response.add_touched_later_references(reference);
    }
    return absl::OkStatus();
  }

  absl::Status List(const Call& call, const v1::ListFeedsRequest& request,
                    v1::ListFeedsResponse& response) {
    FieldErrors errors;
    const FeedsStart start = ReadFeedsToken(errors, request.page_token());
    const int page_size = PageSize(errors, request.page_size());
    RETURN_IF_ERROR(errors.ToStatus());
    std::vector<FeedRow> feeds;
    const auto audit_id =
        AuditedWrite(backend_.database, WriteCallOf(call, backend_.keys.audit, request),
                     [&](Transaction& tx, AuditRecord&) -> absl::Status {
                       ASSIGN_OR_RETURN(feeds, backend_.feeds.List(tx, call.actor_name, start.began,
                                                                   start.id, page_size + 1));
                       return absl::OkStatus();
                     });
    RETURN_IF_ERROR(audit_id.status());
    const bool more = static_cast<int>(feeds.size()) > page_size;
    if (more) feeds.resize(static_cast<size_t>(page_size));
    for (const FeedRow& feed : feeds) {
      v1::ListedFeed& listed = *response.add_feeds();
      SetFeed(feed, *listed.mutable_feed());
      SetCounts(feed.counts, *listed.mutable_counts());
    }
    if (more) response.set_next_page_token(FeedsToken(feeds.back()));
    return absl::OkStatus();
  }

  absl::Status Explain(const Call& call, const v1::ExplainCoverageRequest& request,
                       v1::ExplainCoverageResponse& response) {
    const WriteCall write = WriteCallOf(call, backend_.keys.audit, request);
    FieldErrors errors;
    const auto asked = ReadExplained(
        errors, call.actor_name, request.subject(), request.has_day() ? &request.day() : nullptr,
        request.has_known_time() ? &request.known_time() : nullptr, write.at);
    RETURN_IF_ERROR(errors.ToStatus());
    std::vector<CoverageVersion> versions;
    const auto audit_id = AuditedWrite(
        backend_.database, write, [&](Transaction& tx, AuditRecord& record) -> absl::Status {
          ASSIGN_OR_RETURN(versions, kakunin::ExplainCoverage(tx, record, backend_.histories,
                                                              backend_.keys.look_up, asked->subject,
                                                              call.actor_name));
          return absl::OkStatus();
        });
    RETURN_IF_ERROR(audit_id.status());
    SetVersions(versions, *asked, *response.mutable_versions());
    *response.mutable_day() = DayToProto(asked->day);
    *response.mutable_known_time() = TimeToProto(asked->known_at);
    return absl::OkStatus();
  }

  absl::Status Report(const Call& call, const v1::GetFeedReportRequest& request,
                      v1::GetFeedReportResponse& response) {
    FieldErrors errors;
    const auto id = RequiredUuid<FeedId>(errors, "feed_id", request.feed_id());
    const PageStart start = ReadPageToken(errors, request.page_token());
    const int page_size = PageSize(errors, request.page_size());
    RETURN_IF_ERROR(errors.ToStatus());

    FeedReport report;
    const auto audit_id = AuditedWrite(
        backend_.database, WriteCallOf(call, backend_.keys.audit, request),
        [&](Transaction& tx, AuditRecord& record) -> absl::Status {
          ASSIGN_OR_RETURN(report, ReportFeed(tx, record, backend_.feeds, call.actor_name, *id,
                                              start.chunk, start.row, page_size));
          return absl::OkStatus();
        });
    RETURN_IF_ERROR(audit_id.status());
    SetFeed(report.feed, *response.mutable_feed());
    SetCounts(report.feed.counts, *response.mutable_counts());
    SetRisks(report.risks, *response.mutable_risks());
    SetSample(report.sample, *response.mutable_sample());
    SetReleases(report.releases, *response.mutable_releases());
    for (const Finding& finding : report.findings) SetFinding(finding, *response.add_findings());
    if (report.more) response.set_next_page_token(PageToken(report.findings.back()));
    return absl::OkStatus();
  }

  const InsurerFeedBackend backend_;
  const InsurerFeedLimits limits_;
  std::atomic<int> publishing_{0};
  FeedWorker worker_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeInsurerFeedService(const InsurerFeedBackend& backend,
                                                      const InsurerFeedLimits& limits) {
  return std::make_unique<InsurerFeedService>(backend, limits);
}

}  // namespace kakunin
