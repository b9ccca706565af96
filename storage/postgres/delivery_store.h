#pragma once

#include "storage/delivery_store.h"
#include "storage/postgres/feed_publish.h"

namespace kakunin {

// PostgresDeliveryStore reads how deliveries go. Works as kakunin_insurer; Insurers as
// kakunin_terminal, too.
class PostgresDeliveryStore : public DeliveryStore {
 public:
  absl::StatusOr<std::vector<InsurerProgress>> Insurers(Transaction& tx) override;
  absl::StatusOr<DeliveryStatus> Status(Transaction& tx, const std::string& party,
                                        absl::Time lag_since) override;
  absl::StatusOr<std::vector<HiddenRow>> HiddenRows(Transaction& tx, const std::string& insurer,
                                                    const std::string& after, int limit) override;
};

// NoteProgress keeps how far the party has delivered the feed's kind, the feed's new state being
// written.
void NoteProgress(FeedPublish& publish);

// NoteLag keeps how late the coverages of `publishing` are that become visible.
void NoteLag(FeedPublish& publish);

}  // namespace kakunin
