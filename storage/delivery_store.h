#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "domain/delivery.h"
#include "domain/feed_kind.h"
#include "storage/database.h"
#include "storage/feed_store.h"

namespace kakunin {

// InsurerProgress is how far a registered insurer has delivered coverages.
struct InsurerProgress {
  std::string insurer_number;         // eight digits
  std::optional<absl::Time> through;  // when its last published feed began; empty: there is none
};

// KindProgress is how far a party has delivered one kind.
struct KindProgress {
  FeedKind kind = FeedKind::kCoverages;
  std::optional<absl::Time> through;
};

// WaitingFeed is a feed that is neither published nor given up.
struct WaitingFeed {
  FeedId id;
  FeedKind kind = FeedKind::kCoverages;
  int64_t feed_number = 0;
  FeedState state = FeedState::kOpen;
  absl::Time began;
};

// DeliveryStatus is how a party's deliveries go.
struct DeliveryStatus {
  std::vector<KindProgress> progress;  // by kind; those of which a feed was ever published
  std::optional<WaitingFeed> waiting;  // the one that began first
  LagCounts begun{};                   // of feeds published since the instant asked for
  LagCounts ended{};
  std::map<std::string, int64_t> hidden;  // coverages that are hidden now, by reason
};

// HiddenRow is a coverage that is stored and not visible.
struct HiddenRow {
  std::string reference;  // the insurer's own name of it
  std::string reason;     // UPPER_SNAKE
  absl::Time hidden_since;
  FeedId feed;
};

// DeliveryStore tells how deliveries go. Thread-safe.
class DeliveryStore {
 public:
  virtual ~DeliveryStore() = default;
  // Insurers lists every registered insurer that is active.
  virtual absl::StatusOr<std::vector<InsurerProgress>> Insurers(Transaction& tx) = 0;
  // Status reads one party's; lags of feeds published at `lag_since` or later.
  virtual absl::StatusOr<DeliveryStatus> Status(Transaction& tx, const std::string& party,
                                                absl::Time lag_since) = 0;
  // HiddenRows lists `limit` rows of an insurer by their references, after `after`.
  virtual absl::StatusOr<std::vector<HiddenRow>> HiddenRows(Transaction& tx,
                                                            const std::string& insurer,
                                                            const std::string& after,
                                                            int limit) = 0;
};

}  // namespace kakunin
