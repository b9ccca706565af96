#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "domain/abnormal_times.h"
#include "domain/answer_row.h"
#include "domain/audit_record.h"
#include "domain/coverage.h"
#include "domain/person_id.h"
#include "storage/database.h"
#include "storage/record_store.h"
#include "storage/registry_store.h"

namespace kakunin {

// kMostBornOnADay bounds what one search by name compares. Some 2,000 persons of one sex are born
// on a day, each with a few coverages; more than this is told as several.
inline constexpr int kMostBornOnADay = 50'000;

// NamedCoverage is what one coverage says of who its person is.
struct NamedCoverage {
  PersonId person;
  std::string name;
  std::string name_kana;
  std::string other_name;
  std::string other_name_kana;
  std::string address;
};

// NumberedCoverage is a coverage of current knowledge that a number leads to: whose it is, and the
// days by which it counts, nothing else of it.
struct NumberedCoverage {
  PersonId person;
  AnswerCoverage days;
};

// PolicyPlace is a place in the list of policies, newest first.
struct PolicyPlace {
  absl::Time proposed_at = absl::InfiniteFuture();
  PolicyId id;
};

// UsePlace is a place in the list of a policy's uses, oldest first.
struct UsePlace {
  absl::Time at = absl::InfinitePast();
  AuditId audit_id;
};

// ReportedUse is one use of a policy.
struct ReportedUse {
  UsePlace place;
  AbnormalView view;
};

// AbnormalTimesStore keeps policies, as the operators' role, and views, as the terminals'. Results
// are a StoreError when they fail. Thread-safe.
class AbnormalTimesStore {
 public:
  virtual ~AbnormalTimesStore() = default;

  // Hold reads a policy and holds it until the end of the transaction; empty: there is none.
  virtual absl::StatusOr<std::optional<SignedPolicy>> Hold(Transaction& tx, const PolicyId& id) = 0;
  // Put adds a policy, or stores who approved and who ended it, for every server's registry.
  virtual absl::Status Put(Transaction& tx, const SignedPolicy& policy) = 0;
  // Find reads one policy; empty: there is none.
  virtual absl::StatusOr<std::optional<SignedPolicy>> Find(Transaction& tx, const PolicyId& id) = 0;
  // List reads the policies behind `after`, newest first, at most `limit`.
  virtual absl::StatusOr<std::vector<SignedPolicy>> List(Transaction& tx, const PolicyPlace& after,
                                                         int limit) = 0;
  // CountReached counts the active facilities that a policy names.
  virtual absl::StatusOr<int> CountReached(Transaction& tx, const AbnormalTimesPolicy& policy) = 0;
  // CountBeyond counts the facilities that `policy` names and `first` does not.
  virtual absl::StatusOr<int> CountBeyond(Transaction& tx, const AbnormalTimesPolicy& policy,
                                          const AbnormalTimesPolicy& first) = 0;
  // UnknownFacilities are those that it names by code and that are not registered.
  virtual absl::StatusOr<std::vector<std::string>> UnknownFacilities(
      Transaction& tx, const AbnormalTimesPolicy& policy) = 0;
  // NotHospitals are those that it names by code and that are no hospitals.
  virtual absl::StatusOr<std::vector<std::string>> NotHospitals(
      Transaction& tx, const AbnormalTimesPolicy& policy) = 0;
  // ListUses reads uses behind `after`, oldest first.
  virtual absl::StatusOr<std::vector<ReportedUse>> ListUses(Transaction& tx, const PolicyId& policy,
                                                            const UsePlace& after, int limit) = 0;

  // FindByKey reads the visible coverages of current knowledge that have this number, whatever day
  // they count on; some hundred at most.
  virtual absl::StatusOr<std::vector<NumberedCoverage>> FindByKey(Transaction& tx,
                                                                  const KeyHash& key) = 0;
  // FindBorn reads the visible coverages of current knowledge of persons who were born on a day and
  // whose address nobody hides, kMostBornOnADay and one at most.
  virtual absl::StatusOr<std::vector<NamedCoverage>> FindBorn(Transaction& tx, absl::CivilDay born,
                                                              Sex sex) = 0;
  // IsInQuestion tells whether an open case says that a person may be taken for somebody else.
  virtual absl::StatusOr<bool> IsInQuestion(Transaction& tx, const PersonId& person) = 0;
  // AddView keeps a use, under its audit row, and beside it what the patient is shown, if one was
  // found.
  virtual absl::Status AddView(Transaction& tx, const AbnormalView& view, const AuditId& audit_id,
                               const std::optional<RecordAccess>& access) = 0;
};

}  // namespace kakunin
