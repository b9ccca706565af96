#include "storage/postgres/repair_lock.h"

namespace kakunin {

// Two numbers are a key space of their own, apart from the persons' locks of hold_consents.
void HoldRepairsOff(pqxx::transaction_base& work) {
  work.exec("SELECT pg_advisory_xact_lock_shared(16, 1)");
}

void HoldEverybodyOff(pqxx::transaction_base& work) {
  work.exec("SELECT pg_advisory_xact_lock(16, 1)");
}

}  // namespace kakunin
