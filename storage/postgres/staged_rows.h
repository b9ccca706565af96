#pragma once

#include <cstdint>
#include <pqxx/transaction_base>

#include "storage/feed_store.h"

namespace kakunin {

// StageRows stores the usable rows of a chunk where Judge and Publish find them: one statement,
// whatever their number. Throws what libpqxx throws.
void StageRows(pqxx::transaction_base& work, const FeedId& feed, int64_t chunk,
               const StagedRows& rows);

}  // namespace kakunin
