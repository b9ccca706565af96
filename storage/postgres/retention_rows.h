#pragma once

#include <cstdint>
#include <pqxx/transaction_base>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "domain/person_id.h"
#include "domain/retention.h"
#include "storage/feed_store.h"

namespace kakunin {

// RowsPast is how many rows of one table have had their time by the rule of `kind`.
struct RowsPast {
  RetainedKind kind = RetainedKind::kDrug;
  std::string table;
  int64_t rows = 0;
};

// PersonRange is the persons after `after` up to `through`, in the order of their ids.
struct PersonRange {
  PersonId after;
  PersonId through;
};

// RowRetention counts and drops rows that are deleted one by one, in one transaction of the role
// kakunin_job, with what was copied from them: every copy still equals the truth. Functions return
// a StoreError when a stored row cannot be read and throw what libpqxx throws. Lives no longer than
// the transaction.
class RowRetention {
 public:
  // Rows are judged on `day`, JST.
  RowRetention(pqxx::transaction_base& work, absl::CivilDay day, const RetentionRules& rules)
      : work_(work), day_(day), rules_(rules) {}

  // CountOfPersons counts coverages, health checks, e-prescription twins, month records, and acts
  // and ends of consents of the persons in `range`: one entry each, also of 0.
  absl::StatusOr<std::vector<RowsPast>> CountOfPersons(const PersonRange& range);
  // DropOfPersons deletes them, and makes anew what `build` copies from them.
  absl::StatusOr<std::vector<RowsPast>> DropOfPersons(const PersonRange& range,
                                                      const CopyBuilders& build);

  // CountHidden counts the rows that are shown to nobody because they came without a number,
  // facilities' notices, uses of policies for abnormal times and alarms.
  std::vector<RowsPast> CountHidden();
  // DropHidden deletes at most `limit` of each table.
  std::vector<RowsPast> DropHidden(int limit);

  // Reference is the place of a row in receipt_by_reference.
  struct Reference {
    std::string pushed_by;
    std::string reference;
  };
  // DropReferences looks at the next `limit` rows of receipt_by_reference behind `place`, which it
  // moves on, and deletes those whose month has gone. Returns false behind the last one.
  bool DropReferences(Reference& place, int limit);

 private:
  struct Twins;
  struct Consents;

  std::string Sql(std::string_view text, RetainedKind kind, const PersonRange& range) const;
  int64_t Count(std::string_view from, RetainedKind kind, const PersonRange& range);
  absl::StatusOr<Twins> FindTwins(const PersonRange& range);
  Consents FindConsents(const PersonRange& range);
  void LockPersons(const PersonRange& range);
  absl::StatusOr<int64_t> DropCoverages(const PersonRange& range, const CopyBuilders& build);
  absl::StatusOr<int64_t> DropHealthChecks(const PersonRange& range, const CopyBuilders& build);
  absl::StatusOr<int64_t> DropTwins(const PersonRange& range, const CopyBuilders& build);

  pqxx::transaction_base& work_;
  const absl::CivilDay day_;
  const RetentionRules& rules_;
};

}  // namespace kakunin
