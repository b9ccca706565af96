#include "server/dev/nation_push.h"

#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "auth/uuid.h"
#include "domain/error.h"
#include "kakunin/v1/card_link_service.grpc.pb.h"
#include "server/dev/api_channel.h"
#include "server/dev/feed_client.h"
#include "server/synth/record_plan.h"
#include "server/text_file.h"

namespace kakunin::dev {
namespace {

constexpr int kLinksARequest = 5000;

// Receipts are some kilobytes each: a message stays below gRPC's four megabytes.
constexpr int kRecordsAChunk = 500;

// A source of the rows of one file, which are a field of a chunk.
template <class Row>
RowSource RowsOf(std::function<absl::StatusOr<synth::MessageFile>()> open,
                 google::protobuf::RepeatedPtrField<Row>* (v1::PushRowsRequest::*rows)()) {
  return [open = std::move(open), rows]() -> absl::StatusOr<AddRow> {
    ASSIGN_OR_RETURN(synth::MessageFile opened, open());
    auto file = std::make_shared<synth::MessageFile>(std::move(opened));
    return AddRow([file, rows](v1::PushRowsRequest& chunk) -> absl::StatusOr<bool> {
      google::protobuf::RepeatedPtrField<Row>& field = *(chunk.*rows)();
      ASSIGN_OR_RETURN(const bool more, file->Next(*field.Add()));
      if (!more) field.RemoveLast();
      return more;
    });
  };
}

absl::Status PushFeedOf(const SandboxPaths& paths, int port, const std::string& certificate,
                        const FeedToPush& feed, PushCounts& counts) {
  ASSIGN_OR_RETURN(const auto channel, OpenChannel(paths, certificate, port));
  ASSIGN_OR_RETURN(const FeedOutcome outcome, PushFeed(channel, feed));
  if (outcome.was_published) {
    ++counts.feeds_kept;
    return absl::OkStatus();
  }
  ++counts.feeds;
  counts.rows += outcome.rows_sent;
  counts.refused_rows += outcome.counts.refused_rows();
  return absl::OkStatus();
}

// A file that is empty, or of a nation of before there were such files, is no feed.
template <class Row>
absl::StatusOr<bool> HasRows(absl::StatusOr<synth::MessageFile> file) {
  if (absl::IsNotFound(file.status())) return false;
  if (!file.ok()) return file.status();
  Row row;
  return file->Next(row);
}

// PendingFeed is a feed and the certificate of its party.
struct PendingFeed {
  std::string certificate;
  FeedToPush feed;
};

// What everybody has to say: who is insured first, so that records find their persons.
absl::StatusOr<std::vector<PendingFeed>> FeedsOf(const synth::NationFiles& nation) {
  std::vector<PendingFeed> feeds;
  ASSIGN_OR_RETURN(const auto insurers, InsurersWithRows(nation));
  for (const synth::Insurer* insurer : insurers) {
    const std::string& number = insurer->number;
    feeds.push_back(
        {InsurerName(number),
         {.source = RowsOf<v1::CoverageRow>([&nation, number] { return nation.Feed(number); },
                                            &v1::PushRowsRequest::mutable_coverages)}});
  }
  for (const synth::Insurer* insurer : insurers) {
    const std::string& number = insurer->number;
    ASSIGN_OR_RETURN(const bool any, HasRows<v1::HealthCheckRow>(nation.HealthChecks(number)));
    if (!any) continue;
    feeds.push_back({InsurerName(number),
                     {.kind = v1::FEED_KIND_HEALTH_CHECKS,
                      .source = RowsOf<v1::HealthCheckRow>(
                          [&nation, number] { return nation.HealthChecks(number); },
                          &v1::PushRowsRequest::mutable_health_checks),
                      .rows_a_chunk = kRecordsAChunk}});
  }
  for (const synth::Reviewer& reviewer : synth::Reviewers()) {
    const std::string number(reviewer.number);
    ASSIGN_OR_RETURN(const bool any, HasRows<v1::ReceiptRow>(nation.Receipts(number)));
    if (!any) continue;
    feeds.push_back(
        {ReviewerName(number),
         {.kind = v1::FEED_KIND_RECEIPTS,
          .source = RowsOf<v1::ReceiptRow>([&nation, number] { return nation.Receipts(number); },
                                           &v1::PushRowsRequest::mutable_receipts),
          .rows_a_chunk = kRecordsAChunk}});
  }
  return feeds;
}

absl::Status PushLinks(v1::CardLinkService::Stub& stub, v1::PushCardLinksRequest& request) {
  if (request.links_size() == 0) return absl::OkStatus();
  request.set_request_id(auth::RandomUuid());
  v1::PushCardLinksResponse response;
  grpc::ClientContext context;
  PrepareCall(context, absl::Minutes(5));
  RETURN_IF_ERROR(StatusOf("PushCardLinks", stub.PushCardLinks(&context, request, &response)));
  request.clear_links();
  return absl::OkStatus();
}

absl::Status PushAllLinks(const SandboxPaths& paths, int port, const synth::NationFiles& nation,
                          const CardAuthorities& cards, PushCounts& counts) {
  if (std::filesystem::exists(paths.links_pushed())) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto channel, OpenChannel(paths, "operator", port));
  const auto stub = v1::CardLinkService::NewStub(channel);
  const auto issuer_key_ids = cards.IssuerKeyIds();
  v1::PushCardLinksRequest request;
  RETURN_IF_ERROR(nation.ForEachCardLink(issuer_key_ids, [&](v1::CardLink& link) {
    *request.add_links() = link;
    ++counts.card_links;
    if (request.links_size() < kLinksARequest) return absl::OkStatus();
    return PushLinks(*stub, request);
  }));
  RETURN_IF_ERROR(PushLinks(*stub, request));
  return ReplaceTextFile(paths.links_pushed(), fmt::format("{}\n", counts.card_links));
}

}  // namespace

absl::StatusOr<std::vector<const synth::Insurer*>> InsurersWithRows(
    const synth::NationFiles& nation) {
  std::vector<const synth::Insurer*> found;
  for (const synth::Insurer& insurer : synth::Insurers()) {
    ASSIGN_OR_RETURN(const bool any, HasRows<v1::CoverageRow>(nation.Feed(insurer.number)));
    if (any) found.push_back(&insurer);
  }
  return found;
}

absl::StatusOr<PushCounts> PushNation(
    const SandboxPaths& paths, const SandboxPorts& ports, const synth::NationFiles& nation,
    const CardAuthorities& cards, const std::function<absl::Status(int64_t, int64_t)>& progress) {
  PushCounts counts;
  ASSIGN_OR_RETURN(const std::vector<PendingFeed> feeds, FeedsOf(nation));
  int64_t done = 0;
  for (const PendingFeed& pending : feeds) {
    RETURN_IF_ERROR(PushFeedOf(paths, ports.insurer, pending.certificate, pending.feed, counts));
    RETURN_IF_ERROR(progress(++done, static_cast<int64_t>(feeds.size())));
  }
  RETURN_IF_ERROR(PushAllLinks(paths, ports.operators, nation, cards, counts));
  return counts;
}

}  // namespace kakunin::dev
