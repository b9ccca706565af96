#pragma once

#include <pqxx/transaction_base>

namespace kakunin {

// HoldRepairsOff keeps repairs of who is who (merges, splits) from being applied until the
// transaction ends, and waits for one that is. Whoever finds a person by a number, a card or a
// reference and then writes what hangs on that person takes it first, before any other lock. It
// holds up nobody but repairs. Throws what libpqxx throws.
void HoldRepairsOff(pqxx::transaction_base& work);

// HoldEverybodyOff is the other side: it waits for all of those and holds them off.
void HoldEverybodyOff(pqxx::transaction_base& work);

// kRepairsApplied is an expression: how many repairs were applied. What was judged before the last
// of them is looked at again.
inline constexpr char kRepairsApplied[] = "(SELECT applied FROM kakunin.person_repair_progress)";

}  // namespace kakunin
