#pragma once

#include <pqxx/transaction_base>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/person_repair_store.h"

namespace kakunin {

// ApplyMoves does what PersonRepairStore::Apply says. Throws what libpqxx throws.
absl::StatusOr<RepairDone> ApplyMoves(pqxx::transaction_base& work, const PersonRepair& repair,
                                      std::span<const RowMove> moves, absl::Time at,
                                      const CopyBuilders& build);

// ReadMoves lists the moves that were kept of a repair.
std::vector<RowMove> ReadMoves(pqxx::transaction_base& work, const RepairId& id);

}  // namespace kakunin
