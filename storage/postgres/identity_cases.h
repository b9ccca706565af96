#pragma once

#include "storage/postgres/feed_publish.h"

namespace kakunin {

// HideBeside hides the rows that are new or changed and about the same number and the same name and
// birth date as one that is hidden in doubt: of one person's rows none is shown alone.
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
