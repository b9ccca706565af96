#include "server/commands/feed_decisions.h"

#include <fmt/format.h>

#include <memory>
#include <string>

#include "kakunin/v1/insurer_feed_service.grpc.pb.h"
#include "server/commands/administrative_call.h"
#include "server/commands/feed_name.h"
#include "server/commands/feed_table.h"
#include "server/commands/service_call.h"
#include "server/commands/terminal_options.h"

namespace kakunin {
namespace {

using Stub = v1::InsurerFeedService::Stub;

struct DecisionOptions {
  ClientOptions client;
  FeedName feed;
  std::string released_by;
  bool force = false;
  bool commit = false;
};

struct ApproveOptions {
  AdministrativeOptions call;
  std::string party_number;
  std::string feed_id;
  std::string released_by;
};

struct ListOptions {
  ClientOptions client;
  int most = 20;
};

void List(const ListOptions& options) {
  v1::ListFeedsRequest request;
  request.set_page_size(options.most);
  const auto response =
      CallService<v1::InsurerFeedService>("feed list", options.client, request, &Stub::ListFeeds);
  if (options.client.json) return;
  TextTable table;
  for (const v1::ListedFeed& listed : response.feeds()) {
    const v1::Feed& feed = listed.feed();
    table.Row(feed.feed_id(),
              fmt::format("{} {} {} {} 行 risk {}",
                          v1::FeedKind_Name(feed.kind()).substr(sizeof("FEED_KIND_") - 1),
                          feed.feed_number(),
                          v1::FeedState_Name(feed.state()).substr(sizeof("FEED_STATE_") - 1),
                          feed.row_count(), feed.risk_score()));
  }
  fmt::print("{}", table.Draw());
}

void Release(const DecisionOptions& options) {
  v1::ReleaseFeedRequest request;
  request.set_feed_id(FeedIdOf("feed release", options.client, options.feed));
  request.set_released_by(options.released_by);
  const auto response = CallService<v1::InsurerFeedService>("feed release", options.client, request,
                                                            &Stub::ReleaseFeed);
  if (options.client.json) return;
  TextTable table;
  AddFeed(response.feed(), table);
  AddReleases(response.releases(), table);
  fmt::print("{}", table.Draw());
}

void Cancel(const DecisionOptions& options) {
  v1::CancelFeedRequest request;
  request.set_feed_id(FeedIdOf("feed cancel", options.client, options.feed));
  const auto response = CallService<v1::InsurerFeedService>("feed cancel", options.client, request,
                                                            &Stub::CancelFeed);
  if (options.client.json) return;
  TextTable table;
  AddFeed(response.feed(), table);
  fmt::print("{}", table.Draw());
}

void Undo(const DecisionOptions& options) {
  v1::UndoFeedRequest request;
  request.set_feed_id(FeedIdOf("feed undo", options.client, options.feed));
  request.set_force(options.force);
  request.set_validate_only(!options.commit);
  const auto response =
      CallService<v1::InsurerFeedService>("feed undo", options.client, request, &Stub::UndoFeed);
  if (!options.client.json) {
    TextTable table;
    AddFeed(response.feed(), table);
    table.Row("元に戻る行", fmt::format("{}", response.restored_rows()));
    table.Row("なくなる行", fmt::format("{}", response.removed_rows()));
    table.Row("後の送信が変えた行", fmt::format("{}", response.touched_later_rows()));
    for (const std::string& reference : response.touched_later_references()) {
      table.Row("", reference);
    }
    fmt::print("{}", table.Draw());
  }
  if (!options.commit) {
    fmt::print(stderr,
               "確認だけ行いました。実行するには --commit を付けてください。(checked only: add "
               "--commit to do it)\n");
  }
}

void Approve(const ApproveOptions& options) {
  v1::OperationsServiceReleaseFeedRequest request;
  request.set_party_number(options.party_number);
  request.set_feed_id(options.feed_id);
  request.set_released_by(options.released_by);
  const auto response = CallOperations("feed approve", options.call, request,
                                       &v1::OperationsService::Stub::ReleaseFeed);
  if (options.call.client.json) return;
  TextTable table;
  AddFeed(response.feed(), table);
  AddCounts(response.counts(), table);
  AddRisks(response.risks(), table);
  AddReleases(response.releases(), table);
  fmt::print("{}", table.Draw());
}

// A decision of the party about one feed.
CLI::App* AddDecision(CLI::App& feed, const std::string& name, const std::string& what,
                      const std::string& more, const std::shared_ptr<DecisionOptions>& options,
                      void (*run)(const DecisionOptions&)) {
  CLI::App* command = feed.add_subcommand(name, what);
  AddClientOptions(*command, options->client);
  AddFeedName(*command, options->feed);
  command->footer(std::string(kConnectionFooter) +
                  fmt::format("Example:\n  kakunin feed {} --feed-id \"$FEED\"{} --server "
                              "localhost:7444 \\\n    --certificate insurer.pem --key insurer.key "
                              "--ca server-ca.pem\n",
                              name, more));
  command->callback([options, run] { run(*options); });
  return command;
}

constexpr char kReleasedBy[] = "Who decided, at most 64 characters; kept";

void AddList(CLI::App& feed) {
  const auto options = std::make_shared<ListOptions>();
  CLI::App* command = feed.add_subcommand("list", "List our feeds, the last begun first");
  AddClientOptions(*command, options->client);
  command->add_option("--most", options->most, "So many at most; default: 20")
      ->check(CLI::Range(1, 1000));
  command->footer(std::string(kConnectionFooter) +
                  "Example:\n  kakunin feed list --server localhost:7444 --certificate insurer.pem "
                  "\\\n    --key insurer.key --ca server-ca.pem\n");
  command->callback([options] { List(*options); });
}

void AddApprove(CLI::App& feed) {
  const auto options = std::make_shared<ApproveOptions>();
  CLI::App* command = feed.add_subcommand(
      "approve", "Look at a quarantined feed; with --commit release it (operators)");
  AddAdministrativeOptions(*command, options->call);
  command
      ->add_option(
          "--party", options->party_number,
          "Whose feed it is: an insurer's eight digits, a reviewer's three, a provider's name")
      ->required();
  command->add_option("--feed-id", options->feed_id, "The feed")->required();
  command->add_option("--released-by", options->released_by, kReleasedBy)->required();
  command->footer(
      "Example:\n"
      "  kakunin feed approve --party 33120015 --feed-id \"$FEED\" --released-by 係長 \\\n"
      "    --server localhost:7445 --certificate operator.pem --key operator.key "
      "--ca server-ca.pem --commit\n");
  command->callback([options] { Approve(*options); });
}

}  // namespace

void AddFeedDecisions(CLI::App& feed) {
  AddList(feed);
  auto options = std::make_shared<DecisionOptions>();
  AddDecision(feed, "release", "Give our name for a quarantined feed", " --released-by 係長",
              options, &Release)
      ->add_option("--released-by", options->released_by, kReleasedBy)
      ->required();
  AddApprove(feed);
  AddDecision(feed, "cancel", "Give a feed up that is not published", "",
              std::make_shared<DecisionOptions>(), &Cancel);
  options = std::make_shared<DecisionOptions>();
  CLI::App* undo =
      AddDecision(feed, "undo", "Take a published feed back", " --commit", options, &Undo);
  undo->add_flag("--force", options->force, "Also rows that a later feed has changed");
  undo->add_flag("--commit", options->commit, "Do it; without it the server only tells what would");
}

}  // namespace kakunin
