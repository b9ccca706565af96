#include "storage/postgres/confirmation_statements.h"

#include <array>
#include <string>

#include "storage/postgres/audit_columns.h"
#include "storage/postgres/lane_challenges.h"
#include "storage/postgres/lane_relations.h"
#include "storage/postgres/lane_truth.h"
#include "storage/postgres/remembered_facilities.h"
#include "storage/postgres/remembered_persons.h"

namespace kakunin {
namespace {

// Rows come as one array a column, what is the same in all rows as one value (audit_columns.h).
#define INSERT_CONFIRMATIONS                                                               \
  "INSERT INTO confirmation (stream, person_id, at, number, facility_code, day, validity," \
  " answer_digest, asked_key, opened, own_act) "                                           \
  "SELECT $1::uuid, unnest($24::uuid[]), unnest($25::timestamptz[]), "                     \
  "unnest($26::int8[]), unnest($27::text[]), unnest($28::date[]), "                        \
  "unnest($29::int2[]), unnest($30::uuid[]), unnest($31::uuid[]), unnest($32::int2[]), "   \
  "unnest($33::bool[])"
#define INSERT_CONSENTS                                                                        \
  "INSERT INTO consent_act (stream, person_id, begin_at, number, facility_code, form_of_care," \
  " appointment_day, agreed, declined, method, end_at, issuer_key_id, serial, crl_partition,"  \
  " certificate_not_after, link_id) "                                                          \
  "SELECT $1::uuid, unnest($34::uuid[]), unnest($35::timestamptz[]), unnest($36::int8[]), "    \
  "unnest($37::text[]), unnest($38::int2[]), unnest($39::date[]), unnest($40::int2[]), "       \
  "unnest($41::int2[]), unnest($42::int2[]), unnest($43::timestamptz[]), "                     \
  "unnest($44::bytea[]), unnest($45::bytea[]), unnest($46::int8[]), "                          \
  "unnest($47::timestamptz[]), unnest($48::uuid[])"
// The parameters follow what else the statement writes.
#define INSERT_NO_MATCHES(insurers, keys, instants, numbers, facilities, days)                  \
  "INSERT INTO no_match_inquiry (stream, insurer_number, key_hash, at, number, facility_code, " \
  "day) "                                                                                       \
  "SELECT $1::uuid, unnest(" insurers "::text[]), unnest(" keys "::uuid[]), unnest(" instants   \
  "::timestamptz[]), unnest(" numbers "::int8[]), unnest(" facilities "::text[]), unnest(" days \
  "::date[])"
// As for records (record_statements.cc): the INSERT that reads from it runs after it.
#define HOLD                                                                                   \
  "WITH held AS MATERIALIZED (SELECT hold_consents($49::uuid[], $50::int8[], $51::bool[]) AS " \
  "ok), "

// The last columns let the lane know that its memories of persons and facilities are current; they
// are read once a batch.
#define GENERATIONS                                                          \
  "(SELECT generation FROM protection_generation), (SELECT generation FROM " \
  "identity_case_generation), (SELECT generation FROM reference_number_generation)"
#define READ_KEYS                                                                              \
  "SELECT k.o::int8, NULL::boolean, l.person_id, a.format, a.octets, NULL::int2, " GENERATIONS \
  " FROM (SELECT unnest($1::uuid[]) AS hash,"                                                  \
  "   generate_subscripts($1::uuid[], 1) AS o) k"                                              \
  " JOIN insured_lookup l ON l.key_hash = k.hash"                                              \
  " LEFT JOIN answer a ON a.person_id = l.person_id"
#define READ_PERSONS                                                                           \
  "SELECT p.o::int8, NULL::boolean, p.person_id, a.format, a.octets, NULL::int2, " GENERATIONS \
  " FROM (SELECT unnest($1::uuid[]) AS person_id,"                                             \
  "   generate_subscripts($1::uuid[], 1) AS o) p"                                              \
  " LEFT JOIN answer a ON a.person_id = p.person_id"
#define READ_CARDS(issuers, serials)                                                      \
  "SELECT c.o::int8, l.superseded_at IS NOT NULL, l.person_id, a.format, a.octets, "      \
  "l.medium, " GENERATIONS " FROM (SELECT unnest(" issuers ") AS issuer, unnest(" serials \
  ") AS serial,"                                                                          \
  "   generate_subscripts(" issuers                                                       \
  ", 1) AS o) c"                                                                          \
  " JOIN card_link l ON l.issuer_key_id = c.issuer AND l.serial = c.serial"               \
  " LEFT JOIN answer a ON a.person_id = l.person_id"

constexpr char kReadNumbersSql[] =
    "SELECT q.o::int8, r.number FROM (SELECT unnest($1::uuid[]) AS person_id,"
    "   unnest($2::text[]) AS facility_code, generate_subscripts($1::uuid[], 1) AS o) q"
    " JOIN reference_number r ON r.person_id = q.person_id AND r.facility_code = q.facility_code"
    " ORDER BY q.o, r.created_at, r.number";

// Sql holds the statements that are put together, for as long as the process runs.
struct Sql {
  std::string issue = "WITH audited AS (" + std::string(kInsertAudit) +
                      ") INSERT INTO challenge (challenge_id, facility_code, terminal_id, purpose,"
                      " form_of_care, expires_at) "
                      "SELECT unnest($24::uuid[]), unnest($25::text[]), unnest($26::text[]), "
                      "unnest($27::int2[]), unnest($28::int2[]), unnest($29::timestamptz[])";
  std::string confirm = "WITH audited AS (" + std::string(kInsertAudit) + ") " INSERT_CONFIRMATIONS;
  std::string consent = "WITH audited AS (" + std::string(kInsertAudit) +
                        "), confirmed AS (" INSERT_CONFIRMATIONS ") " INSERT_CONSENTS;
  std::string held = HOLD "audited AS (" + std::string(kInsertAudit) +
                     "), confirmed AS (" INSERT_CONFIRMATIONS
                     " FROM held WHERE held.ok) " INSERT_CONSENTS;
  std::string no_match = "WITH audited AS (" + std::string(kInsertAudit) +
                         "), confirmed AS (" INSERT_CONFIRMATIONS
                         ") " INSERT_NO_MATCHES("$34", "$35", "$36", "$37", "$38", "$39");
  std::string held_no_match = HOLD "audited AS (" + std::string(kInsertAudit) +
                              "), confirmed AS (" INSERT_CONFIRMATIONS
                              " FROM held WHERE held.ok), consented AS (" INSERT_CONSENTS
                              ") " INSERT_NO_MATCHES("$52", "$53", "$54", "$55", "$56", "$57");
};

}  // namespace

// Which of the writes is used depends on what a batch holds: a table that takes no row need not be
// opened. Only a batch with a question that nobody matched uses one of the last two.
std::span<const LaneStatement> ConfirmationStatements() {
  static const Sql sql;
  static const std::array<LaneStatement, kStatements> statements = {{
      {"issue", sql.issue.c_str(), true},
      {"consume", kConsumeChallenges, true},
      {"consumed", kConsumedChallenges, false},
      // Rows of keys have no `superseded`, rows of cards have one.
      {"read_keys", READ_KEYS, false},
      {"read_cards", READ_CARDS("$1::bytea[]", "$2::bytea[]"), false},
      {"read_both", READ_KEYS " UNION ALL " READ_CARDS("$2::bytea[]", "$3::bytea[]"), false},
      {"read_persons", READ_PERSONS, false},
      {"read_relations", kReadRelationsSql, false},
      {"read_protected", kReadProtectedSql, false},
      {"read_in_cases", kReadInCasesSql, false},
      {"find_in_cases", kFindInCasesSql, false},
      {"read_facilities", kReadFacilitiesSql, false},
      {"read_numbers", kReadNumbersSql, false},
      {"read_truth", ReadTruthSql().c_str(), false},
      {"audit", kInsertAudit, true},
      {"confirm", sql.confirm.c_str(), true},
      {"consent", sql.consent.c_str(), true},
      {"held", sql.held.c_str(), true},
      {"no_match", sql.no_match.c_str(), true},
      {"held_no_match", sql.held_no_match.c_str(), true},
      {"audit_row_exists", kAuditRowExists, true},
  }};
  return statements;
}

#undef INSERT_CONFIRMATIONS
#undef INSERT_CONSENTS
#undef INSERT_NO_MATCHES
#undef HOLD
#undef GENERATIONS
#undef READ_KEYS
#undef READ_PERSONS
#undef READ_CARDS

}  // namespace kakunin
