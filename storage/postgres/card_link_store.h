#pragma once

#include "storage/feed_store.h"

namespace kakunin {

// PostgresCardLinkStore keeps card_link. Works as kakunin_operator or kakunin_job.
class PostgresCardLinkStore : public CardLinkStore {
 public:
  absl::StatusOr<CardLinkCounts> Put(Transaction& tx, std::span<const CardLinkRow> links,
                                     absl::Time at) override;
};

}  // namespace kakunin
