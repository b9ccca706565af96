#pragma once

#include <pqxx/transaction_base>
#include <span>

#include "storage/feed_store.h"

namespace kakunin {

// PutCardLinks is CardLinkStore::Put within `work`: what links cards for an operator and for a
// delivery of card links alike.
absl::StatusOr<CardLinkCounts> PutCardLinks(pqxx::transaction_base& work,
                                            std::span<const CardLinkRow> links, absl::Time at);

// PostgresCardLinkStore keeps card_link. Works as kakunin_operator or kakunin_job.
class PostgresCardLinkStore : public CardLinkStore {
 public:
  absl::StatusOr<CardLinkCounts> Put(Transaction& tx, std::span<const CardLinkRow> links,
                                     absl::Time at) override;
};

}  // namespace kakunin
