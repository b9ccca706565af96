#include "storage/postgres/retention.h"

#include <fmt/format.h>

#include <chrono>
#include <map>
#include <pqxx/result>

#include "storage/postgres/database.h"
#include "storage/postgres/partitions.h"
#include "storage/postgres/retention_months.h"
#include "storage/postgres/retention_rows.h"
#include "storage/postgres/statement_failure.h"
#include "storage/postgres/text_value.h"

namespace kakunin {
namespace {

constexpr int kPersonsAStep = 1000;
constexpr int kReferencesAStep = 10'000;
constexpr int kHiddenAStep = 5'000;
// Of one transaction: a month of the audit of a whole country is read once, for its anchors.
constexpr auto kStepBound = std::chrono::hours(2);
constexpr int kLockAttempts = 5;
constexpr char kLockNotAvailable[] = "55P03";

constexpr char kAsOwner[] = "SET LOCAL ROLE kakunin_owner";
constexpr char kAsJob[] = "SET LOCAL ROLE kakunin_job";

constexpr PersonId kLastPerson = [] {
  PersonId id;
  for (auto& octet : id.octets) octet = 0xff;
  return id;
}();

// The next persons after `after`; the last range reaches to the end of all ids.
PersonRange NextPersons(pqxx::transaction_base& work, const PersonId& after, int64_t& persons) {
  const pqxx::row page =
      work.exec_params(
              "SELECT count(*), max(person_id::text) FROM (SELECT person_id FROM kakunin.person"
              " WHERE person_id > $1::uuid ORDER BY person_id LIMIT $2) page",
              UuidText(after), kPersonsAStep)
          .front();
  const auto count = page[0].as<int64_t>();
  persons += count;
  return {after, count < kPersonsAStep ? kLastPerson : UuidFromText<PersonId>(page[1].c_str())};
}

RetentionItem ItemFrom(const pqxx::row& row) {
  RetentionItem item{.kind = static_cast<RetainedKind>(row[0].as<int>()),
                     .object = row[1].c_str(),
                     .month = {},
                     .first_kept = DayFromText(row[3].c_str()),
                     .rows = row[4].as<int64_t>(),
                     .rule = row[5].c_str()};
  if (!row[2].is_null()) item.month = absl::CivilMonth(DayFromText(row[2].c_str()));
  return item;
}

}  // namespace

struct Retention::Run {
  std::string id;
  absl::CivilDay day;
  absl::Time now;
  PersonId reached;
};

absl::Status Retention::Write(const std::function<absl::Status(Transaction&)>& act) {
  return database_.Write(std::chrono::steady_clock::now() + kStepBound,
                         [&](Transaction& tx) { return RunStatements([&] { return act(tx); }); });
}

RetentionItem Retention::ItemOf(RetainedKind kind, std::string object, absl::CivilDay day) const {
  return {.kind = kind,
          .object = std::move(object),
          .month = {},
          .first_kept = FirstDayKept(kind, day, rules_),
          .rows = 0,
          .rule = DescribeRule(RetentionRuleOn(kind, day, rules_))};
}

absl::StatusOr<std::vector<RetentionItem>> Retention::Plan(absl::CivilDay day) {
  std::vector<RetentionItem> items;
  const auto add = [&](const std::vector<RowsPast>& found, size_t first) {
    for (size_t i = 0; i < found.size(); ++i) {
      if (first + i == items.size()) items.push_back(ItemOf(found[i].kind, found[i].table, day));
      items[first + i].rows += found[i].rows;
    }
  };
  const absl::Status status = database_.Read(
      std::chrono::steady_clock::now() + kStepBound, [&](Transaction& tx) -> absl::Status {
        items.clear();
        return RunStatements([&]() -> absl::Status {
          pqxx::transaction_base& work = PostgresTransaction::Work(tx);
          work.exec(kAsOwner);
          const std::vector<MonthPast> months = MonthsPast(work, day, rules_);
          for (const MonthPast& month : months) {
            progress_("months counted", static_cast<int64_t>(items.size()));
            RetentionItem& item = items.emplace_back(ItemOf(month.kind, NameOf(month), day));
            item.month = month.month;
            item.rows = CountRows(work, month);
          }
          RowRetention rows(work, day, rules_);
          const size_t of_persons = items.size();
          int64_t persons = 0;
          PersonRange range;
          do {
            range = NextPersons(work, range.through, persons);
            const auto found = rows.CountOfPersons(range);
            if (!found.ok()) return found.status();
            add(*found, of_persons);
            progress_("persons looked at", persons);
          } while (range.through != kLastPerson);
          add(rows.CountHidden(), items.size());
          return absl::OkStatus();
        });
      });
  if (!status.ok()) return status;
  return items;
}

absl::StatusOr<RetentionRun> Retention::Apply(absl::CivilDay day, const std::string& by,
                                              absl::Time now) {
  auto run = Begin(day, by, now);
  if (!run.ok()) return run.status();
  absl::Status status = DropMonths(*run);
  if (status.ok()) status = DropPersonRows(*run);
  if (status.ok()) status = DropReferences(*run);
  if (status.ok()) status = DropHidden(*run);
  if (status.ok()) {
    status = Write([&](Transaction& tx) {
      pqxx::transaction_base& work = PostgresTransaction::Work(tx);
      work.exec(kAsOwner);
      work.exec_params("UPDATE kakunin.retention_run SET ended_at = $2 WHERE run_id = $1::uuid",
                       run->id, InstantText(now));
      return absl::OkStatus();
    });
  }
  if (!status.ok()) return status;
  auto runs = ReadRuns(run->id, 1);
  if (!runs.ok()) return runs.status();
  return std::move(runs->front());
}

absl::StatusOr<Retention::Run> Retention::Begin(absl::CivilDay day, const std::string& by,
                                                absl::Time now) {
  Run run{.id = {}, .day = day, .now = now, .reached = {}};
  const absl::Status status = Write([&](Transaction& tx) {
    pqxx::transaction_base& work = PostgresTransaction::Work(tx);
    work.exec(kAsOwner);
    const pqxx::result broken_off = work.exec_params(
        "SELECT run_id::text, reached::text FROM kakunin.retention_run"
        " WHERE day = $1::date AND ended_at IS NULL ORDER BY began_at DESC LIMIT 1",
        DayText(day));
    if (!broken_off.empty()) {
      run.id = broken_off[0][0].c_str();
      run.reached = UuidFromText<PersonId>(broken_off[0][1].c_str());
      return absl::OkStatus();
    }
    run.id = work.exec_params(
                     "INSERT INTO kakunin.retention_run (run_id, day, by_whom, began_at, reached)"
                     " VALUES (gen_random_uuid(), $1::date, $2, $3, $4::uuid)"
                     " RETURNING run_id::text",
                     DayText(day), by, InstantText(now), UuidText(PersonId()))[0][0]
                 .c_str();
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return run;
}

void Retention::Note(Transaction& tx, const Run& run, const RetentionItem& item) const {
  const std::string month = item.month ? DayText(absl::CivilDay(*item.month)) : std::string();
  PostgresTransaction::Work(tx).exec_params(
      "INSERT INTO kakunin.retention_drop AS d"
      " (run_id, kind, object, month, first_kept, row_count, rule, at)"
      " VALUES ($1::uuid, $2, $3, nullif($4, '')::date, $5::date, $6, $7, $8::timestamptz)"
      " ON CONFLICT (run_id, kind, object) DO UPDATE SET row_count = d.row_count +"
      "  excluded.row_count, at = excluded.at",
      run.id, static_cast<int>(item.kind), item.object, month, DayText(item.first_kept), item.rows,
      item.rule, InstantText(run.now));
}

absl::Status Retention::DropMonths(const Run& run) {
  std::vector<MonthPast> months;
  absl::Status status = Write([&](Transaction& tx) {
    pqxx::transaction_base& work = PostgresTransaction::Work(tx);
    work.exec(kAsOwner);
    months = MonthsPast(work, run.day, rules_);
    return absl::OkStatus();
  });
  const std::vector<PartitionedTable> tables = PartitionedTables();
  int64_t dropped = 0;
  for (size_t i = 0; status.ok() && i < months.size(); ++i) {
    const MonthPast& month = months[i];
    const auto drop = [&](Transaction& tx) {
      pqxx::transaction_base& work = PostgresTransaction::Work(tx);
      work.exec(kAsOwner);
      for (const PartitionedTable& table : tables) {
        if (!month.made && table.name == month.table) MakePartition(work, table, month.month);
      }
      RetentionItem item = ItemOf(month.kind, NameOf(month), run.day);
      item.month = month.month;
      MonthPast made = month;
      made.made = true;
      item.rows = CountRows(work, made);
      Note(tx, run, item);
      DropMonth(work, made, run.id, run.now);
      return absl::OkStatus();
    };
    for (int attempt = 1; attempt <= kLockAttempts; ++attempt) {
      status = Write(drop);
      if (SqlStateOf(status) != kLockNotAvailable) break;
    }
    progress_("months dropped", ++dropped);
  }
  return status;
}

absl::Status Retention::DropPersonRows(Run& run) {
  int64_t persons = 0;
  PersonRange range{.after = {}, .through = run.reached};
  while (range.through != kLastPerson) {
    PersonRange next;
    int64_t looked_at = 0;
    absl::Status status = Write([&](Transaction& tx) -> absl::Status {
      pqxx::transaction_base& work = PostgresTransaction::Work(tx);
      work.exec(kAsJob);
      looked_at = 0;
      next = NextPersons(work, range.through, looked_at);
      const auto dropped = RowRetention(work, run.day, rules_).DropOfPersons(next, build_);
      if (!dropped.ok()) return dropped.status();
      work.exec(kAsOwner);
      for (const RowsPast& rows : *dropped) {
        if (rows.rows == 0) continue;
        RetentionItem item = ItemOf(rows.kind, rows.table, run.day);
        item.rows = rows.rows;
        Note(tx, run, item);
      }
      work.exec_params(
          "UPDATE kakunin.retention_run SET reached = $2::uuid WHERE run_id = $1::uuid", run.id,
          UuidText(next.through));
      return absl::OkStatus();
    });
    if (!status.ok()) return status;
    range = next;
    persons += looked_at;
    progress_("persons done", persons);
  }
  return absl::OkStatus();
}

absl::Status Retention::DropReferences(const Run& run) {
  RowRetention::Reference place;
  int64_t looked_at = 0;
  for (bool more = true; more;) {
    RowRetention::Reference next;
    absl::Status status = Write([&](Transaction& tx) {
      pqxx::transaction_base& work = PostgresTransaction::Work(tx);
      work.exec(kAsJob);
      next = place;
      more = RowRetention(work, run.day, rules_).DropReferences(next, kReferencesAStep);
      return absl::OkStatus();
    });
    if (!status.ok()) return status;
    place = next;
    looked_at += more ? kReferencesAStep : 0;
    progress_("references of receipts looked at", looked_at);
  }
  return absl::OkStatus();
}

absl::Status Retention::DropHidden(const Run& run) {
  int64_t dropped = 0;
  for (bool more = true; more;) {
    int64_t step = 0;
    absl::Status status = Write([&](Transaction& tx) {
      pqxx::transaction_base& work = PostgresTransaction::Work(tx);
      work.exec(kAsJob);
      step = 0;
      const std::vector<RowsPast> found =
          RowRetention(work, run.day, rules_).DropHidden(kHiddenAStep);
      work.exec(kAsOwner);
      for (const RowsPast& rows : found) {
        if (rows.rows == 0) continue;
        RetentionItem item = ItemOf(rows.kind, rows.table, run.day);
        item.rows = rows.rows;
        step += rows.rows;
        Note(tx, run, item);
      }
      return absl::OkStatus();
    });
    if (!status.ok()) return status;
    more = step > 0;
    dropped += step;
    progress_("hidden rows dropped", dropped);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<RetentionRun>> Retention::History(int limit) {
  return ReadRuns("", limit);
}

// The run of `id`, or all.
absl::StatusOr<std::vector<RetentionRun>> Retention::ReadRuns(const std::string& id, int limit) {
  std::vector<RetentionRun> runs;
  const absl::Status status = database_.Read(
      std::chrono::steady_clock::now() + kStepBound, [&](Transaction& tx) -> absl::Status {
        return RunStatements([&]() -> absl::Status {
          pqxx::transaction_base& work = PostgresTransaction::Work(tx);
          work.exec(kAsOwner);
          for (const auto& row :
               work.exec_params("SELECT run_id::text, day, by_whom, began_at, ended_at"
                                " FROM kakunin.retention_run WHERE $1 IN ('', run_id::text)"
                                " ORDER BY began_at DESC, run_id LIMIT $2",
                                id, limit)) {
            RetentionRun& run = runs.emplace_back();
            run.id = row[0].c_str();
            run.day = DayFromText(row[1].c_str());
            run.by = row[2].c_str();
            run.began = InstantFromText(row[3].c_str());
            if (!row[4].is_null()) run.ended = InstantFromText(row[4].c_str());
          }
          for (RetentionRun& run : runs) {
            for (const auto& row : work.exec_params(
                     "SELECT kind, object, month, first_kept, row_count, rule"
                     " FROM kakunin.retention_drop WHERE run_id = $1::uuid ORDER BY kind, object",
                     run.id)) {
              run.items.push_back(ItemFrom(row));
            }
          }
          return absl::OkStatus();
        });
      });
  if (!status.ok()) return status;
  return runs;
}

}  // namespace kakunin
