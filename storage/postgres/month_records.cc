#include "storage/postgres/month_records.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <pqxx/result>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "domain/month_record.h"
#include "storage/postgres/array_parameters.h"
#include "storage/postgres/database.h"
#include "storage/postgres/record_row.h"
#include "storage/postgres/statement_failure.h"
#include "storage/postgres/text_value.h"

namespace kakunin {
namespace {

constexpr size_t kMonthsABatch = 2000;
constexpr int kPersonsABatch = 1000;

// The current rows of one kind of one month, and when the newest of them came.
template <class Record>
struct Month {
  std::vector<Record> records;
  absl::Time arrived = absl::InfinitePast();
};
template <class Record>
using Truth = std::map<PersonMonth, Month<Record>>;

// What a month record says; a row of month_record beside its key.
struct Copy {
  absl::Time arrived;
  std::string octets;

  friend bool operator==(const Copy&, const Copy&) = default;
};
using Copies = std::map<std::tuple<PersonId, absl::CivilMonth, RecordKind>, Copy>;

PersonMonth MonthOf(const Receipt& receipt) { return {receipt.person, receipt.treatment_month}; }
PersonMonth MonthOf(const HealthCheck& check) {
  return {check.person, absl::CivilMonth(check.examination_day)};
}

// The rows of a query that selects a kind's columns, the person and known_from.
template <class Record>
absl::StatusOr<Truth<Record>> TruthFrom(const pqxx::result& rows, int columns,
                                        absl::StatusOr<Record> (*read)(RecordCells)) {
  Truth<Record> truth;
  std::vector<std::optional<std::string_view>> cells(columns);
  for (const auto& row : rows) {
    for (int column = 0; column < columns; ++column) {
      const auto& cell = row[column];
      cells[column].reset();
      if (!cell.is_null()) cells[column] = std::string_view(cell.c_str(), cell.size());
    }
    absl::StatusOr<Record> record = read(cells);
    if (!record.ok()) return record.status();
    record->person = UuidFromText<PersonId>(row[columns].c_str());
    Month<Record>& month = truth[MonthOf(*record)];
    month.arrived = std::max(month.arrived, InstantFromText(row[columns + 1].c_str()));
    month.records.push_back(*std::move(record));
  }
  return truth;
}

// OFFSET 0 makes it one look-up a month, or a person: a plan of its own choice reads whole tables.
std::string SelectCurrent(std::string_view table, std::string_view columns, std::string_view asked,
                          std::string_view where) {
  return fmt::format(
      "SELECT {}, c.person_id::text, known_from FROM unnest{} CROSS JOIN LATERAL"
      " (SELECT * FROM kakunin.{} t WHERE {} AND known_to IS NULL OFFSET 0) c",
      columns, asked, table, where);
}

template <class Record>
absl::StatusOr<Truth<Record>> ReadMonths(pqxx::transaction_base& work, std::string_view table,
                                         std::string_view columns, int column_count,
                                         std::span<const PersonMonth> months,
                                         absl::StatusOr<Record> (*read)(RecordCells)) {
  BinaryArray person;
  BinaryArray month;
  person.Begin(ElementType::kUuid, months.size());
  month.Begin(ElementType::kDay, months.size());
  for (const PersonMonth& one : months) {
    person.Uuid(one.person);
    month.Day(absl::CivilDay(one.month));
  }
  ArrayParameters parameters;
  parameters.Add(person);
  parameters.Add(month);
  return TruthFrom(
      parameters.Exec(work, SelectCurrent(table, columns,
                                          "($1::uuid[], $2::date[]) AS asked (of_person, of_month)",
                                          "t.person_id = asked.of_person"
                                          " AND t.month = asked.of_month")),
      column_count, read);
}

void AddCopies(const Truth<Receipt>& truth, const ReceiptMonthBuilder& build, Copies& copies) {
  for (const auto& [key, month] : truth) {
    for (const RecordKind kind :
         {RecordKind::kDrug, RecordKind::kTreatment, RecordKind::kSurgery}) {
      std::string octets = build(kind, month.records);
      if (octets.empty()) continue;
      copies[{key.person, key.month, kind}] = {month.arrived, std::move(octets)};
    }
  }
}

void AddCopies(const Truth<HealthCheck>& truth, const HealthCheckMonthBuilder& build,
               Copies& copies) {
  for (const auto& [key, month] : truth) {
    copies[{key.person, key.month, RecordKind::kHealthCheck}] = {month.arrived,
                                                                 build(month.records)};
  }
}

void PutCopies(pqxx::transaction_base& work, const Copies& copies) {
  if (copies.empty()) return;
  std::array<BinaryArray, 5> arrays;
  constexpr ElementType kTypes[] = {ElementType::kUuid, ElementType::kInt2, ElementType::kDay,
                                    ElementType::kInstant, ElementType::kOctets};
  for (size_t i = 0; i < arrays.size(); ++i) arrays[i].Begin(kTypes[i], copies.size());
  for (const auto& [key, copy] : copies) {
    arrays[0].Uuid(std::get<PersonId>(key));
    arrays[1].Int2(static_cast<int>(std::get<RecordKind>(key)));
    arrays[2].Day(absl::CivilDay(std::get<absl::CivilMonth>(key)));
    arrays[3].Instant(copy.arrived);
    arrays[4].Octets(copy.octets);
  }
  ArrayParameters parameters;
  parameters.Add(arrays);
  static const std::string sql = fmt::format(
      "INSERT INTO kakunin.month_record (person_id, kind, month, arrived_at, octets, format)"
      " SELECT *, {} FROM unnest({})"
      " ON CONFLICT (person_id, kind, month) DO UPDATE SET format = excluded.format,"
      "  arrived_at = excluded.arrived_at, octets = excluded.octets",
      kMonthRecordFormat, UnnestParameters(kTypes, 1));
  parameters.Exec(work, sql);
}

// Removes the records of `kinds` in `months` that are not among `copies`.
void RemoveOthers(pqxx::transaction_base& work, std::span<const PersonMonth> months,
                  std::span<const RecordKind> kinds, const Copies& copies) {
  std::vector<Copies::key_type> gone;
  for (const PersonMonth& month : months) {
    for (const RecordKind kind : kinds) {
      const Copies::key_type key{month.person, month.month, kind};
      if (!copies.contains(key)) gone.push_back(key);
    }
  }
  if (gone.empty()) return;
  std::array<BinaryArray, 3> arrays;
  constexpr ElementType kTypes[] = {ElementType::kUuid, ElementType::kInt2, ElementType::kDay};
  for (size_t i = 0; i < arrays.size(); ++i) arrays[i].Begin(kTypes[i], gone.size());
  for (const auto& [person, month, kind] : gone) {
    arrays[0].Uuid(person);
    arrays[1].Int2(static_cast<int>(kind));
    arrays[2].Day(absl::CivilDay(month));
  }
  ArrayParameters parameters;
  parameters.Add(arrays);
  parameters.Exec(work, fmt::format("DELETE FROM kakunin.month_record m USING unnest({}) AS gone"
                                    " (person_id, kind, month) WHERE m.person_id = gone.person_id"
                                    " AND m.kind = gone.kind AND m.month = gone.month",
                                    UnnestParameters(kTypes, 1)));
}

// Calls `write` with `months`, a batch at a time.
template <class Write>
absl::Status ForEachMonthBatch(std::span<const PersonMonth> months, Write write) {
  for (size_t begin = 0; begin < months.size(); begin += kMonthsABatch) {
    absl::Status status =
        write(months.subspan(begin, std::min(kMonthsABatch, months.size() - begin)));
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

// Everything the truth gives about `persons` ($1).
absl::StatusOr<Copies> Expected(pqxx::transaction_base& work, const ArrayParameters& persons,
                                const CopyBuilders& build) {
  constexpr char kAsked[] = "($1::uuid[]) AS asked (of_person)";
  constexpr char kWhere[] = "t.person_id = asked.of_person";
  const auto receipts =
      TruthFrom(persons.Exec(work, SelectCurrent("receipt", kReceiptAsText, kAsked, kWhere)),
                kReceiptColumnCount, &ReceiptFrom);
  if (!receipts.ok()) return receipts.status();
  const auto checks = TruthFrom(
      persons.Exec(work, SelectCurrent("health_check", kHealthCheckAsText, kAsked, kWhere)),
      kHealthCheckColumnCount, &HealthCheckFrom);
  if (!checks.ok()) return checks.status();
  Copies copies;
  AddCopies(*receipts, build.receipt_month, copies);
  AddCopies(*checks, build.health_check_month, copies);
  return copies;
}

// Holds what is there about `persons` ($1) against what is expected.
void CompareCopies(pqxx::transaction_base& work, const ArrayParameters& persons,
                   const Copies& expected, MonthRecordDifferences& found) {
  int64_t met = 0;
  for (const auto& row :
       persons.Exec(work,
                    "SELECT person_id::text, month, kind, format, arrived_at, octets"
                    " FROM kakunin.month_record WHERE person_id = ANY($1::uuid[])")) {
    const auto truth = expected.find({UuidFromText<PersonId>(row[0].c_str()),
                                      absl::CivilMonth(DayFromText(row[1].c_str())),
                                      static_cast<RecordKind>(row[2].as<int>())});
    if (truth == expected.end()) {
      ++found.unfounded;
      continue;
    }
    ++met;
    const Copy copy{InstantFromText(row[4].c_str()), ByteaFromText(row[5].c_str())};
    if (row[3].as<int>() != kMonthRecordFormat || copy != truth->second) ++found.differ;
  }
  found.records += static_cast<int64_t>(expected.size());
  found.missing += static_cast<int64_t>(expected.size()) - met;
}

}  // namespace

absl::Status WriteReceiptMonths(pqxx::transaction_base& work, std::span<const PersonMonth> months,
                                const ReceiptMonthBuilder& build, bool may_shrink) {
  return ForEachMonthBatch(months, [&](std::span<const PersonMonth> batch) -> absl::Status {
    const auto truth =
        ReadMonths(work, "receipt", kReceiptAsText, kReceiptColumnCount, batch, &ReceiptFrom);
    if (!truth.ok()) return truth.status();
    Copies copies;
    AddCopies(*truth, build, copies);
    PutCopies(work, copies);
    constexpr RecordKind kKinds[] = {RecordKind::kDrug, RecordKind::kTreatment,
                                     RecordKind::kSurgery};
    if (may_shrink) RemoveOthers(work, batch, kKinds, copies);
    return absl::OkStatus();
  });
}

absl::Status WriteHealthCheckMonths(pqxx::transaction_base& work,
                                    std::span<const PersonMonth> months,
                                    const HealthCheckMonthBuilder& build, bool may_shrink) {
  return ForEachMonthBatch(months, [&](std::span<const PersonMonth> batch) -> absl::Status {
    const auto truth = ReadMonths(work, "health_check", kHealthCheckAsText, kHealthCheckColumnCount,
                                  batch, &HealthCheckFrom);
    if (!truth.ok()) return truth.status();
    Copies copies;
    AddCopies(*truth, build, copies);
    PutCopies(work, copies);
    constexpr RecordKind kKinds[] = {RecordKind::kHealthCheck};
    if (may_shrink) RemoveOthers(work, batch, kKinds, copies);
    return absl::OkStatus();
  });
}

absl::StatusOr<RebuiltAnswers> RebuildMonthRecords(Transaction& tx, const CopyBuilders& build,
                                                   WhichFormats which, const PersonId& after,
                                                   int limit) {
  return RunStatements([&]() -> absl::StatusOr<RebuiltAnswers> {
    pqxx::transaction_base& work = PostgresTransaction::Work(tx);
    const pqxx::row page =
        work.exec_params(
                "SELECT count(*), max(person_id::text) FROM (SELECT person_id FROM kakunin.person"
                " WHERE person_id > $1::uuid ORDER BY person_id LIMIT $2) page",
                UuidText(after), limit)
            .front();
    RebuiltAnswers done{.looked_at = page[0].as<int64_t>(), .last = after};
    if (done.looked_at == 0) return done;
    done.last = UuidFromText<PersonId>(page[1].c_str());
    const std::string of_another_format = fmt::format(
        "FROM kakunin.month_record WHERE person_id > {}::uuid AND person_id <= {}::uuid"
        " AND format {} {}",
        work.quote(UuidText(after)), work.quote(UuidText(done.last)),
        which == WhichFormats::kOlder ? "<" : "<>", kMonthRecordFormat);
    // As feeds do, so that none publishes between our reading of the truth and our writing.
    work.exec("SELECT FROM kakunin.answer WHERE person_id IN (SELECT person_id " +
              of_another_format + ") ORDER BY person_id FOR UPDATE");
    std::vector<PersonMonth> receipts;
    std::vector<PersonMonth> checks;
    for (const auto& row : work.exec("SELECT person_id::text, month, kind = 4, count(*) " +
                                     of_another_format + " GROUP BY 1, 2, 3 ORDER BY 1, 2")) {
      (row[2].as<bool>() ? checks : receipts)
          .push_back({UuidFromText<PersonId>(row[0].c_str()),
                      absl::CivilMonth(DayFromText(row[1].c_str()))});
      done.rebuilt += row[3].as<int64_t>();
    }
    absl::Status status =
        WriteReceiptMonths(work, receipts, build.receipt_month, /*may_shrink=*/true);
    if (status.ok()) {
      status = WriteHealthCheckMonths(work, checks, build.health_check_month, /*may_shrink=*/true);
    }
    if (!status.ok()) return status;
    return done;
  });
}

absl::StatusOr<MonthRecordDifferences> CompareMonthRecords(Transaction& tx,
                                                           const CopyBuilders& build) {
  return RunStatements([&]() -> absl::StatusOr<MonthRecordDifferences> {
    pqxx::transaction_base& work = PostgresTransaction::Work(tx);
    MonthRecordDifferences found;
    PersonId last{};
    for (;;) {
      const pqxx::result rows = work.exec_params(
          "SELECT person_id::text FROM kakunin.person WHERE person_id > $1::uuid"
          " ORDER BY person_id LIMIT $2",
          UuidText(last), kPersonsABatch);
      if (rows.empty()) return found;
      BinaryArray persons;
      persons.Begin(ElementType::kUuid, rows.size());
      for (const auto& row : rows) {
        last = UuidFromText<PersonId>(row[0].c_str());
        persons.Uuid(last);
      }
      ArrayParameters parameters;
      parameters.Add(persons);
      const auto expected = Expected(work, parameters, build);
      if (!expected.ok()) return expected.status();
      found.persons += static_cast<int64_t>(rows.size());
      CompareCopies(work, parameters, *expected, found);
    }
  });
}

}  // namespace kakunin
