#include "server/dev/nation_push.h"

#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "domain/error.h"
#include "kakunin/v1/card_link_service.grpc.pb.h"
#include "server/dev/api_channel.h"
#include "server/dev/feed_client.h"
#include "server/dev/text_file.h"

namespace kakunin::dev {
namespace {

// The first and only delivery of each insurer.
constexpr int64_t kFeedNumber = 1;
constexpr int kLinksARequest = 5000;

absl::Status PushFeedOf(const SandboxPaths& paths, int port, const synth::NationFiles& nation,
                        const synth::Insurer& insurer, PushCounts& counts) {
  ASSIGN_OR_RETURN(const auto channel, OpenChannel(paths, InsurerName(insurer.number), port));
  const auto source = [&]() -> absl::StatusOr<NextRow> {
    ASSIGN_OR_RETURN(synth::MessageFile opened, nation.Feed(insurer.number));
    auto file = std::make_shared<synth::MessageFile>(std::move(opened));
    return NextRow([file](v1::CoverageRow& row) { return file->Next(row); });
  };
  ASSIGN_OR_RETURN(const FeedOutcome outcome, PushFeed(channel, kFeedNumber, source));
  if (outcome.was_published) {
    ++counts.feeds_kept;
    return absl::OkStatus();
  }
  ++counts.feeds;
  counts.rows += outcome.rows_sent;
  counts.refused_rows += outcome.counts.refused_rows();
  return absl::OkStatus();
}

absl::Status PushLinks(v1::CardLinkService::Stub& stub, v1::PushCardLinksRequest& request) {
  if (request.links_size() == 0) return absl::OkStatus();
  request.set_request_id(NewRequestId());
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
    auto file = nation.Feed(insurer.number);
    if (absl::IsNotFound(file.status())) continue;
    if (!file.ok()) return file.status();
    v1::CoverageRow row;
    ASSIGN_OR_RETURN(const bool any, file->Next(row));
    if (any) found.push_back(&insurer);
  }
  return found;
}

absl::StatusOr<PushCounts> PushNation(
    const SandboxPaths& paths, const SandboxPorts& ports, const synth::NationFiles& nation,
    const CardAuthorities& cards, const std::function<absl::Status(int64_t, int64_t)>& progress) {
  PushCounts counts;
  ASSIGN_OR_RETURN(const auto insurers, InsurersWithRows(nation));
  int64_t done = 0;
  for (const synth::Insurer* insurer : insurers) {
    RETURN_IF_ERROR(PushFeedOf(paths, ports.insurer, nation, *insurer, counts));
    RETURN_IF_ERROR(progress(++done, static_cast<int64_t>(insurers.size())));
  }
  RETURN_IF_ERROR(PushAllLinks(paths, ports.operators, nation, cards, counts));
  return counts;
}

}  // namespace kakunin::dev
