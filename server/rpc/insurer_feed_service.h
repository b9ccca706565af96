#pragma once

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <memory>

#include "server/rpc/dispatch.h"
#include "server/usecases/feed_keys.h"
#include "server/usecases/feed_times.h"
#include "server/usecases/resident_identities.h"
#include "storage/coverage_history_store.h"
#include "storage/database.h"
#include "storage/feed_store.h"
#include "storage/registry_store.h"

namespace kakunin {

// InsurerFeedBackend is what the feeds stand on; the references outlive the service.
struct InsurerFeedBackend {
  const Dispatch& dispatch;
  Database& database;  // of the insurer role
  FeedStore& feeds;
  RegistryStore& registry;
  RequestStore& requests;
  FeedKeys keys;
  CopyBuilders build;
  CoverageHistoryStore& histories;
  // Whom coverages are compared with; null: with nobody.
  ResidentIdentities* residents = nullptr;
  FeedTimes* times = nullptr;  // null: nobody asks how long the steps take
};

// InsurerFeedLimits bound the streams. A stream lives at most ten minutes and is resumed by its
// feed's next chunk number (design.md, Speed).
struct InsurerFeedLimits {
  int threads = 2;
  size_t most_queued = 64;
  // Feeds that are sealed or published at once; more are OVERLOADED. Below the pool's size, so that
  // the other calls find a connection.
  int most_publishing = 2;
  std::chrono::milliseconds stream_life = std::chrono::minutes(10);
  // How long the stream waits for each next chunk, and for each receipt to be taken.
  std::chrono::milliseconds peer_bound = std::chrono::minutes(1);
  std::chrono::milliseconds chunk_bound = std::chrono::seconds(30);
};

// MakeInsurerFeedService is kakunin.v1.InsurerFeedService: PushRows by reactors of the callback
// API, everything else by the sync API. Destroy it after its server has shut down.
std::unique_ptr<grpc::Service> MakeInsurerFeedService(const InsurerFeedBackend& backend,
                                                      const InsurerFeedLimits& limits = {});

}  // namespace kakunin
