#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "domain/application.h"
#include "domain/operation_test.h"
#include "storage/database.h"

namespace kakunin {

// ApplicationRange is one page of applications, in the order in which they were first submitted.
struct ApplicationRange {
  std::string account;  // empty: everybody's
  std::optional<ApplicationState> state;
  absl::Time after = absl::InfinitePast();
  ApplicationId after_id;  // of equal instants
  int limit = 0;
};

// News is one message to an account.
struct News {
  int64_t number = 0;  // from 1
  absl::Time at;
  ApplicationId application;
  std::string text;
  std::string mail_text;  // what is mailed of it: nothing that anybody wrote freely
};

// ApplicationStore keeps applications with every version and step, the news about them, and what
// facilities did in the operation test. Thread-safe.
class ApplicationStore {
 public:
  virtual ~ApplicationStore() = default;

  virtual absl::Status Insert(Transaction& tx, const Application& application) = 0;
  // Hold reads an application and locks it for the rest of the transaction.
  virtual absl::StatusOr<std::optional<Application>> Hold(Transaction& tx,
                                                          const ApplicationId& id) = 0;
  virtual absl::StatusOr<std::optional<Application>> Find(Transaction& tx,
                                                          const ApplicationId& id) = 0;
  // UpdateAsApplicant writes what an applicant may change of what Hold has locked, UpdateAsOperator
  // what an operator may.
  virtual absl::Status UpdateAsApplicant(Transaction& tx, const Application& application) = 0;
  virtual absl::Status UpdateAsOperator(Transaction& tx, const Application& application) = 0;
  virtual absl::StatusOr<std::vector<Application>> List(Transaction& tx,
                                                        const ApplicationRange& range) = 0;
  // HoldUses locks what one facility uses, orders and is bounded by, whoever's, applications for
  // use among it, for the rest of the transaction; before Hold.
  virtual absl::Status HoldUses(Transaction& tx, const std::string& facility_code) = 0;
  // DropLists calls the facility's lists of eligibility deleted.
  virtual absl::Status DropLists(Transaction& tx, const std::string& facility_code) = 0;
  // OfFacility reads an account's applications of one kind for one facility, the newest last; those
  // of everybody when `account` is empty.
  virtual absl::StatusOr<std::vector<Application>> OfFacility(Transaction& tx,
                                                              const std::string& account,
                                                              const std::string& facility_code,
                                                              ApplicationKind kind) = 0;

  virtual absl::Status AddVersion(Transaction& tx, const ApplicationId& id,
                                  const ApplicationVersion& version) = 0;
  virtual absl::StatusOr<std::optional<ApplicationVersion>> FindVersion(Transaction& tx,
                                                                        const ApplicationId& id,
                                                                        int version) = 0;
  virtual absl::Status AddStep(Transaction& tx, const ApplicationId& id,
                               const ApplicationStep& step) = 0;
  // Steps reads an application's history in its order.
  virtual absl::StatusOr<std::vector<ApplicationStep>> Steps(Transaction& tx,
                                                             const ApplicationId& id) = 0;

  // AddNews gives the message the account's next number, and leaves it to be mailed, too; its
  // account's row is held.
  virtual absl::Status AddNews(Transaction& tx, const std::string& account, const News& news) = 0;
  virtual absl::StatusOr<std::vector<News>> ListNews(Transaction& tx, const std::string& account,
                                                     int64_t after, int limit) = 0;

  // Tick notes that a facility in the operation test was answered what ticks `item` at `at`.
  virtual absl::Status Tick(Transaction& tx, const std::string& facility_code,
                            OperationTestItem item, absl::Time at) = 0;
  // Checklist is what was ticked from `since` on.
  virtual absl::StatusOr<OperationTestChecklist> Checklist(Transaction& tx,
                                                           const std::string& facility_code,
                                                           absl::Time since) = 0;
};

}  // namespace kakunin
