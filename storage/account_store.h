#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "domain/account.h"
#include "domain/facility_settings.h"
#include "domain/session.h"
#include "storage/database.h"

namespace kakunin {

// StoredSettings is one facility's settings as they stand.
struct StoredSettings {
  std::string facility_code;
  FacilitySettings settings;
  int64_t change_number = 0;  // 0: nothing was ever set
};

// AccountChanges is what servers keep in memory: rows of a generation and all later ones.
struct AccountChanges {
  int64_t generation = 0;
  std::vector<Session> sessions;
  std::vector<StoredSettings> settings;
};

// SessionUse tells when a session was last used.
struct SessionUse {
  Digest32 token_hash{};
  absl::Time at;
};

// AccountStore keeps facilities' accounts and their sessions. Every change of a session, or of a
// facility's settings, is stamped with the next generation, so that a server reads only what is
// newer than its snapshot. Thread-safe.
class AccountStore {
 public:
  virtual ~AccountStore() = default;

  // Hold reads an account and locks it for the rest of the transaction.
  virtual absl::StatusOr<std::optional<Account>> Hold(Transaction& tx,
                                                      const std::string& facility_code,
                                                      const std::string& user_name) = 0;
  // Insert makes an account; false: its name is taken.
  virtual absl::StatusOr<bool> Insert(Transaction& tx, const Account& account) = 0;
  // Update writes what may change of an account that Hold has locked.
  virtual absl::Status Update(Transaction& tx, const Account& account) = 0;
  // List reads a facility's accounts by name, behind `after`, at most `limit`.
  virtual absl::StatusOr<std::vector<Account>> List(Transaction& tx,
                                                    const std::string& facility_code,
                                                    const std::string& after, int limit) = 0;

  // BeginSession stores a session and returns its generation.
  virtual absl::StatusOr<int64_t> BeginSession(Transaction& tx, const Session& session) = 0;
  // EndSession ends one session; one that is over already stays as it is.
  virtual absl::Status EndSession(Transaction& tx, const Digest32& token_hash, SessionEnd why,
                                  absl::Time at) = 0;
  // EndSessions ends what is open of an account, at one terminal or everywhere (empty), but for
  // `spared`; returns how many.
  virtual absl::StatusOr<int> EndSessions(Transaction& tx, const Account& account,
                                          const std::string& terminal_id, const Digest32& spared,
                                          SessionEnd why, absl::Time at) = 0;
  // PasswordChanged opens a session that waited for its password to be changed.
  virtual absl::Status PasswordChanged(Transaction& tx, const Digest32& token_hash) = 0;
  // NoteUses writes down when sessions were last used; earlier instants than the stored change
  // nothing.
  virtual absl::Status NoteUses(Transaction& tx, std::span<const SessionUse> uses) = 0;

  // ReadSince returns what was stamped after `generation`; from 0 on no session that is over.
  virtual absl::StatusOr<AccountChanges> ReadSince(Transaction& tx, int64_t generation) = 0;
};

}  // namespace kakunin
