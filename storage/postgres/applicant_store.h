#pragma once

#include <optional>
#include <string>
#include <vector>

#include "storage/applicant_store.h"

namespace kakunin {

// PostgresApplicantStore keeps applicants in `applicant` and `applicant_session`.
class PostgresApplicantStore final : public ApplicantStore {
 public:
  absl::Status Insert(Transaction& tx, const ApplicantAccount& account) override;
  absl::StatusOr<std::optional<ApplicantAccount>> Hold(Transaction& tx,
                                                       const std::string& account) override;
  absl::StatusOr<std::optional<ApplicantAccount>> Find(Transaction& tx,
                                                       const std::string& account) override;
  absl::Status UpdatePassword(Transaction& tx, const ApplicantAccount& account) override;
  absl::Status Update(Transaction& tx, const ApplicantAccount& account) override;
  absl::StatusOr<std::vector<ApplicantAccount>> List(Transaction& tx,
                                                     const ApplicantRange& range) override;
  absl::Status BeginSession(Transaction& tx, const Digest32& token_hash,
                            const ApplicantSession& session) override;
  absl::StatusOr<std::optional<ApplicantSession>> FindSession(Transaction& tx,
                                                              const Digest32& token_hash) override;
  absl::Status EndSession(Transaction& tx, const Digest32& token_hash) override;
  absl::StatusOr<int> EndSessions(Transaction& tx, const std::string& account,
                                  const Digest32& spared) override;
};

}  // namespace kakunin
