#include "storage/postgres/identity_cases.h"

#include <pqxx/result>

namespace kakunin {
namespace {

constexpr char kAnyInDoubt[] =
    "SELECT EXISTS (SELECT FROM publishing WHERE verdict = 'HIDDEN' AND identity_fields IS NOT "
    "NULL)";

// Steps with statistics of their own: a plan that takes thousands in doubt for one compares each
// with every row of the feed.
constexpr const char* kHideBeside[] = {
    R"(
CREATE TEMPORARY TABLE doubted ON COMMIT DROP AS
SELECT DISTINCT r.number_hash, r.birth_date, r.name, r.name_kana FROM publishing p
CROSS JOIN LATERAL ({staged_row}) r
WHERE p.verdict = 'HIDDEN' AND p.identity_fields IS NOT NULL)",
    "ANALYZE doubted", R"(
CREATE TEMPORARY TABLE beside ON COMMIT DROP AS
SELECT r.chunk_number, r.row_index, r.identity_fields FROM {staging} r
WHERE r.feed_id = {feed} AND r.identity_fields >= 64
  AND (r.number_hash, r.birth_date, r.name, r.name_kana) IN (SELECT * FROM doubted))",
    "ANALYZE beside",
    R"(
UPDATE publishing p SET verdict = 'HIDDEN', identity_fields = b.identity_fields FROM beside b
WHERE p.chunk_number = b.chunk_number AND p.row_index = b.row_index
  AND p.verdict IN ('NEW', 'CHANGED'))"};

constexpr char kFindOpen[] = R"(
CREATE TEMPORARY TABLE open_cases ON COMMIT DROP AS
SELECT case_id, coverage_reference, identity_hash FROM kakunin.identity_case
WHERE insurer_number = {party} AND state = 1 AND reason <> {case_reason})";

constexpr char kClose[] = R"(
WITH ended AS (
  UPDATE kakunin.identity_case k
  SET state = 3, ended_at = {at}, ended_by_kind = 2, ended_by = {party}, decided_by = ''
  WHERE k.case_id IN
    (SELECT o.case_id FROM open_cases o JOIN publishing p ON p.reference = o.coverage_reference
     WHERE p.verdict IN ('NEW', 'CHANGED', 'LOST', 'UNCHANGED') OR p.verdict = 'HIDDEN'
       AND (p.identity_fields IS NULL OR o.identity_hash IS DISTINCT FROM p.identity_hash))
  RETURNING k.case_id)
UPDATE kakunin.identity_case_person c SET ended_at = {at} FROM ended e
WHERE c.case_id = e.case_id)";

constexpr char kFindOpening[] = R"(
CREATE TEMPORARY TABLE opening ON COMMIT DROP AS
SELECT gen_random_uuid() AS case_id, {doubt_reason} AS reason, p.identity_fields, p.reference,
  p.chunk_number, p.row_index, p.identity_hash, p.person_id
FROM publishing p
WHERE p.verdict = 'HIDDEN' AND p.identity_fields IS NOT NULL AND NOT EXISTS
  (SELECT FROM open_cases o WHERE o.coverage_reference = p.reference
     AND o.identity_hash IS NOT DISTINCT FROM p.identity_hash))";

constexpr char kOpen[] = R"(
INSERT INTO kakunin.identity_case
  (case_id, kind, reason, fields, insurer_number, coverage_reference, feed_id, chunk_number,
   row_index, identity_hash, opened_at, opened_by_kind, opened_by, state)
SELECT case_id, 1, reason, identity_fields & 31, {party}, reference, {feed}, chunk_number, row_index,
  identity_hash, {at}, 2, {party}, 1
FROM opening)";

constexpr char kOpenPersons[] = R"(
INSERT INTO kakunin.identity_case_person (person_id, case_id)
SELECT person_id, case_id FROM opening WHERE person_id IS NOT NULL)";

constexpr char kCloseUndone[] = R"(
WITH ended AS (
  UPDATE kakunin.identity_case k
  SET state = 3, ended_at = {at}, ended_by_kind = 2, ended_by = {party}, decided_by = ''
  FROM undoing_hidden u
  WHERE k.insurer_number = {party} AND k.coverage_reference = u.reference AND k.state = 1
    AND k.reason <> {case_reason}
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
SELECT p, a.new_id FROM again a CROSS JOIN LATERAL kakunin.persons_of_case_now(a.case_id) AS p)";

bool IsTrue(const pqxx::result& rows) { return rows[0][0].as<bool>(); }

}  // namespace

void HideBeside(FeedPublish& publish) {
  if (!IsTrue(publish.Exec(kAnyInDoubt))) return;
  for (const char* sql : kHideBeside) publish.Exec(sql);
}

void SettleCases(FeedPublish& publish) {
  const auto open = publish.Exec(kFindOpen).affected_rows();
  publish.Exec("ANALYZE open_cases");
  int64_t persons = 0;
  if (open > 0) persons += publish.Exec(kClose).affected_rows();
  if (IsTrue(publish.Exec(kAnyInDoubt))) {
    publish.Exec(kFindOpening);
    publish.Exec(kOpen);
    persons += publish.Exec(kOpenPersons).affected_rows();
  }
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
