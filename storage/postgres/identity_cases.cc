#include "storage/postgres/identity_cases.h"

#include <pqxx/result>

namespace kakunin {
namespace {

constexpr char kAnyInDoubt[] =
    "SELECT EXISTS (SELECT FROM publishing WHERE verdict = 'HIDDEN' AND identity_fields IS NOT "
    "NULL)";

constexpr char kAnyOpen[] =
    "SELECT EXISTS (SELECT FROM kakunin.identity_case WHERE insurer_number = {party}"
    " AND state = 1)";

// Step by step from the few in doubt, whatever the plans know of rows that were staged just now.
constexpr char kHideBeside[] = R"(
WITH doubted AS MATERIALIZED (
  SELECT DISTINCT r.number_hash, r.birth_date, r.name, r.name_kana FROM publishing p
  CROSS JOIN LATERAL ({staged_row}) r
  WHERE p.verdict = 'HIDDEN' AND p.identity_fields IS NOT NULL),
near AS MATERIALIZED (
  SELECT p.chunk_number, p.row_index FROM publishing p
  WHERE p.verdict IN ('NEW', 'CHANGED') AND p.number_hash IN (SELECT number_hash FROM doubted)),
beside AS MATERIALIZED (
  SELECT p.chunk_number, p.row_index FROM near p CROSS JOIN LATERAL ({staged_row}) r
  WHERE (r.number_hash, r.birth_date, r.name, r.name_kana) IN (SELECT * FROM doubted))
UPDATE publishing p SET verdict = 'HIDDEN', identity_fields = 0 FROM beside b
WHERE p.chunk_number = b.chunk_number AND p.row_index = b.row_index)";

constexpr char kClose[] = R"(
WITH ended AS (
  UPDATE kakunin.identity_case k
  SET state = 3, ended_at = {at}, ended_by_kind = 2, ended_by = {party}, decided_by = ''
  FROM publishing p
  WHERE k.insurer_number = {party} AND k.coverage_reference = p.reference AND k.state = 1
    AND (p.verdict IN ('NEW', 'CHANGED', 'LOST', 'UNCHANGED') OR p.verdict = 'HIDDEN'
      AND (p.identity_fields IS NULL OR k.identity_hash IS DISTINCT FROM p.identity_hash))
  RETURNING k.case_id)
UPDATE kakunin.identity_case_person c SET ended_at = {at} FROM ended e
WHERE c.case_id = e.case_id)";

constexpr char kOpen[] = R"(
WITH opened AS (
  INSERT INTO kakunin.identity_case
    (case_id, kind, reason, fields, insurer_number, coverage_reference, feed_id, chunk_number,
     row_index, identity_hash, opened_at, opened_by_kind, opened_by, state)
  SELECT gen_random_uuid(), 1, {doubt_reason}, identity_fields & 31, {party}, reference, {feed},
    chunk_number, row_index, identity_hash, {at}, 2, {party}, 1
  FROM publishing p
  WHERE verdict = 'HIDDEN' AND identity_fields IS NOT NULL AND NOT EXISTS
    (SELECT FROM kakunin.identity_case k
     WHERE k.insurer_number = {party} AND k.coverage_reference = p.reference AND k.state = 1
       AND k.identity_hash IS NOT DISTINCT FROM p.identity_hash)
  RETURNING case_id, chunk_number, row_index)
INSERT INTO kakunin.identity_case_person (person_id, case_id)
SELECT p.person_id, o.case_id FROM opened o
JOIN publishing p ON p.chunk_number = o.chunk_number AND p.row_index = o.row_index
WHERE p.person_id IS NOT NULL)";

constexpr char kCloseUndone[] = R"(
WITH ended AS (
  UPDATE kakunin.identity_case k
  SET state = 3, ended_at = {at}, ended_by_kind = 2, ended_by = {party}, decided_by = ''
  FROM undoing_hidden u
  WHERE k.insurer_number = {party} AND k.coverage_reference = u.reference AND k.state = 1
    AND NOT EXISTS (SELECT FROM kakunin.hidden_coverage h
      WHERE h.insurer_number = {party} AND h.coverage_reference = u.reference
        AND h.known_to IS NULL AND h.identity_fields IS NOT NULL
        AND h.identity_hash IS NOT DISTINCT FROM k.identity_hash)
  RETURNING k.case_id)
UPDATE kakunin.identity_case_person c SET ended_at = {at} FROM ended e
WHERE c.case_id = e.case_id)";

// What an undo brought back in doubt was in a case before.
constexpr char kOpenUndone[] = R"(
WITH again AS MATERIALIZED (
  SELECT gen_random_uuid() AS new_id, past.* FROM undoing_hidden u
  JOIN kakunin.hidden_coverage h ON h.insurer_number = {party}
    AND h.coverage_reference = u.reference AND h.known_from = {at} AND h.known_to IS NULL
    AND h.identity_fields IS NOT NULL
  CROSS JOIN LATERAL
    (SELECT * FROM kakunin.identity_case k
     WHERE k.insurer_number = {party} AND k.coverage_reference = u.reference
       AND k.identity_hash IS NOT DISTINCT FROM h.identity_hash
     ORDER BY k.opened_at DESC LIMIT 1) past
  WHERE past.state <> 1),
opened AS (
  INSERT INTO kakunin.identity_case
    (case_id, kind, reason, fields, insurer_number, coverage_reference, feed_id, chunk_number,
     row_index, identity_hash, opened_at, opened_by_kind, opened_by, state)
  SELECT new_id, kind, reason, fields, insurer_number, coverage_reference, feed_id, chunk_number,
    row_index, identity_hash, {at}, 2, {party}, 1 FROM again)
INSERT INTO kakunin.identity_case_person (person_id, case_id)
SELECT c.person_id, a.new_id FROM again a
JOIN kakunin.identity_case_person c ON c.case_id = a.case_id)";

bool IsTrue(const pqxx::result& rows) { return rows[0][0].as<bool>(); }

}  // namespace

void HideBeside(FeedPublish& publish) {
  if (IsTrue(publish.Exec(kAnyInDoubt))) publish.Exec(kHideBeside);
}

void SettleCases(FeedPublish& publish) {
  int64_t persons = 0;
  if (IsTrue(publish.Exec(kAnyOpen))) persons += publish.Exec(kClose).affected_rows();
  if (IsTrue(publish.Exec(kAnyInDoubt))) persons += publish.Exec(kOpen).affected_rows();
  if (persons > 0) CountChangedCases(publish.work());
}

void SettleUndoneCases(FeedPublish& publish) {
  int64_t persons = 0;
  for (const char* sql : {kCloseUndone, kOpenUndone}) persons += publish.Exec(sql).affected_rows();
  if (persons > 0) CountChangedCases(publish.work());
}

void CountChangedCases(pqxx::transaction_base& work) {
  work.exec("UPDATE kakunin.identity_case_generation SET generation = generation + 1");
}

}  // namespace kakunin
