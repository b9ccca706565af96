#include "server/commands/feed_name.h"

#include <fmt/format.h>

#include <functional>

#include "kakunin/v1/insurer_feed_service.grpc.pb.h"
#include "server/commands/command_output.h"
#include "server/commands/enum_option.h"

namespace kakunin {
namespace {

// Tells of every feed, the last begun first, until `look` has enough.
void ForEachFeed(std::string_view command, const ClientOptions& client,
                 const std::function<bool(const v1::Feed&)>& look) {
  const auto stub = v1::InsurerFeedService::NewStub(OrFail(command, Connect(client)));
  v1::ListFeedsRequest request;
  request.set_page_size(1000);
  do {
    v1::ListFeedsResponse page;
    const auto context = ContextFor(client);
    const grpc::Status status = stub->ListFeeds(context.get(), request, &page);
    if (!status.ok()) FailCall(client, status);
    for (const v1::ListedFeed& listed : page.feeds()) {
      if (!look(listed.feed())) return;
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
}

}  // namespace

void AddFeedName(CLI::App& command, FeedName& name) {
  CLI::Option* id = command.add_option("--feed-id", name.feed_id, "The feed, as push told it");
  CLI::Option* kind = AddEnumOption<v1::FeedKind>(command, "--kind", name.kind, "FEED_KIND_",
                                                  "In place of --feed-id: its kind");
  CLI::Option* number =
      command.add_option("--number", name.number, "In place of --feed-id: its number of the kind")
          ->check(CLI::PositiveNumber);
  kind->needs(number)->excludes(id);
  number->needs(kind)->excludes(id);
}

std::string FeedIdOf(std::string_view command, const ClientOptions& client, const FeedName& name) {
  if (!name.feed_id.empty()) return name.feed_id;
  if (name.number == 0) {
    FailCommand(command, absl::InvalidArgumentError("name the feed: --feed-id, or --kind and "
                                                    "--number"));
  }
  std::string feed_id;
  ForEachFeed(command, client, [&](const v1::Feed& feed) {
    if (feed.kind() == name.kind && feed.feed_number() == name.number) feed_id = feed.feed_id();
    return feed_id.empty();
  });
  if (feed_id.empty()) {
    FailCommand(command, absl::NotFoundError(
                             fmt::format("no feed of this kind has the number {}", name.number)));
  }
  return feed_id;
}

std::optional<v1::Feed> LastFeed(std::string_view command, const ClientOptions& client,
                                 v1::FeedKind kind) {
  std::optional<v1::Feed> last;
  // By the time of beginning, which is that of several servers.
  ForEachFeed(command, client, [&](const v1::Feed& feed) {
    if (feed.kind() == kind && (!last || feed.feed_number() > last->feed_number())) last = feed;
    return true;
  });
  return last;
}

}  // namespace kakunin
