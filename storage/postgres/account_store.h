#pragma once

#include "storage/account_store.h"

namespace kakunin {

// PostgresAccountStore is used with the roles kakunin_terminal and kakunin_operator.
class PostgresAccountStore final : public AccountStore {
 public:
  absl::StatusOr<std::optional<Account>> Hold(Transaction& tx, const std::string& facility_code,
                                              const std::string& user_name) override;
  absl::StatusOr<bool> Insert(Transaction& tx, const Account& account) override;
  absl::Status Update(Transaction& tx, const Account& account) override;
  absl::StatusOr<std::vector<Account>> List(Transaction& tx, const std::string& facility_code,
                                            const std::string& after, int limit) override;
  absl::StatusOr<int64_t> BeginSession(Transaction& tx, const Session& session) override;
  absl::Status EndSession(Transaction& tx, const Digest32& token_hash, SessionEnd why,
                          absl::Time at) override;
  absl::StatusOr<int> EndSessions(Transaction& tx, const Account& account,
                                  const std::string& terminal_id, const Digest32& spared,
                                  SessionEnd why, absl::Time at) override;
  absl::Status PasswordChanged(Transaction& tx, const Digest32& token_hash) override;
  absl::Status NoteUses(Transaction& tx, std::span<const SessionUse> uses) override;
  absl::StatusOr<AccountChanges> ReadSince(Transaction& tx, int64_t generation) override;
};

}  // namespace kakunin
