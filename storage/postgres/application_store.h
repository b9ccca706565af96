#pragma once

#include <optional>
#include <string>
#include <vector>

#include "storage/application_store.h"

namespace kakunin {

// PostgresApplicationStore keeps applications in `application`, `application_version` and
// `application_step`, news in `applicant_news`, ticks in `operation_test_item`.
class PostgresApplicationStore final : public ApplicationStore {
 public:
  absl::Status Insert(Transaction& tx, const Application& application) override;
  absl::StatusOr<std::optional<Application>> Hold(Transaction& tx,
                                                  const ApplicationId& id) override;
  absl::StatusOr<std::optional<Application>> Find(Transaction& tx,
                                                  const ApplicationId& id) override;
  absl::Status UpdateAsApplicant(Transaction& tx, const Application& application) override;
  absl::Status UpdateAsOperator(Transaction& tx, const Application& application) override;
  absl::StatusOr<std::vector<Application>> List(Transaction& tx,
                                                const ApplicationRange& range) override;
  absl::Status HoldUses(Transaction& tx, const std::string& facility_code) override;
  absl::Status DropLists(Transaction& tx, const std::string& facility_code) override;
  absl::StatusOr<std::vector<Application>> OfFacility(Transaction& tx, const std::string& account,
                                                      const std::string& facility_code,
                                                      ApplicationKind kind) override;
  absl::Status AddVersion(Transaction& tx, const ApplicationId& id,
                          const ApplicationVersion& version) override;
  absl::StatusOr<std::optional<ApplicationVersion>> FindVersion(Transaction& tx,
                                                                const ApplicationId& id,
                                                                int version) override;
  absl::Status AddStep(Transaction& tx, const ApplicationId& id,
                       const ApplicationStep& step) override;
  absl::StatusOr<std::vector<ApplicationStep>> Steps(Transaction& tx,
                                                     const ApplicationId& id) override;
  absl::Status AddNews(Transaction& tx, const std::string& account, const News& news) override;
  absl::StatusOr<std::vector<News>> ListNews(Transaction& tx, const std::string& account,
                                             int64_t after, int limit) override;
  absl::Status Tick(Transaction& tx, const std::string& facility_code, OperationTestItem item,
                    absl::Time at) override;
  absl::StatusOr<OperationTestChecklist> Checklist(Transaction& tx,
                                                   const std::string& facility_code,
                                                   absl::Time since) override;
};

}  // namespace kakunin
