#pragma once

#include <pqxx/transaction_base>

#include "storage/account_store.h"

namespace kakunin {

// NextAccountGeneration queues this transaction behind every earlier change of sessions or
// settings, so that rows are stamped in the order of their commits.
int64_t NextAccountGeneration(pqxx::transaction_base& work);

// SettingsFrom reads kSettingsColumns, the first at `first`.
inline constexpr char kSettingsColumns[] =
    "kinds_not_used, uses_e_prescription, shows_treatment_at_first, shows_surgery_at_first,"
    " records_need_proven_role";
FacilitySettings SettingsFrom(const pqxx::row& row, int first);

}  // namespace kakunin
