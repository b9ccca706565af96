#include "storage/postgres/record_statements.h"

#include <array>
#include <string>

#include "domain/home_relation.h"
#include "storage/postgres/audit_columns.h"
#include "storage/postgres/lane_truth.h"
#include "storage/postgres/stored_certificate.h"
#include "storage/record_store.h"

namespace kakunin {
namespace {

static_assert(kMostRecordOctets == 1048576, "kReadSql says it, too");

// One statement reads everything that decides and everything that is shown: a second one would see
// another instant. Columns as RecordTag says. Of a certificate whose link is gone, since the
// delivery that made it was undone, no list can tell anything of a person: a consent given with it
// has no partition, so that it is untraceable and counts no more.
constexpr char kReadSql[] =
    "WITH asked AS MATERIALIZED ("
    " SELECT unnest($1::uuid[]) AS person, unnest($2::uuid[]) AS key, unnest($3::text[]) AS "
    "facility,"
    "  unnest($4::int2[]) AS form, unnest($5::date[]) AS booking,"
    "  unnest($6::timestamptz[]) AS acts_from, unnest($7::int2[]) AS first_kind,"
    "  unnest($8::int2[]) AS last_kind, unnest($9::date[]) AS from_month,"
    "  unnest($10::date[]) AS through_month, unnest($11::bool[]) AS answer,"
    "  unnest($12::int2[]) AS through_kind, unnest($13::bool[]) AS without_consent,"
    "  generate_subscripts($1::uuid[], 1)::int8 AS o),"
    " who AS MATERIALIZED ("
    " SELECT a.*, a.person AS person_id FROM asked a WHERE a.person IS NOT NULL"
    " UNION ALL"
    " SELECT a.*, l.person_id FROM asked a JOIN insured_lookup l ON l.key_hash = a.key),"
    // Records are read only of those who agreed to something here, or by a view of abnormal times:
    // whoever is refused costs the same whether there is anything to see or not.
    " open AS MATERIALIZED ("
    " SELECT w.* FROM who w WHERE w.without_consent OR EXISTS (SELECT FROM consent_act c"
    "  WHERE c.person_id = w.person_id AND c.begin_at >= w.acts_from"
    "  AND c.facility_code = w.facility AND c.form_of_care = w.form AND c.agreed <> 0)) "
    "SELECT w.o, 1::int2, w.person_id, NULL::timestamptz, NULL::timestamptz, NULL::date,"
    "  coalesce(p.hide_address, false)::int4::int2,"
    "  coalesce(p.hide_facility_names, false)::int4::int2,"
    "  (EXISTS (SELECT FROM identity_case_person q WHERE q.person_id = w.person_id"
    "    AND q.ended_at IS NULL))::int4::int2, NULL::bytea, NULL::bytea,"
    "  (SELECT count(*) FROM consent_end e WHERE e.person_id = w.person_id),"
    "  NULL::timestamptz, NULL::int2, NULL::int2"
    " FROM who w LEFT JOIN person_protection p ON p.person_id = w.person_id "
    "UNION ALL "
    "SELECT w.o, 2::int2, w.person_id, c.begin_at, c.end_at, c.appointment_day, c.agreed,"
    "  c.declined, c.method, c.issuer_key_id, c.serial,"
    "  CASE WHEN k.serial IS NOT NULL THEN c.crl_partition END, c.certificate_not_after,"
    "  " KAKUNIN_STORED_CERTIFICATE
    ", c.form_of_care"
    " FROM who w JOIN consent_act c ON c.person_id = w.person_id AND c.begin_at >= w.acts_from"
    "  AND c.facility_code = w.facility AND c.form_of_care = w.form"
    "  AND (w.booking IS NULL OR c.appointment_day = w.booking)"
    " LEFT JOIN card_link k ON k.issuer_key_id = c.issuer_key_id AND k.serial = c.serial"
    " " KAKUNIN_JOIN_FORGOTTEN_REVOCATION
    " "
    "UNION ALL "
    "SELECT w.o, 3::int2, w.person_id, e.at, NULL, e.appointment_day, e.kinds, e.reason, NULL,"
    "  NULL, NULL, NULL, NULL, NULL, e.form_of_care"
    " FROM who w JOIN consent_end e ON e.person_id = w.person_id AND e.at >= w.acts_from"
    "  AND e.facility_code = w.facility AND e.form_of_care = w.form "
    "UNION ALL "
    "SELECT w.o, 4::int2, w.person_id, m.arrived_at, NULL, m.month, m.kind, m.format, NULL, NULL,"
    "  m.octets, NULL, NULL, NULL, NULL"
    " FROM open w JOIN month_record m ON m.person_id = w.person_id"
    "  AND m.kind BETWEEN w.first_kind AND w.last_kind"
    "  AND m.month BETWEEN w.from_month AND w.through_month WHERE w.through_kind = 0 "
    "UNION ALL "
    // Later pages of what did not fit one. Adding up costs a quarter of the whole statement: a
    // first page, which holds everything but for very few, reads without.
    "SELECT w.o, 4::int2, w.person_id, m.arrived_at, NULL, m.month, m.kind, m.format, NULL, NULL,"
    "  m.octets, NULL, NULL, NULL, NULL"
    " FROM open w CROSS JOIN LATERAL (SELECT r.*, sum(octet_length(r.octets))"
    "   OVER (ORDER BY r.month DESC, r.kind ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"
    "   AS octets_before FROM month_record r WHERE r.person_id = w.person_id"
    "   AND r.kind BETWEEN w.first_kind AND w.last_kind"
    "   AND r.month BETWEEN w.from_month AND w.through_month"
    "   AND (r.month < w.through_month OR r.kind >= w.through_kind)) m"
    " WHERE w.through_kind > 0 AND (m.octets_before IS NULL OR m.octets_before <= 1048576) "
    "UNION ALL "
    "SELECT w.o, 5::int2, w.person_id, NULL, NULL, NULL, NULL, r.format::int2, NULL, NULL,"
    "  r.octets, NULL, NULL, NULL, NULL"
    " FROM open w JOIN answer r ON r.person_id = w.person_id WHERE w.answer "
    "UNION ALL "
    "SELECT w.o, 6::int2, w.person_id, v.known_from, NULL, v.qualification_date, NULL, NULL, NULL,"
    "  NULL, uuid_send(v.key_without_branch), NULL, NULL, NULL, NULL"
    " FROM open w JOIN coverage v ON v.person_id = w.person_id AND v.known_to IS NULL AND v.visible"
    " WHERE w.answer";

constexpr char kReadConsentsSql[] =
    "WITH asked AS MATERIALIZED ("
    " SELECT unnest($1::uuid[]) AS person, unnest($2::uuid[]) AS key, unnest($3::text[]) AS "
    "facility, generate_subscripts($1::uuid[], 1)::int8 AS o),"
    " who AS MATERIALIZED ("
    " SELECT a.o, a.facility, a.person AS person_id FROM asked a WHERE a.person IS NOT NULL"
    " UNION ALL"
    " SELECT a.o, a.facility, l.person_id FROM asked a"
    " JOIN insured_lookup l ON l.key_hash = a.key) "
    "SELECT w.o, 1::int2, w.person_id, NULL::timestamptz, NULL::timestamptz, NULL::date, 0::int2,"
    "  0::int2, (EXISTS (SELECT FROM identity_case_person q WHERE q.person_id = w.person_id"
    "    AND q.ended_at IS NULL))::int4::int2, NULL::bytea, NULL::bytea,"
    "  (SELECT count(*) FROM consent_end e WHERE e.person_id = w.person_id),"
    "  NULL::timestamptz, NULL::int2, NULL::int2"
    " FROM who w "
    "UNION ALL "
    "SELECT w.o, 2::int2, w.person_id, c.begin_at, c.end_at, c.appointment_day, c.agreed,"
    "  c.declined, c.method, c.issuer_key_id, c.serial,"
    "  CASE WHEN k.serial IS NOT NULL THEN c.crl_partition END, c.certificate_not_after,"
    "  " KAKUNIN_STORED_CERTIFICATE
    ", c.form_of_care"
    " FROM who w JOIN consent_act c ON c.person_id = w.person_id AND c.facility_code = w.facility"
    " LEFT JOIN card_link k ON k.issuer_key_id = c.issuer_key_id AND k.serial = c.serial"
    " " KAKUNIN_JOIN_FORGOTTEN_REVOCATION
    " "
    "UNION ALL "
    "SELECT w.o, 3::int2, w.person_id, e.at, NULL, e.appointment_day, e.kinds, e.reason, NULL,"
    "  uuid_send(e.request_id), uuid_send(e.request_digest), NULL, NULL, NULL, e.form_of_care"
    " FROM who w JOIN consent_end e ON e.person_id = w.person_id AND e.facility_code = w.facility";

static_assert(kEndsNoRelation == 64, "kReadEndsSql says it, too");

// $4 to $6: behind which row, since several may end at one instant. $7: 0 is every form of care.
constexpr char kReadEndsSql[] =
    "SELECT person_id, at, stream, number, form_of_care, appointment_day, kinds, reason"
    " FROM consent_end WHERE facility_code = $1::text AND at >= $2::timestamptz"
    " AND at < $3::timestamptz AND (at, stream, number) > ($4::timestamptz, $5::uuid, $6::int8)"
    " AND kinds NOT IN (0, 64) AND ($7::int8 = 0 OR form_of_care = $7::int8)"
    " ORDER BY at, stream, number LIMIT $8::int8";

constexpr char kReadDecisionSql[] =
    "SELECT at, operation, role, form_of_care, reason, details, person_id"
    " FROM facility_decision($1::text, $2::uuid, $3::int8)";

// The INSERT that follows reads from it, so that it has run before a row of this statement can be
// in the way of its count.
constexpr char kHold[] =
    "WITH held AS MATERIALIZED ("
    " SELECT hold_consents($33::uuid[], $34::int8[], $35::bool[]) AS ok), ";

constexpr char kInsertAccesses[] =
    "INSERT INTO record_access (stream, person_id, at, number, facility_code, facility_user,"
    " operation, reason, own_act, view_id) "
    "SELECT $1::uuid, unnest($24::uuid[]), unnest($25::timestamptz[]), unnest($26::int8[]), "
    "unnest($27::text[]), unnest($28::text[]), unnest($29::int2[]), unnest($30::text[]), "
    "unnest($31::bool[]), unnest($32::uuid[])";

constexpr char kInsertEnds[] =
    "INSERT INTO consent_end (stream, person_id, at, number, facility_code, form_of_care,"
    " appointment_day, kinds, reason, request_id, request_digest) "
    "SELECT $1::uuid, unnest($36::uuid[]), unnest($37::timestamptz[]), unnest($38::int8[]), "
    "unnest($39::text[]), unnest($40::int2[]), unnest($41::date[]), unnest($42::int2[]), "
    "unnest($43::int2[]), unnest($44::uuid[]), unnest($45::uuid[])";

struct Sql {
  std::string accessed = "WITH audited AS (" + std::string(kInsertAudit) + ") " + kInsertAccesses;
  std::string held = kHold + ("audited AS (" + std::string(kInsertAudit)) + ") " + kInsertAccesses +
                     " FROM held WHERE held.ok";
  std::string ended = kHold + ("audited AS (" + std::string(kInsertAudit)) + "), accessed AS (" +
                      kInsertAccesses + ") " + kInsertEnds + " FROM held WHERE held.ok";
};

}  // namespace

std::span<const LaneStatement> RecordStatements() {
  static const Sql sql;
  static const std::array<LaneStatement, kRecordStatements> statements = {{
      {"record_read", kReadSql, false},
      {"record_truth", ReadTruthSql().c_str(), false},
      {"record_receipts", ReadReceiptsSql().c_str(), false},
      {"record_health_checks", ReadHealthChecksSql().c_str(), false},
      {"record_consents", kReadConsentsSql, false},
      {"record_ends", kReadEndsSql, false},
      {"record_decision", kReadDecisionSql, false},
      {"record_audit", kInsertAudit, true},
      {"record_accessed", sql.accessed.c_str(), true},
      {"record_held", sql.held.c_str(), true},
      {"record_ended", sql.ended.c_str(), true},
      {"record_exists", kAuditRowExists, true},
  }};
  return statements;
}

}  // namespace kakunin
