#include "storage/postgres/bulk_store.h"

#include <fmt/format.h>

#include <pqxx/binarystring>
#include <pqxx/result>
#include <pqxx/transaction_base>

#include "domain/error.h"
#include "storage/postgres/array_parameters.h"
#include "storage/postgres/bulk_content.h"
#include "storage/postgres/database.h"
#include "storage/postgres/statement_failure.h"
#include "storage/postgres/text_value.h"

namespace kakunin {
namespace {

constexpr char kColumns[] =
    "bulk_id::text, facility_code, request_id::text, header_digest::text, terminal_id,"
    " facility_user, role, day, form_of_care, state, reason, began_at, touched_at, chunks, rows,"
    " answered, errors";

BulkInquiryRow InquiryFrom(const pqxx::row& row) {
  BulkInquiryRow inquiry;
  inquiry.id = UuidFromText<BulkId>(row[0].c_str());
  inquiry.header = {.facility_code = row[1].c_str(),
                    .request_id = UuidFromText<RequestId>(row[2].c_str()),
                    .header_digest = UuidFromText<PersonPseudonym>(row[3].c_str()),
                    .terminal_id = row[4].c_str(),
                    .user = row[5].c_str(),
                    .role = static_cast<Role>(row[6].as<int>()),
                    .day = DayFromText(row[7].c_str()),
                    .form_of_care = static_cast<FormOfCare>(row[8].as<int>())};
  inquiry.state = static_cast<BulkState>(row[9].as<int>());
  inquiry.reason = row[10].c_str();
  inquiry.began = InstantFromText(row[11].c_str());
  inquiry.touched = InstantFromText(row[12].c_str());
  inquiry.chunks = row[13].as<int64_t>();
  inquiry.rows = row[14].as<int64_t>();
  inquiry.answered = row[15].as<int64_t>();
  inquiry.errors = row[16].as<int64_t>();
  return inquiry;
}

// Pieces from the one on that holds the row behind `after`. All but the first of them begin at a
// row behind it.
absl::StatusOr<std::vector<BulkPiece>> PiecesOf(Transaction& tx, std::string_view table,
                                                const BulkId& id, int64_t after, int most_rows) {
  return RunStatements([&]() -> absl::StatusOr<std::vector<BulkPiece>> {
    std::vector<BulkPiece> pieces;
    for (const auto& row : PostgresTransaction::Work(tx).exec_params(
             fmt::format(
                 "SELECT first_row, rows, octets FROM kakunin.{0} WHERE bulk_id = $1::uuid"
                 " AND first_row + rows > $2 + 1 AND first_row >= coalesce((SELECT"
                 " max(first_row) FROM kakunin.{0} WHERE bulk_id = $1::uuid"
                 " AND first_row <= $2 + 1), 1) AND first_row <= $2 + $3"
                 " AND EXISTS (SELECT FROM kakunin.bulk_inquiry i WHERE i.bulk_id = $1::uuid"
                 "  AND i.state <> $4)"
                 " ORDER BY first_row",
                 table),
             UuidText(id), after, most_rows, static_cast<int>(BulkState::kDeleted))) {
      const pqxx::binarystring octets(row[2]);
      pieces.push_back({.first_row = row[0].as<int64_t>(),
                        .rows = row[1].as<int>(),
                        .octets = std::string(octets.get(), octets.get() + octets.size())});
    }
    return pieces;
  });
}

}  // namespace

absl::StatusOr<BulkStore::Begun> PostgresBulkStore::Begin(Transaction& tx, const BulkHeader& header,
                                                          const BulkId& id, absl::Time at) {
  return RunStatements([&]() -> absl::StatusOr<Begun> {
    pqxx::transaction_base& work = PostgresTransaction::Work(tx);
    const auto inserted = work.exec_params(
        "INSERT INTO kakunin.bulk_inquiry (bulk_id, facility_code, request_id, header_digest,"
        " terminal_id, facility_user, role, day, form_of_care, state, reason, began_at, touched_at,"
        " chunks, rows, answered, errors, not_found) VALUES ($1::uuid, $2, $3::uuid, $4::uuid, $5,"
        " $6, $7, $8::date, $9, $10, '', $11::timestamptz, $11::timestamptz, 0, 0, 0, 0, 0)"
        " ON CONFLICT (bulk_id) DO NOTHING",
        UuidText(id), header.facility_code, UuidText(header.request_id),
        UuidText(header.header_digest), header.terminal_id, header.user,
        static_cast<int>(header.role), DayText(header.day), static_cast<int>(header.form_of_care),
        static_cast<int>(BulkState::kReceiving), InstantText(at));
    const auto found = work.exec_params(
        fmt::format("SELECT {} FROM kakunin.bulk_inquiry WHERE bulk_id = $1::uuid FOR UPDATE",
                    kColumns),
        UuidText(id));
    return Begun{.inquiry = InquiryFrom(found.at(0)), .created = inserted.affected_rows() == 1};
  });
}

absl::StatusOr<BulkStore::Counts> PostgresBulkStore::CountOf(Transaction& tx,
                                                             std::string_view facility_code) {
  return RunStatements([&]() -> absl::StatusOr<Counts> {
    const auto found = PostgresTransaction::Work(tx).exec_params(
        "SELECT count(*) FILTER (WHERE state = $3), count(*) FILTER (WHERE state = $2), count(*),"
        " coalesce(sum(rows), 0)"
        " FROM kakunin.bulk_inquiry WHERE facility_code = $1 AND state <> $4",
        std::string(facility_code), static_cast<int>(BulkState::kReceiving),
        static_cast<int>(BulkState::kRunning), static_cast<int>(BulkState::kDeleted));
    return Counts{.open = found[0][0].as<int>(),
                  .half_sent = found[0][1].as<int>(),
                  .all = found[0][2].as<int>(),
                  .rows = found[0][3].as<int64_t>()};
  });
}

absl::StatusOr<std::optional<BulkInquiryRow>> PostgresBulkStore::Find(
    Transaction& tx, std::string_view facility_code, const BulkId& id, bool lock) {
  return RunStatements([&]() -> absl::StatusOr<std::optional<BulkInquiryRow>> {
    const auto found = PostgresTransaction::Work(tx).exec_params(
        fmt::format("SELECT {} FROM kakunin.bulk_inquiry WHERE bulk_id = $1::uuid"
                    " AND facility_code = $2 AND state <> $3{}",
                    kColumns, lock ? " FOR UPDATE" : ""),
        UuidText(id), std::string(facility_code), static_cast<int>(BulkState::kDeleted));
    if (found.empty()) return std::optional<BulkInquiryRow>();
    return std::optional<BulkInquiryRow>(InquiryFrom(found[0]));
  });
}

absl::Status PostgresBulkStore::Append(Transaction& tx, const BulkInquiryRow& inquiry,
                                       const BulkChunk& chunk, absl::Time at) {
  return RunStatements([&]() -> absl::Status {
    pqxx::transaction_base& work = PostgresTransaction::Work(tx);
    work.exec_params(
        "INSERT INTO kakunin.bulk_chunk (bulk_id, number, digest)"
        " VALUES ($1::uuid, $2, $3::uuid)",
        UuidText(inquiry.id), chunk.number, UuidText(chunk.digest));
    BinaryArray first;
    BinaryArray rows;
    BinaryArray octets;
    first.Begin(ElementType::kInt8, chunk.pieces.size());
    rows.Begin(ElementType::kInt4, chunk.pieces.size());
    octets.Begin(ElementType::kOctets, chunk.pieces.size());
    int64_t count = 0;
    for (const BulkPiece& piece : chunk.pieces) {
      first.Int8(piece.first_row);
      rows.Int4(piece.rows);
      octets.Octets(piece.octets);
      count += piece.rows;
    }
    ArrayParameters parameters;
    parameters.Add(BinaryScalar(inquiry.id));
    for (const BinaryArray* array : {&first, &rows, &octets}) parameters.Add(*array);
    parameters.Exec(work,
                    "INSERT INTO kakunin.bulk_rows (bulk_id, first_row, rows, octets)"
                    " SELECT $1::uuid, * FROM unnest($2::int8[], $3::int4[], $4::bytea[])");
    work.exec_params(
        "UPDATE kakunin.bulk_inquiry SET chunks = $2, rows = rows + $3,"
        " touched_at = $4::timestamptz WHERE bulk_id = $1::uuid",
        UuidText(inquiry.id), chunk.number, count, InstantText(at));
    return absl::OkStatus();
  });
}

absl::StatusOr<std::optional<PersonPseudonym>> PostgresBulkStore::DigestOf(Transaction& tx,
                                                                           const BulkId& id,
                                                                           int64_t chunk) {
  return RunStatements([&]() -> absl::StatusOr<std::optional<PersonPseudonym>> {
    const auto found = PostgresTransaction::Work(tx).exec_params(
        "SELECT digest::text FROM kakunin.bulk_chunk WHERE bulk_id = $1::uuid AND number = $2",
        UuidText(id), chunk);
    if (found.empty()) return std::optional<PersonPseudonym>();
    return std::optional(UuidFromText<PersonPseudonym>(found[0][0].c_str()));
  });
}

absl::Status PostgresBulkStore::SetState(Transaction& tx, const BulkId& id, BulkState state,
                                         std::string_view reason, absl::Time at) {
  return RunStatements([&]() -> absl::Status {
    PostgresTransaction::Work(tx).exec_params(
        "UPDATE kakunin.bulk_inquiry SET state = $2, reason = $3, touched_at = $4::timestamptz"
        " WHERE bulk_id = $1::uuid",
        UuidText(id), static_cast<int>(state), std::string(reason), InstantText(at));
    return absl::OkStatus();
  });
}

absl::StatusOr<std::vector<BulkPiece>> PostgresBulkStore::Rows(Transaction& tx, const BulkId& id,
                                                               int64_t after, int most_rows) {
  return PiecesOf(tx, "bulk_rows", id, after, most_rows);
}

absl::StatusOr<std::vector<BulkPiece>> PostgresBulkStore::Results(Transaction& tx, const BulkId& id,
                                                                  int64_t after, int most_rows) {
  return PiecesOf(tx, "bulk_results", id, after, most_rows);
}

absl::StatusOr<int64_t> PostgresBulkStore::DeleteExpired(Transaction& tx, absl::Time at) {
  return RunStatements([&]() -> absl::StatusOr<int64_t> {
    pqxx::transaction_base& work = PostgresTransaction::Work(tx);
    // From here on it is read no more, and nobody adds to it.
    const auto over = work.exec_params(
        fmt::format("UPDATE kakunin.bulk_inquiry SET state = $1 WHERE {0} AND bulk_id ="
                    " (SELECT bulk_id FROM kakunin.bulk_inquiry WHERE {0} LIMIT 1)",
                    "((state = $2 AND touched_at <= $3::timestamptz)"
                    " OR (state NOT IN ($1, $2, $4) AND touched_at <= $5::timestamptz))"),
        static_cast<int>(BulkState::kDeleted), static_cast<int>(BulkState::kReceiving),
        InstantText(at - kBulkReceivingLife), static_cast<int>(BulkState::kRunning),
        InstantText(at - kBulkResultsLife));
    if (over.affected_rows() > 0) return 1;
    const auto deleted = work.exec_params(
        "SELECT bulk_id::text FROM kakunin.bulk_inquiry WHERE state = $1"
        " AND touched_at <= $2::timestamptz LIMIT 1",
        static_cast<int>(BulkState::kDeleted), InstantText(at - kBulkCountedFor));
    if (deleted.empty()) return 0;
    const BulkId id = UuidFromText<BulkId>(deleted[0][0].c_str());
    const auto gone = work.exec_params1(kDropSomeBulkContent, UuidText(id));
    if (gone[0].as<int64_t>() > 0) return 1;
    // Another server may be removing the same pieces at this moment: the list goes when all have.
    return work
        .exec_params(
            "DELETE FROM kakunin.bulk_inquiry WHERE bulk_id = $1::uuid"
            " AND NOT EXISTS (SELECT FROM kakunin.bulk_rows WHERE bulk_id = $1::uuid)"
            " AND NOT EXISTS (SELECT FROM kakunin.bulk_chunk WHERE bulk_id = $1::uuid)"
            " AND NOT EXISTS (SELECT FROM kakunin.bulk_results WHERE bulk_id = $1::uuid)",
            UuidText(id))
        .affected_rows();
  });
}

}  // namespace kakunin
