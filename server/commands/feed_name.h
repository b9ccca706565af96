#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "CLI/CLI.hpp"
#include "kakunin/v1/insurer_feed_service.pb.h"
#include "server/commands/client_connection.h"

namespace kakunin {

// FeedName names one feed of the party: by its id, or by its kind and number.
struct FeedName {
  std::string feed_id;
  int kind = 0;  // v1::FeedKind
  int64_t number = 0;
};

// AddFeedName adds --feed-id, and --kind with --number in its place; one of the two is required.
void AddFeedName(CLI::App& command, FeedName& name);

// FeedIdOf is the named feed's id, asked of the server where it is not given; ends `command` when
// the party has no such feed.
std::string FeedIdOf(std::string_view command, const ClientOptions& client, const FeedName& name);

// LastFeed is the party's feed of the kind with the highest number; empty: it has none. Ends
// `command` when the server does not tell.
std::optional<v1::Feed> LastFeed(std::string_view command, const ClientOptions& client,
                                 v1::FeedKind kind);

}  // namespace kakunin
