#pragma once

#include "storage/postgres/feed_publish.h"

namespace kakunin {

// HideBeside hides the rows whose difference is tolerated and that are about the same number, name
// and birth date as one that is hidden in doubt: they stand or fall together. Rows that agree in
// everything are certainly about whom the number leads to.
void HideBeside(FeedPublish& publish);

// SettleCases opens a case for every coverage that `publishing` hides in doubt, and closes those of
// references under which something else stands now.
void SettleCases(FeedPublish& publish);

// SettleUndoneCases does so after an undo, by `undoing_hidden`.
void SettleUndoneCases(FeedPublish& publish);

// CountChangedCases tells whoever keeps the persons of open cases that they are others now: the
// last statement but the audit's, since all writers of cases wait for each other here.
void CountChangedCases(pqxx::transaction_base& work);

}  // namespace kakunin
