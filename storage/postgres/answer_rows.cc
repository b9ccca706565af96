#include "storage/postgres/answer_rows.h"

#include <fmt/format.h>

#include <functional>
#include <map>
#include <pqxx/result>

#include "domain/answer_row.h"
#include "storage/postgres/array_parameters.h"
#include "storage/postgres/coverage_row.h"
#include "storage/postgres/database.h"
#include "storage/postgres/statement_failure.h"
#include "storage/postgres/text_value.h"

namespace kakunin {
namespace {

constexpr int kBatch = 5000;

// Truths are persons' visible coverages of current knowledge; who has none is not in it.
using Truths = std::map<PersonId, std::vector<Coverage>>;

// Look-ups that the truth gives and that are not there, and the other way round.
constexpr char kCompareLookups[] = R"(
WITH founded AS (
  SELECT DISTINCT key_hash, person_id FROM kakunin.coverage
  CROSS JOIN LATERAL (VALUES (key_without_branch), (key_with_branch)) keys (key_hash)
  WHERE known_to IS NULL AND visible)
SELECT
  (SELECT count(*) FROM founded f WHERE NOT EXISTS
    (SELECT FROM kakunin.insured_lookup l
     WHERE l.key_hash = f.key_hash AND l.person_id = f.person_id)),
  (SELECT count(*) FROM kakunin.insured_lookup l WHERE NOT EXISTS
    (SELECT FROM founded f WHERE f.key_hash = l.key_hash AND f.person_id = l.person_id)))";

BinaryArray UuidArray(std::span<const PersonId> persons) {
  BinaryArray array;
  array.Begin(ElementType::kUuid, persons.size());
  for (const PersonId& person : persons) array.Uuid(person);
  return array;
}

std::vector<PersonId> PersonsFrom(const pqxx::result& rows) {
  std::vector<PersonId> persons;
  persons.reserve(rows.size());
  for (const auto& row : rows) persons.push_back(UuidFromText<PersonId>(row[0].c_str()));
  return persons;
}

// The visible coverages of current knowledge of `persons`, by person. OFFSET 0 makes it one look-up
// a person: a plan of its own choice reads the whole table for every batch.
absl::StatusOr<Truths> ReadTruths(pqxx::transaction_base& work, std::span<const PersonId> persons) {
  static const std::string sql = fmt::format(
      "SELECT {}, c.person_id::text FROM unnest($1::uuid[]) AS asked (person_id)"
      " CROSS JOIN LATERAL (SELECT * FROM kakunin.coverage WHERE person_id = asked.person_id"
      "  AND known_to IS NULL AND visible OFFSET 0) c"
      " ORDER BY insurer_number, coverage_reference",
      kCoverageAsText);
  ArrayParameters parameters;
  parameters.Add(UuidArray(persons));
  const pqxx::result rows = parameters.Exec(work, sql);
  Truths truths;
  for (const auto& row : rows) {
    CoverageCells cells;
    for (int column = 0; column < kCoverageCellCount; ++column) {
      const auto& cell = row[column];
      if (!cell.is_null()) cells[column] = std::string_view(cell.c_str(), cell.size());
    }
    absl::StatusOr<Coverage> coverage = CoverageFrom(cells);
    if (!coverage.ok()) return coverage.status();
    coverage->person = UuidFromText<PersonId>(row[kCoverageCellCount].c_str());
    std::vector<Coverage>& truth = truths[coverage->person];
    truth.push_back(*std::move(coverage));
  }
  return truths;
}

// Calls `visit` with all persons, a batch at a time.
absl::Status ForEachBatch(pqxx::transaction_base& work,
                          const std::function<absl::Status(std::span<const PersonId>)>& visit) {
  PersonId last{};
  for (;;) {
    const std::vector<PersonId> persons = PersonsFrom(
        work.exec_params("SELECT person_id::text FROM kakunin.person WHERE person_id > $1::uuid"
                         " ORDER BY person_id LIMIT $2",
                         UuidText(last), kBatch));
    if (persons.empty()) return absl::OkStatus();
    last = persons.back();
    if (absl::Status status = visit(persons); !status.ok()) return status;
  }
}

// The answer row that the truth gives a person.
std::string AnswerOf(const PersonId& person, const Truths& truths, const AnswerBuilder& build) {
  const auto truth = truths.find(person);
  return truth == truths.end() ? build({}) : build(truth->second);
}

// $1 the persons, $2 their answer rows made anew.
absl::StatusOr<ArrayParameters> BuildAnswers(pqxx::transaction_base& work,
                                             std::span<const PersonId> persons,
                                             const AnswerBuilder& build) {
  const absl::StatusOr<Truths> truths = ReadTruths(work, persons);
  if (!truths.ok()) return truths.status();
  BinaryArray octets;
  octets.Begin(ElementType::kOctets, persons.size());
  for (const PersonId& person : persons) octets.Octets(AnswerOf(person, *truths, build));
  ArrayParameters parameters;
  parameters.Add(UuidArray(persons));
  parameters.Add(octets);
  return parameters;
}

int64_t CountAnswersThatDiffer(pqxx::transaction_base& work, std::span<const PersonId> persons,
                               const Truths& truths, const AnswerBuilder& build) {
  ArrayParameters parameters;
  parameters.Add(UuidArray(persons));
  const pqxx::result rows = parameters.Exec(
      work,
      "SELECT a.person_id::text, format, octets FROM unnest($1::uuid[]) AS asked (person_id)"
      " CROSS JOIN LATERAL (SELECT * FROM kakunin.answer WHERE person_id = asked.person_id"
      "  OFFSET 0) a");
  int64_t equal = 0;
  for (const auto& row : rows) {
    const std::string expected = AnswerOf(UuidFromText<PersonId>(row[0].c_str()), truths, build);
    equal += row[1].as<int>() == kAnswerFormat && ByteaFromText(row[2].c_str()) == expected ? 1 : 0;
  }
  return static_cast<int64_t>(persons.size()) - equal;
}

}  // namespace

