#pragma once

#include "storage/abnormal_times_store.h"

namespace kakunin {

// PostgresAbnormalTimesStore keeps policies in abnormal_times_policy and their uses in
// abnormal_times_view, beside record_access.
class PostgresAbnormalTimesStore : public AbnormalTimesStore {
 public:
  absl::StatusOr<std::optional<SignedPolicy>> Hold(Transaction& tx, const PolicyId& id) override;
  absl::Status Put(Transaction& tx, const SignedPolicy& policy) override;
  absl::StatusOr<std::optional<SignedPolicy>> Find(Transaction& tx, const PolicyId& id) override;
  absl::StatusOr<std::vector<SignedPolicy>> List(Transaction& tx, const PolicyPlace& after,
                                                 int limit) override;
  absl::StatusOr<int> CountReached(Transaction& tx, const AbnormalTimesPolicy& policy) override;
  absl::StatusOr<int> CountBeyond(Transaction& tx, const AbnormalTimesPolicy& policy,
                                  const AbnormalTimesPolicy& first) override;
  absl::StatusOr<std::vector<std::string>> UnknownFacilities(
      Transaction& tx, const AbnormalTimesPolicy& policy) override;
  absl::StatusOr<std::vector<std::string>> NotHospitals(Transaction& tx,
                                                        const AbnormalTimesPolicy& policy) override;
  absl::StatusOr<std::vector<ReportedUse>> ListUses(Transaction& tx, const PolicyId& policy,
                                                    const UsePlace& after, int limit) override;
  absl::StatusOr<std::vector<NumberedCoverage>> FindByKey(Transaction& tx,
                                                          const KeyHash& key) override;
  absl::StatusOr<std::vector<NamedCoverage>> FindBorn(Transaction& tx, absl::CivilDay born,
                                                      Sex sex) override;
  absl::StatusOr<bool> IsInQuestion(Transaction& tx, const PersonId& person) override;
  absl::Status AddView(Transaction& tx, const AbnormalView& view, const AuditId& audit_id,
                       const std::optional<RecordAccess>& access) override;
};

}  // namespace kakunin
