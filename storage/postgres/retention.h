#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "domain/retention.h"
#include "storage/database.h"
#include "storage/feed_store.h"

namespace kakunin {

// RetentionItem is what has had its time, or went: a month's partition, or rows of a table.
struct RetentionItem {
  RetainedKind kind = RetainedKind::kDrug;
  std::string object;                     // the partition or the table
  std::optional<absl::CivilMonth> month;  // of a partition
  absl::CivilDay first_kept;              // what is reckoned from an earlier day goes; JST
  int64_t rows = 0;
  std::string rule;  // DescribeRule
};

// RetentionRun is one run that dropped something, or found nothing to drop.
struct RetentionRun {
  std::string id;
  absl::CivilDay day;  // on which the rules were read, JST
  std::string by;
  absl::Time began;
  std::optional<absl::Time> ended;  // empty: running, or broken off
  std::vector<RetentionItem> items;
};

// Retention drops what has had its time, as the role kakunin_migrate: whole months as the owner of
// the tables, rows as the role of the timed jobs. No server can log in as that role, so none that
// is taken over can make the past vanish. Rows go in small batches, each a transaction that also
// records what it dropped; whatever breaks off is gone on with. Results are a StoreError when they
// fail. One thread.
class Retention {
 public:
  // Progress is told what is done and how far it is.
  using Progress = std::function<void(std::string_view what, int64_t done)>;

  // `database` logs in as kakunin_migrate and outlives the object; `build` makes copies anew.
  Retention(Database& database, CopyBuilders build, const RetentionRules& rules, Progress progress)
      : database_(database),
        build_(std::move(build)),
        rules_(rules),
        progress_(std::move(progress)) {}

  // Plan tells what may be dropped on `day` (JST) and changes nothing: every month by its name, and
  // every table whose rows are deleted, also with 0 rows.
  absl::StatusOr<std::vector<RetentionItem>> Plan(absl::CivilDay day);

  // Apply drops it. `by` is recorded. A run of the same day that was broken off is gone on with.
  // Returns the run.
  absl::StatusOr<RetentionRun> Apply(absl::CivilDay day, const std::string& by, absl::Time now);

  // History is the last `limit` runs, the newest first.
  absl::StatusOr<std::vector<RetentionRun>> History(int limit);

 private:
  struct Run;

  absl::StatusOr<std::vector<RetentionRun>> ReadRuns(const std::string& id, int limit);
  absl::Status Write(const std::function<absl::Status(Transaction&)>& act);
  absl::StatusOr<Run> Begin(absl::CivilDay day, const std::string& by, absl::Time now);
  absl::Status DropMonths(const Run& run);
  absl::Status DropPersonRows(Run& run);
  absl::Status DropReferences(const Run& run);
  absl::Status DropHidden(const Run& run);
  RetentionItem ItemOf(RetainedKind kind, std::string object, absl::CivilDay day) const;
  void Note(Transaction& tx, const Run& run, const RetentionItem& item) const;

  Database& database_;
  const CopyBuilders build_;
  const RetentionRules rules_;
  const Progress progress_;
};

}  // namespace kakunin
