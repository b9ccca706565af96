#pragma once

#include <span>

#include "storage/postgres/lane_connection.h"

namespace kakunin {

// ConfirmationStatement is one statement of a confirmation store, an index into
// ConfirmationStatements().
enum ConfirmationStatement {
  kIssue,
  kConsume,
  kConsumed,
  kReadKeys,
  kReadCards,
  kReadBoth,
  kReadPersons,
  kReadRelations,
  kReadProtected,
  kReadInCases,
  kFindInCases,
  kReadFacilities,
  kReadNumbers,
  kReadTruth,
  kAudit,
  kConfirm,
  kConsent,
  kHeld,
  kNoMatch,
  kHeldNoMatch,
  kExists,
  kStatements
};

// ConfirmationStatements is what a lane prepares. Those that write begin with what is the same in
// all rows, $1 the stream and $2 the key id, then one array a column: those of the audit, then of
// confirmations and consents (kHeld: and of the persons who are held), or of challenges. kNoMatch
// is kConfirm and kHeldNoMatch is kHeld, each followed by the questions that nobody matched.
std::span<const LaneStatement> ConfirmationStatements();

}  // namespace kakunin
