#include "storage/postgres/reference_number_store.h"

#include <array>
#include <pqxx/result>

#include "storage/postgres/array_parameters.h"
#include "storage/postgres/binary_array.h"
#include "storage/postgres/database.h"
#include "storage/postgres/repair_lock.h"
#include "storage/postgres/statement_failure.h"
#include "storage/postgres/text_value.h"

namespace kakunin {
namespace {

constexpr char kHold[] =
    "SELECT CASE WHEN counted_on = $2::date THEN asked ELSE 0 END,"
    " CASE WHEN counted_on = $2::date THEN not_found ELSE 0 END"
    " FROM kakunin.reference_number_facility WHERE facility_code = $1 FOR UPDATE";

// The generation's row queues all new facilities, so that they are stamped in the order of their
// commits. Another server may have brought this one meanwhile.
constexpr char kBegin[] =
    "WITH g AS (UPDATE kakunin.reference_number_generation SET generation = generation + 1"
    "  RETURNING generation)"
    " INSERT INTO kakunin.reference_number_facility"
    " (facility_code, generation, counted_on, asked, not_found)"
    " SELECT $1, g.generation, $2::date, 0, 0 FROM g ON CONFLICT (facility_code) DO NOTHING";

// $1 the persons and $2 the keys, of which one is null in each place.
constexpr char kFind[] =
    "SELECT p.o, l.person_id::text"
    " FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS p (person_id, key_hash, o)"
    " JOIN kakunin.insured_lookup l ON l.key_hash = p.key_hash"
    " UNION ALL SELECT p.o, p.person_id::text"
    " FROM unnest($1::uuid[]) WITH ORDINALITY AS p (person_id, o) WHERE EXISTS"
    " (SELECT FROM kakunin.coverage c WHERE c.person_id = p.person_id AND c.known_to IS NULL"
    "  AND c.visible)";

constexpr char kNumbersOf[] =
    "SELECT p.o, r.number FROM unnest($2::uuid[]) WITH ORDINALITY AS p (person_id, o)"
    " JOIN kakunin.reference_number r ON r.person_id = p.person_id AND r.facility_code = $1::text"
    " ORDER BY p.o, r.created_at, r.number";

constexpr char kDelete[] =
    "DELETE FROM kakunin.reference_number r"
    " USING unnest($2::uuid[], $3::text[]) AS gone (person_id, number)"
    " WHERE r.person_id = gone.person_id AND r.facility_code = $1::text"
    " AND r.number = gone.number";
constexpr char kInsert[] =
    "INSERT INTO kakunin.reference_number"
    " (person_id, facility_code, number, created_at, stream, audit_number)"
    " SELECT added.person_id, $1::text, added.number,"
    // Those of one call in the order in which they were said.
    "  $2::timestamptz + (added.o - 1) * interval '1 microsecond', added.stream, added.audit_number"
    " FROM unnest($3::uuid[], $4::text[], $5::uuid[], $6::bigint[]) WITH ORDINALITY"
    " AS added (person_id, number, stream, audit_number, o)";

constexpr char kCount[] =
    "UPDATE kakunin.reference_number_facility SET"
    " asked = CASE WHEN counted_on = $2::date THEN asked ELSE 0 END + $3,"
    " not_found = CASE WHEN counted_on = $2::date THEN not_found ELSE 0 END + $4,"
    " counted_on = $2::date WHERE facility_code = $1";

// ByPlace sorts rows of a place (from 1) and a value into one list a place.
template <class Value, class Read>
std::vector<std::vector<Value>> ByPlace(const pqxx::result& rows, size_t places, Read read) {
  std::vector<std::vector<Value>> sorted(places);
  for (const auto& row : rows) {
    sorted[static_cast<size_t>(row[0].as<int64_t>() - 1)].push_back(read(row[1].c_str()));
  }
  return sorted;
}

// The rows' person and number, as the first two of `arrays`.
void FillNames(std::span<const ReferenceNumberRow> rows, std::span<BinaryArray> arrays) {
  arrays[0].Begin(ElementType::kUuid, rows.size());
  arrays[1].Begin(ElementType::kText, rows.size());
  for (const ReferenceNumberRow& row : rows) {
    arrays[0].Uuid(row.person);
    arrays[1].Octets(row.number);
  }
}

}  // namespace

absl::Status PostgresReferenceNumberStore::Begin(Transaction& tx, const std::string& facility_code,
                                                 absl::CivilDay day) {
  return RunStatements([&] {
    PostgresTransaction::Work(tx).exec_params(kBegin, facility_code, DayText(day));
    return absl::OkStatus();
  });
}

absl::StatusOr<std::optional<BulkCounts>> PostgresReferenceNumberStore::Hold(
    Transaction& tx, const std::string& facility_code, absl::CivilDay day) {
  return RunStatements([&]() -> absl::StatusOr<std::optional<BulkCounts>> {
    pqxx::transaction_base& work = PostgresTransaction::Work(tx);
    HoldRepairsOff(work);
    const pqxx::result row = work.exec_params(kHold, facility_code, DayText(day));
    if (row.empty()) return std::nullopt;
    return BulkCounts{.asked = row.front()[0].as<int64_t>(),
                      .not_found = row.front()[1].as<int64_t>()};
  });
}

absl::StatusOr<std::vector<std::vector<PersonId>>> PostgresReferenceNumberStore::Find(
    Transaction& tx, std::span<const std::variant<PersonId, KeyHash>> patients) {
  return RunStatements([&]() -> absl::StatusOr<std::vector<std::vector<PersonId>>> {
    std::array<BinaryArray, 2> arrays;
    for (BinaryArray& array : arrays) array.Begin(ElementType::kUuid, patients.size());
    for (const auto& patient : patients) {
      if (const auto* person = std::get_if<PersonId>(&patient)) {
        arrays[0].Uuid(*person);
        arrays[1].Null();
      } else {
        arrays[0].Null();
        arrays[1].Uuid(std::get<KeyHash>(patient));
      }
    }
    ArrayParameters parameters;
    parameters.Add(arrays);
    return ByPlace<PersonId>(parameters.Exec(PostgresTransaction::Work(tx), kFind), patients.size(),
                             &UuidFromText<PersonId>);
  });
}

absl::StatusOr<std::vector<std::vector<std::string>>> PostgresReferenceNumberStore::NumbersOf(
    Transaction& tx, const std::string& facility_code, std::span<const PersonId> persons) {
  return RunStatements([&]() -> absl::StatusOr<std::vector<std::vector<std::string>>> {
    BinaryArray ids;
    ids.Begin(ElementType::kUuid, persons.size());
    for (const PersonId& person : persons) ids.Uuid(person);
    ArrayParameters parameters;
    parameters.Add(facility_code);
    parameters.Add(ids);
    return ByPlace<std::string>(parameters.Exec(PostgresTransaction::Work(tx), kNumbersOf),
                                persons.size(), [](const char* text) { return std::string(text); });
  });
}

absl::Status PostgresReferenceNumberStore::Change(Transaction& tx, const std::string& facility_code,
                                                  std::span<const ReferenceNumberRow> gone,
                                                  std::span<const ReferenceNumberRow> added,
                                                  absl::Time at) {
  return RunStatements([&] {
    pqxx::transaction_base& work = PostgresTransaction::Work(tx);
    if (!gone.empty()) {
      std::array<BinaryArray, 2> arrays;
      FillNames(gone, arrays);
      ArrayParameters parameters;
      parameters.Add(facility_code);
      parameters.Add(arrays);
      parameters.Exec(work, kDelete);
    }
    if (added.empty()) return absl::OkStatus();
    std::array<BinaryArray, 4> arrays;
    FillNames(added, arrays);
    arrays[2].Begin(ElementType::kUuid, added.size());
    arrays[3].Begin(ElementType::kInt8, added.size());
    for (const ReferenceNumberRow& row : added) {
      arrays[2].Uuid(row.audit_id.stream);
      arrays[3].Int8(row.audit_id.number);
    }
    ArrayParameters parameters;
    parameters.Add(facility_code);
    parameters.Add(BinaryScalar(at));
    parameters.Add(arrays);
    parameters.Exec(work, kInsert);
    return absl::OkStatus();
  });
}

absl::Status PostgresReferenceNumberStore::Count(Transaction& tx, const std::string& facility_code,
                                                 absl::CivilDay day, const BulkCounts& more) {
  return RunStatements([&] {
    PostgresTransaction::Work(tx).exec_params(kCount, facility_code, DayText(day), more.asked,
                                              more.not_found);
    return absl::OkStatus();
  });
}

}  // namespace kakunin