absl::Status WriteAnswers(pqxx::transaction_base& work, std::span<const PersonId> persons,
                          const AnswerBuilder& build) {
  static const std::string sql = fmt::format(
      "INSERT INTO kakunin.answer (person_id, format, octets)"
      " SELECT unnest($1::uuid[]), {}, unnest($2::bytea[])"
      " ON CONFLICT (person_id) DO UPDATE SET format = excluded.format, octets = excluded.octets",
      kAnswerFormat);
  for (size_t begin = 0; begin < persons.size(); begin += kBatch) {
    const auto batch = persons.subspan(begin, std::min<size_t>(kBatch, persons.size() - begin));
    const auto answers = BuildAnswers(work, batch, build);
    if (!answers.ok()) return answers.status();
    answers->Exec(work, sql);
  }
  return absl::OkStatus();
}

absl::StatusOr<AnswerDifferences> CompareAnswers(Transaction& tx, const AnswerBuilder& build) {
  return RunStatements([&]() -> absl::StatusOr<AnswerDifferences> {
    pqxx::transaction_base& work = PostgresTransaction::Work(tx);
    AnswerDifferences found;
    const absl::Status status =
        ForEachBatch(work, [&](std::span<const PersonId> persons) -> absl::Status {
          found.persons += static_cast<int64_t>(persons.size());
          const auto truths = ReadTruths(work, persons);
          if (!truths.ok()) return truths.status();
          found.answers_differ += CountAnswersThatDiffer(work, persons, *truths, build);
          return absl::OkStatus();
        });
    if (!status.ok()) return status;
    const pqxx::row lookups = work.exec(kCompareLookups).front();
    found.lookups_missing = lookups[0].as<int64_t>();
    found.lookups_unfounded = lookups[1].as<int64_t>();
    return found;
  });
}

absl::StatusOr<RebuiltAnswers> RebuildAnswers(Transaction& tx, const AnswerBuilder& build,
                                              WhichFormats which, const PersonId& after,
                                              int limit) {
  return RunStatements([&]() -> absl::StatusOr<RebuiltAnswers> {
    pqxx::transaction_base& work = PostgresTransaction::Work(tx);
    // A bounded piece of the table, whatever is in it: no index knows the formats.
    const std::vector<PersonId> looked_at = PersonsFrom(
        work.exec_params("SELECT person_id::text FROM kakunin.answer WHERE person_id > $1::uuid"
                         " ORDER BY person_id LIMIT $2",
                         UuidText(after), limit));
    if (looked_at.empty()) return RebuiltAnswers{.last = after};
    RebuiltAnswers done{.looked_at = static_cast<int64_t>(looked_at.size()),
                        .last = looked_at.back()};
    // The lock keeps a feed from publishing between our reading of the truth and our writing.
    const std::vector<PersonId> persons = PersonsFrom(work.exec_params(
        fmt::format("SELECT person_id::text FROM kakunin.answer WHERE person_id > $1::uuid"
                    " AND person_id <= $2::uuid AND format {} $3 ORDER BY person_id FOR UPDATE",
                    which == WhichFormats::kOlder ? "<" : "<>"),
        UuidText(after), UuidText(done.last), kAnswerFormat));
    if (persons.empty()) return done;
    done.rebuilt = static_cast<int64_t>(persons.size());
    const auto answers = BuildAnswers(work, persons, build);
    if (!answers.ok()) return answers.status();
    // The job role may update answers and not make any.
    answers->Exec(work, fmt::format("UPDATE kakunin.answer a SET format = {}, octets = n.octets"
                                    " FROM unnest($1::uuid[], $2::bytea[]) AS n (person_id, octets)"
                                    " WHERE a.person_id = n.person_id",
                                    kAnswerFormat));
    return done;
  });
}

}  // namespace kakunin
