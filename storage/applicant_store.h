#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "domain/applicant.h"
#include "domain/audit_record.h"
#include "storage/database.h"

namespace kakunin {

// ApplicantRange is one page of accounts, in the order of their registration.
struct ApplicantRange {
  std::optional<AccountRegistrationState> state;  // StateAt `at`
  absl::Time at;                                  // now
  absl::Time after = absl::InfinitePast();
  std::string after_account;  // of equal instants
  int limit = 0;
};

// ApplicantStore keeps the accounts of the onboarding port and their sessions. Thread-safe.
class ApplicantStore {
 public:
  virtual ~ApplicantStore() = default;

  virtual absl::Status Insert(Transaction& tx, const ApplicantAccount& account) = 0;
  // Hold reads an account and locks it for the rest of the transaction.
  virtual absl::StatusOr<std::optional<ApplicantAccount>> Hold(Transaction& tx,
                                                               const std::string& account) = 0;
  // Find is Hold without the lock.
  virtual absl::StatusOr<std::optional<ApplicantAccount>> Find(Transaction& tx,
                                                               const std::string& account) = 0;
  // UpdatePassword writes what a log-in or a change of password makes of an account that Hold has
  // locked: all that the onboarding port may write.
  virtual absl::Status UpdatePassword(Transaction& tx, const ApplicantAccount& account) = 0;
  // Update writes what operators may change.
  virtual absl::Status Update(Transaction& tx, const ApplicantAccount& account) = 0;
  virtual absl::StatusOr<std::vector<ApplicantAccount>> List(Transaction& tx,
                                                             const ApplicantRange& range) = 0;

  // BeginSession drops the account's sessions that are over.
  virtual absl::Status BeginSession(Transaction& tx, const Digest32& token_hash,
                                    const ApplicantSession& session) = 0;
  virtual absl::StatusOr<std::optional<ApplicantSession>> FindSession(
      Transaction& tx, const Digest32& token_hash) = 0;
  virtual absl::Status EndSession(Transaction& tx, const Digest32& token_hash) = 0;
  // EndSessions ends all of an account, but for `spared`; returns how many.
  virtual absl::StatusOr<int> EndSessions(Transaction& tx, const std::string& account,
                                          const Digest32& spared) = 0;
};

}  // namespace kakunin
