#pragma once

#include "storage/person_repair_store.h"

namespace kakunin {

// PostgresPersonRepairStore keeps person_repair and what follows from it. Works as
// kakunin_operator.
class PostgresPersonRepairStore : public PersonRepairStore {
 public:
  absl::StatusOr<std::optional<PersonId>> PersonOf(Transaction& tx,
                                                   const Digest32& number_hash) override;
  absl::StatusOr<std::optional<PersonId>> PersonOf(Transaction& tx,
                                                   const std::string& insurer_number,
                                                   const std::string& reference) override;
  absl::Status Hold(Transaction& tx, std::span<const PersonId> persons) override;
  absl::StatusOr<std::vector<HeldRow>> Held(Transaction& tx, const PersonId& person,
                                            absl::Time at) override;
  absl::StatusOr<bool> Waiting(Transaction& tx, std::span<const PersonId> persons) override;
  absl::Status Propose(Transaction& tx, const PersonRepair& repair) override;
  absl::StatusOr<std::optional<PersonRepair>> Find(Transaction& tx, const RepairId& id,
                                                   bool lock) override;
  absl::StatusOr<std::vector<PersonRepair>> List(Transaction& tx, bool waiting, int limit) override;
  absl::Status Decide(Transaction& tx, const PersonRepair& repair) override;
  absl::StatusOr<RepairDone> Apply(Transaction& tx, const PersonRepair& repair,
                                   std::span<const RowMove> moves, absl::Time at,
                                   const CopyBuilders& build) override;
  absl::StatusOr<int64_t> Exposures(Transaction& tx, const RepairId& id) override;
  absl::StatusOr<std::vector<RowMove>> Moves(Transaction& tx, const RepairId& id) override;
};

}  // namespace kakunin
