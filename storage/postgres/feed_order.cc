#include "storage/postgres/feed_order.h"

#include <pqxx/result>

namespace kakunin {
namespace {

constexpr char kAnyLater[] = R"(
SELECT EXISTS (SELECT FROM kakunin.feed f
  WHERE f.insurer_number = {party} AND f.kind = {kind} AND f.feed_number > {own_number}
    AND f.state = {published}))";

// What was refused names the row, which need not be what the truth knows it by.
constexpr char kFind[] = R"(
CREATE TEMPORARY TABLE told_later ON COMMIT DROP AS
WITH later AS MATERIALIZED (
  SELECT f.feed_id, f.published_at FROM kakunin.feed f
  WHERE f.insurer_number = {party} AND f.kind = {kind} AND f.feed_number > {own_number}
    AND f.state = {published}),
told (reference) AS (
  {told_in_truth}
  UNION ALL
  SELECT t.reference FROM later f JOIN kakunin.feed_unchanged u ON u.feed_id = f.feed_id
  CROSS JOIN LATERAL unnest(u.row_references) t (reference))
SELECT DISTINCT reference, false AS in_doubt FROM told
UNION ALL
SELECT DISTINCT g.coverage_reference, true FROM later f
JOIN kakunin.feed_finding g ON g.feed_id = f.feed_id
WHERE g.reason IN ('PERSON_CONFLICT', 'DUPLICATE_REFERENCE'))";

// Two joins: of "in these or in those" PostgreSQL makes a walk through all of them for each row
// once they outgrow its memory.
constexpr char kRefuseTold[] = R"(
UPDATE publishing p SET verdict = 'ROW_OUTDATED' FROM told_later t
WHERE NOT t.in_doubt AND p.{told_by} = t.reference)";

constexpr char kRefuseInDoubt[] = R"(
UPDATE publishing p SET verdict = 'ROW_OUTDATED' FROM told_later t
WHERE t.in_doubt AND p.reference = t.reference)";

constexpr char kAnyEarlierWaits[] = R"(
SELECT EXISTS (SELECT FROM kakunin.feed f
  WHERE f.insurer_number = {party} AND f.kind = {kind} AND f.feed_number < {own_number}
    AND f.state IN {waiting}))";

// Rows that were staged and told what is known stand beside those that were not staged: by the
// negative number of their chunk, which no chunk has.
constexpr char kKeepStaged[] = R"(
INSERT INTO kakunin.feed_unchanged (feed_id, chunk_number, row_indexes, row_references, row_hashes)
SELECT {feed}, -p.chunk_number, ARRAY[]::integer[], array_agg(DISTINCT p.{told_by}), ARRAY[]::uuid[]
FROM publishing p WHERE p.verdict = 'UNCHANGED' AND {keeps_told} GROUP BY p.chunk_number)";

constexpr char kForget[] = R"(
DELETE FROM kakunin.feed_unchanged u USING kakunin.feed f
WHERE f.insurer_number = {party} AND f.kind = {kind} AND f.feed_number > {own_number}
  AND f.state IN ({published}, {undone}) AND u.feed_id = f.feed_id AND NOT EXISTS
    (SELECT FROM kakunin.feed w
     WHERE w.insurer_number = {party} AND w.kind = {kind} AND w.feed_number < f.feed_number
       AND w.feed_id <> {feed} AND w.state IN {waiting}))";

bool IsTrue(const pqxx::result& rows) { return rows[0][0].as<bool>(); }

}  // namespace

bool FindToldLater(FeedPublish& publish) {
  if (!IsTrue(publish.Exec(kAnyLater))) return false;
  publish.Exec(kFind);
  publish.Exec("ANALYZE told_later");
  return true;
}

void RefuseToldLater(FeedPublish& publish) {
  publish.Exec(kRefuseTold);
  publish.Exec(kRefuseInDoubt);
}

void KeepTold(FeedPublish& publish) {
  if (IsTrue(publish.Exec(kAnyEarlierWaits))) {
    publish.Exec(kKeepStaged);
  } else {
    publish.Exec("DELETE FROM kakunin.feed_unchanged WHERE feed_id = {feed}");
  }
}

void ForgetTold(FeedPublish& publish) { publish.Exec(kForget); }

}  // namespace kakunin
