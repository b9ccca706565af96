#pragma once

#include <span>

#include "domain/audit_record.h"
#include "storage/postgres/binary_array.h"
#include "storage/postgres/lane_connection.h"

namespace kakunin {

// kInsertAudit inserts a batch's audit rows. $1 is the stream and $2 the key id of all of them;
// from $3 on kAuditArrays arrays follow, as FillAuditColumns makes them. What another INSERT of the
// same statement needs comes after: $24 is the first free parameter.
//
// The arrays are unnested side by side in the SELECT list: unnest() of several arrays in FROM would
// copy each of them into a store of its own first.
inline constexpr char kInsertAudit[] =
    "INSERT INTO audit_event (stream, key_id, number, at, operation, actor_kind, actor,"
    " facility_user, role, role_evidence, form_of_care, situation, code, reason, validity, person,"
    " asked_day, details, request_id, request_digest, answer_digest, previous_hash, hash) "
    "SELECT $1::uuid, $2::text, unnest($3::int8[]), unnest($4::timestamptz[]), "
    "unnest($5::int2[]), unnest($6::int2[]), unnest($7::text[]), unnest($8::text[]), "
    "unnest($9::int2[]), unnest($10::int2[]), unnest($11::int2[]), unnest($12::int2[]), "
    "unnest($13::int2[]), unnest($14::text[]), unnest($15::int2[]), unnest($16::uuid[]), "
    "unnest($17::date[]), unnest($18::text[]), unnest($19::uuid[]), unnest($20::uuid[]), "
    "unnest($21::uuid[]), unnest($22::bytea[]), unnest($23::bytea[])";

// kAuditRowExists asks for the row ($1 stream, $2 number). The message is a record of its own in
// the write-ahead log, so that this commit, and with it everything that was seen, has reached the
// standbys before it is believed.
inline constexpr char kAuditRowExists[] =
    "SELECT audit_row_exists($1::uuid, $2::int8),"
    " pg_logical_emit_message(true, 'kakunin', '')";

inline constexpr size_t kAuditArrays = 21;

// Column fills one array with a field of every row and moves on to the next array.
template <class Row, class Append>
void Column(BinaryArray*& next, ElementType type, std::span<const Row> rows, Append append) {
  next->Begin(type, rows.size());
  for (const Row& row : rows) append(*next, row);
  ++next;
}

// FillAuditColumns fills kAuditArrays arrays from `first` on, and returns the one behind them.
BinaryArray* FillAuditColumns(BinaryArray* first, std::span<const AuditRecord> audit);

// LaneAuditRowExists runs kAuditRowExists, prepared as `statement`. kUnknownOutcome while the
// process that was to write the row may still commit: "not there" means nothing then.
absl::StatusOr<bool> LaneAuditRowExists(LaneConnection& connection, const LaneStatement& statement,
                                        const AuditId& id, MonotonicTime deadline);

}  // namespace kakunin
