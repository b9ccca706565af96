#pragma once

#include "storage/identity_case_store.h"

namespace kakunin {

// PostgresIdentityCaseStore keeps identity_case. Works as kakunin_insurer and kakunin_operator;
// Generation and Persons as kakunin_terminal, too, Release as kakunin_insurer alone.
class PostgresIdentityCaseStore : public IdentityCaseStore {
 public:
  absl::Status Open(Transaction& tx, std::span<const IdentityCase> cases) override;
  absl::StatusOr<std::optional<IdentityCase>> Find(Transaction& tx, const CaseId& id,
                                                   bool lock) override;
  absl::StatusOr<std::vector<IdentityCase>> List(Transaction& tx, const CasesWanted& wanted,
                                                 int limit) override;
  absl::StatusOr<std::vector<int64_t>> CountOpen(Transaction& tx,
                                                 std::span<const absl::Time> instants) override;
  absl::Status End(Transaction& tx, const CaseId& id, IdentityCaseState state,
                   const CaseEnd& end) override;
  absl::StatusOr<int64_t> Release(Transaction& tx, const IdentityCase& released, const CaseEnd& end,
                                  const CopyBuilders& build) override;
  absl::StatusOr<int64_t> Generation(Transaction& tx) override;
  absl::StatusOr<PersonsInCases> Persons(Transaction& tx) override;
};

}  // namespace kakunin
