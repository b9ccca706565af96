#include "storage/postgres/coverage_history_store.h"

#include <pqxx/result>

#include "storage/postgres/array_parameters.h"
#include "storage/postgres/database.h"
#include "storage/postgres/statement_failure.h"
#include "storage/postgres/text_value.h"

namespace kakunin {
namespace {

constexpr char kByReference[] =
    "SELECT person_id::text FROM kakunin.coverage_by_reference"
    " WHERE insurer_number = $1 AND coverage_reference = $2 UNION"
    " SELECT person_id::text FROM kakunin.coverage_reference_past"
    " WHERE insurer_number = $1 AND coverage_reference = $2 UNION"
    " SELECT from_person::text FROM kakunin.repaired_reference"
    " WHERE party = $1 AND kind = 2 AND reference = $2 ORDER BY 1";

// Whoever is found today, and whose their coverages were before repairs moved them, one after the
// other.
constexpr char kByKey[] =
    "WITH RECURSIVE whose (person_id) AS ("
    " SELECT person_id FROM kakunin.insured_lookup WHERE key_hash = $1::uuid"
    " UNION"
    " SELECT r.from_person FROM whose w JOIN kakunin.repaired_reference r"
    "  ON r.to_person = w.person_id AND r.kind = 2)"
    " SELECT person_id::text FROM whose ORDER BY 1";

constexpr char kHistory[] = R"(
SELECT c.person_id::text, c.insurer_number, c.coverage_reference, c.qualification_date,
  c.disqualification_date, c.partial_contribution_percent, c.reason_of_loss, c.visible,
  c.known_from, c.known_to, c.feed_id::text, coalesce(f.feed_number, 0), coalesce(f.state, 0),
  coalesce(f.kind, 1)
FROM unnest($1::uuid[]) AS asked (person_id)
JOIN kakunin.coverage c ON c.person_id = asked.person_id
LEFT JOIN kakunin.feed f ON f.insurer_number = c.insurer_number AND f.feed_id = c.feed_id
ORDER BY c.person_id, c.insurer_number, c.coverage_reference, c.known_from)";

std::vector<PersonId> PersonsFrom(const pqxx::result& rows) {
  std::vector<PersonId> persons;
  for (const auto& row : rows) persons.push_back(UuidFromText<PersonId>(row[0].c_str()));
  return persons;
}

CoverageVersion VersionFrom(const pqxx::row& row) {
  CoverageVersion version;
  version.person = UuidFromText<PersonId>(row[0].c_str());
  version.insurer_number = row[1].c_str();
  version.coverage_reference = row[2].c_str();
  version.qualification_date = DayFromText(row[3].c_str());
  if (!row[4].is_null()) version.disqualification_date = DayFromText(row[4].c_str());
  if (!row[5].is_null()) version.partial_contribution_percent = row[5].as<int>();
  version.reason_of_loss = row[6].as<int>();
  version.visible = row[7].as<bool>();
  version.known_from = InstantFromText(row[8].c_str());
  if (!row[9].is_null()) version.known_to = InstantFromText(row[9].c_str());
  version.feed = UuidFromText<FeedId>(row[10].c_str());
  version.feed_number = row[11].as<int64_t>();
  version.feed_state = static_cast<FeedState>(row[12].as<int>());
  version.feed_kind = static_cast<FeedKind>(row[13].as<int>());
  return version;
}

}  // namespace

absl::StatusOr<std::vector<PersonId>> PostgresCoverageHistoryStore::PersonsByReference(
    Transaction& tx, const std::string& insurer_number, const std::string& reference) {
  return RunStatements([&]() -> absl::StatusOr<std::vector<PersonId>> {
    return PersonsFrom(
        PostgresTransaction::Work(tx).exec_params(kByReference, insurer_number, reference));
  });
}

absl::StatusOr<std::vector<PersonId>> PostgresCoverageHistoryStore::PersonsByKey(
    Transaction& tx, const KeyHash& key) {
  return RunStatements([&]() -> absl::StatusOr<std::vector<PersonId>> {
    return PersonsFrom(PostgresTransaction::Work(tx).exec_params(kByKey, UuidText(key)));
  });
}

absl::StatusOr<std::vector<CoverageVersion>> PostgresCoverageHistoryStore::History(
    Transaction& tx, std::span<const PersonId> persons,
    const std::optional<std::string>& insurer_number) {
  return RunStatements([&]() -> absl::StatusOr<std::vector<CoverageVersion>> {
    BinaryArray asked;
    asked.Begin(ElementType::kUuid, persons.size());
    for (const PersonId& person : persons) asked.Uuid(person);
    ArrayParameters parameters;
    parameters.Add(asked);
    std::vector<CoverageVersion> versions;
    for (const auto& row : parameters.Exec(PostgresTransaction::Work(tx), kHistory)) {
      CoverageVersion version = VersionFrom(row);
      if (insurer_number && version.insurer_number != *insurer_number) continue;
      versions.push_back(std::move(version));
    }
    return versions;
  });
}

}  // namespace kakunin
