#include "server/rpc/insurer_feed_service.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <optional>
#include <string>
#include <utility>

#include "kakunin/v1/insurer_feed_service.grpc.pb.h"
#include "server/rpc/convert_feed.h"
#include "server/rpc/feed_worker.h"
#include "server/rpc/fields.h"
#include "server/rpc/push_rows_reactor.h"
#include "server/rpc/write_call.h"
#include "server/usecases/feed_intake.h"
#include "server/usecases/publish_feed.h"

namespace kakunin {
namespace {

constexpr char kBeginFeed[] = "/kakunin.v1.InsurerFeedService/BeginFeed";
constexpr char kSealFeed[] = "/kakunin.v1.InsurerFeedService/SealFeed";
constexpr char kPublishFeed[] = "/kakunin.v1.InsurerFeedService/PublishFeed";
constexpr char kGetFeedReport[] = "/kakunin.v1.InsurerFeedService/GetFeedReport";

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
      : backend_(backend), limits_(limits), worker_(limits.threads, limits.most_queued) {}

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
    RETURN_IF_ERROR(kakunin::SealFeed(backend_.database, backend_.feeds, write, *id,
                                      request.chunk_count(), request.row_count()));
    return Publish(write, *id, response);
  }

  template <class Response>
  absl::Status Publish(const WriteCall& write, const FeedId& id, Response& response) {
    ASSIGN_OR_RETURN(const FeedRow feed, kakunin::PublishFeed(backend_.database, backend_.feeds,
                                                              write, id, backend_.build));
    SetFeed(feed, *response.mutable_feed());
    SetCounts(feed.counts, *response.mutable_counts());
    return absl::OkStatus();
  }

  absl::Status Report(const Call& call, const v1::GetFeedReportRequest& request,
                      v1::GetFeedReportResponse& response) {
    FieldErrors errors;
    const auto id = RequiredUuid<FeedId>(errors, "feed_id", request.feed_id());
    const PageStart start = ReadPageToken(errors, request.page_token());
    if (request.page_size() < 0) errors.Add("page_size", kFieldMalformed);
    RETURN_IF_ERROR(errors.ToStatus());
    const int page_size =
        request.page_size() == 0 ? kDefaultPageSize : std::min(request.page_size(), kMostPageSize);

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
