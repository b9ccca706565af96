#pragma once

#include <pqxx/transaction_base>
#include <span>

#include "storage/feed_store.h"

namespace kakunin {

// PutCardLinks is CardLinkStore::Put within `work`, but for what that says is INVALID_ARGUMENT:
// what links cards for an operator and for a delivery of card links alike, which has judged its
// rows.
absl::StatusOr<CardLinkCounts> PutCardLinks(pqxx::transaction_base& work,
                                            std::span<const CardLinkRow> links, absl::Time at);

// PostgresCardLinkStore keeps card_link. Works as kakunin_operator or kakunin_job.
class PostgresCardLinkStore : public CardLinkStore {
 public:
  // Also INVALID_ARGUMENT (INVALID_FIELDS), naming every links[i].medium that is not the one that
  // is known and every links[i].replaces_serial of a circle of cards that replace each other, which
  // would leave their holder without any.
  absl::StatusOr<CardLinkCounts> Put(Transaction& tx, std::span<const CardLinkRow> links,
                                     absl::Time at) override;
};

}  // namespace kakunin
