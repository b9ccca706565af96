#include "storage/postgres/conflict_cases.h"

#include <pqxx/result>

#include "storage/postgres/identity_cases.h"

namespace kakunin {
namespace {

// Two kinds of one party may use the same reference.
constexpr char kFindOpen[] = R"(
CREATE TEMPORARY TABLE open_conflicts ON COMMIT DROP AS
SELECT k.case_id, k.coverage_reference, k.identity_hash FROM kakunin.identity_case k
JOIN kakunin.feed f ON f.insurer_number = k.insurer_number AND f.feed_id = k.feed_id
WHERE k.insurer_number = {party} AND k.state = 1 AND k.kind = {case_kind}
  AND k.reason = {case_reason} AND f.kind = {kind})";

constexpr char kClose[] = R"(
WITH ended AS (
  UPDATE kakunin.identity_case k
  SET state = 3, ended_at = {at}, ended_by_kind = {deliverer}, ended_by = {party}, decided_by = ''
  WHERE k.case_id IN
    (SELECT o.case_id FROM open_conflicts o JOIN publishing p ON p.reference = o.coverage_reference
     WHERE p.verdict IN ('NEW', 'CHANGED', 'LOST', 'UNCHANGED'))
  RETURNING k.case_id)
UPDATE kakunin.identity_case_person c SET ended_at = {at} FROM ended e
WHERE c.case_id = e.case_id)";

constexpr char kAny[] = "SELECT EXISTS (SELECT FROM publishing p WHERE {conflicts})";

// The claim stands for the number that a row gives a reference to; keyed, as the hash is.
constexpr char kFindOpening[] = R"(
CREATE TEMPORARY TABLE opening_conflicts ON COMMIT DROP AS
SELECT gen_random_uuid() AS case_id, p.* FROM
  (SELECT DISTINCT ON (p.reference, p.number_hash) p.*,
     substr(encode(p.number_hash, 'hex'), 1, 32)::uuid AS claim
   FROM publishing p WHERE {conflicts}
   ORDER BY p.reference, p.number_hash, p.chunk_number, p.row_index) p
WHERE NOT EXISTS (SELECT FROM open_conflicts o
  WHERE o.coverage_reference = p.reference AND o.identity_hash = p.claim))";

constexpr char kOpen[] = R"(
INSERT INTO kakunin.identity_case
  (case_id, kind, reason, fields, insurer_number, coverage_reference, feed_id, chunk_number,
   row_index, identity_hash, opened_at, opened_by_kind, opened_by, state)
SELECT case_id, {case_kind}, {case_reason}, 0, {party}, reference, {feed}, chunk_number, row_index,
  claim, {at}, {deliverer}, {party}, 1
FROM opening_conflicts)";

constexpr char kOpenPersons[] = R"(
INSERT INTO kakunin.identity_case_person (person_id, case_id)
SELECT DISTINCT w.person_id, p.case_id FROM opening_conflicts p
CROSS JOIN LATERAL (VALUES {case_persons}) w (person_id)
WHERE w.person_id IS NOT NULL)";

// A case stays when a later delivery that stands has told the same: that one has a finding of the
// row, and opened no case since there was this one.
constexpr char kCloseUndone[] = R"(
WITH ended AS (
  UPDATE kakunin.identity_case k
  SET state = 3, ended_at = {at}, ended_by_kind = {deliverer}, ended_by = {party}, decided_by = ''
  WHERE k.insurer_number = {party} AND k.feed_id = {feed} AND k.kind = {case_kind}
    AND k.reason = {case_reason} AND k.state = 1
    AND NOT EXISTS
      (SELECT FROM kakunin.feed f JOIN kakunin.feed_finding g ON g.feed_id = f.feed_id
       WHERE f.insurer_number = {party} AND f.kind = {kind} AND f.state = {published}
         AND f.published_at > {published_at} AND g.coverage_reference = k.coverage_reference
         AND g.reason IN ('PERSON_CONFLICT', 'DUPLICATE_REFERENCE') AND NOT EXISTS
           (SELECT FROM kakunin.identity_case own
            WHERE own.insurer_number = {party} AND own.feed_id = f.feed_id
              AND own.coverage_reference = k.coverage_reference))
  RETURNING k.case_id)
UPDATE kakunin.identity_case_person c SET ended_at = {at} FROM ended e
WHERE c.case_id = e.case_id)";

// What the delivery had ended at its instant is in question again, while the one that told it
// stands and nobody has told it anew.
constexpr char kReopen[] = R"(
WITH again AS MATERIALIZED (
  SELECT gen_random_uuid() AS new_id, k.* FROM kakunin.identity_case k
  JOIN kakunin.feed f ON f.insurer_number = k.insurer_number AND f.feed_id = k.feed_id
  WHERE k.insurer_number = {party} AND k.state = 3 AND k.ended_at = {published_at}
    AND k.kind = {case_kind} AND k.reason = {case_reason}
    AND f.kind = {kind} AND f.state = {published} AND f.feed_id <> {feed}
    AND NOT EXISTS (SELECT FROM kakunin.identity_case o
      WHERE o.insurer_number = {party} AND o.coverage_reference = k.coverage_reference
        AND o.kind = k.kind AND o.reason = k.reason AND o.state = 1
        AND o.identity_hash IS NOT DISTINCT FROM k.identity_hash)),
opened AS (
  INSERT INTO kakunin.identity_case
    (case_id, kind, reason, fields, insurer_number, coverage_reference, feed_id, chunk_number,
     row_index, identity_hash, opened_at, opened_by_kind, opened_by, state)
  SELECT new_id, kind, reason, fields, insurer_number, coverage_reference, feed_id, chunk_number,
    row_index, identity_hash, {at}, {deliverer}, {party}, 1 FROM again)
INSERT INTO kakunin.identity_case_person (person_id, case_id)
SELECT p, a.new_id FROM again a CROSS JOIN LATERAL kakunin.persons_of_case_now(a.case_id) AS p)";

}  // namespace

void SettleConflicts(FeedPublish& publish, bool touches) {
  int64_t persons = 0;
  if (publish.Exec(kFindOpen).affected_rows() > 0) {
    persons += publish.Exec(kClose).affected_rows();
  }
  if (touches && publish.Exec(kAny)[0][0].as<bool>() &&
      publish.Exec(kFindOpening).affected_rows() > 0) {
    publish.Exec(kOpen);
    persons += publish.Exec(kOpenPersons).affected_rows();
  }
  if (persons > 0) CountChangedCases(publish.work());
}

void SettleUndoneConflicts(FeedPublish& publish) {
  int64_t persons = 0;
  for (const char* sql : {kCloseUndone, kReopen}) persons += publish.Exec(sql).affected_rows();
  if (persons > 0) CountChangedCases(publish.work());
}

}  // namespace kakunin
