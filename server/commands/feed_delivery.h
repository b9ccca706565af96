#pragma once

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "kakunin/v1/insurer_feed_service.grpc.pb.h"
#include "server/commands/chunk_window.h"
#include "server/commands/feed_chunks.h"

namespace kakunin {

// FeedToDeliver is one feed and how to read it.
struct FeedToDeliver {
  v1::FeedKind kind = v1::FEED_KIND_COVERAGES;
  int64_t number = 1;
  bool hold = false;  // judge only
  FeedSummary summary;
  ChunkWindow::Open open;
};

// DeliveryBounds are the patience of a delivery.
struct DeliveryBounds {
  int most_under_way = 4;  // more would only lie in buffers
  std::chrono::milliseconds call = std::chrono::seconds(30);
  // A connection that says nothing any more is given up with its stream.
  std::chrono::milliseconds stream = std::chrono::minutes(2);
  std::chrono::milliseconds publication = std::chrono::minutes(15);
  std::chrono::milliseconds first_wait = std::chrono::milliseconds(50);
  std::chrono::milliseconds longest_wait = std::chrono::seconds(10);
  // Breaks that follow one another without a chunk acknowledged between them.
  int most_idle_breaks = 30;
  // So many while the server was never reached: a wrong address is told soon.
  int most_first_breaks = 4;
};

// DeliveryProgress is how far a delivery is, told after each event.
struct DeliveryProgress {
  enum class Event { kBegun = 1, kAcknowledged, kBroken };

  Event event = Event::kBegun;
  std::string feed_id;
  int64_t rows = 0;  // durable, those of earlier runs among them
  int64_t breaks = 0;
};

// DeliveryOutcome is how a delivery ended: well when both statuses are OK. The feed may be
// QUARANTINED all the same.
struct DeliveryOutcome {
  absl::Status input;   // of reading the file
  grpc::Status answer;  // of the server
  v1::Feed feed;
  v1::FeedCounts counts;
  google::protobuf::RepeatedPtrField<v1::FeedRisk> risks;
  int64_t breaks = 0;
  int64_t rows_sent = 0;  // acknowledged to this run
};

// DeliverFeed begins a feed or finds what an earlier run had begun, pushes the chunks that the
// server does not have, and seals it. Any break of the connection, and any answer that says
// "again", is followed by a new connection and goes on behind the last acknowledged chunk.
// `connect` makes a new connection each time; `watch` hears of every event, on the caller's thread.
DeliveryOutcome DeliverFeed(const FeedToDeliver& feed,
                            const std::function<std::shared_ptr<grpc::Channel>()>& connect,
                            const std::function<void(const DeliveryProgress&)>& watch,
                            const DeliveryBounds& bounds = {});

}  // namespace kakunin
