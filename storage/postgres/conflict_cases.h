#pragma once

#include "storage/postgres/feed_publish.h"

namespace kakunin {

// A row by which a reference, or a card, of one person would become another's is refused, and opens
// a case about both of them: one of the two sides is wrong, and what is shown may be somebody
// else's. A case is of one reference and one claim, so that what is told twice is one; it ends when
// the row is told as it is known, or is taken. Of a kind they need the words {of_another}, whether
// `p` is such a row, {case_persons}, the persons whom it concerns as a VALUES list, {case_kind},
// {case_reason} and {deliverer}, the ActorKind of the party.

// SettleConflicts ends and opens the cases of `publishing`, after the truth is written. `touches`:
// false, when no row of it is about anything that is known, so that none needs to be looked for.
void SettleConflicts(FeedPublish& publish, bool touches = true);

// SettleUndoneConflicts ends the cases that the feed which is undone has opened, unless a later one
// that stands has told the same, and opens those anew that it had ended.
void SettleUndoneConflicts(FeedPublish& publish);

// kConflicts is the condition of a row `p` of which a case is opened, of a kind that has the words
// above: also of one that stands twice.
inline constexpr char kConflicts[] =
    "(p.verdict IN ('PERSON_CONFLICT', 'DUPLICATE_REFERENCE') AND {of_another})";

// kOfAnother and kCasePersons are these words where `publishing` has the person of the reference as
// `holder`, and {claimed} is the one of the row's number.
inline constexpr char kOfAnother[] =
    "(p.number_hash IS NOT NULL AND p.holder IS NOT NULL"
    " AND p.holder IS DISTINCT FROM {claimed})";
inline constexpr char kCasePersons[] = "(p.holder), ({claimed})";

}  // namespace kakunin
