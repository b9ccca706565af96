#include "storage/postgres/feed_undo.h"

#include <pqxx/result>

#include "storage/postgres/delivery_store.h"

namespace kakunin {
namespace {

// One row a reference that the feed wrote or closed in the truth: what is current now, what the
// feed had closed, and whether somebody else has touched it since. A row that a later undo brought
// back bears the delivery that had written it, so that it counts as that delivery's. What was
// closed goes back to whom a repair of who is who has moved its reference since.
constexpr char kFindTouched[] = R"(
CREATE TEMPORARY TABLE undoing ON COMMIT DROP AS
SELECT t.reference, now.person_id AS person_now, prior.person_id AS prior_of,
  coalesce((SELECT r.to_person FROM kakunin.repaired_reference r
            WHERE prior.person_id IS NOT NULL AND r.party = {party} AND r.kind = {held_kind}
              AND r.reference = t.reference AND r.moved_at > {published_at}
            ORDER BY r.moved_at DESC LIMIT 1), prior.person_id) AS person_prior,
  prior.known_from AS prior_from, prior.month AS prior_month,
  CASE WHEN t.wrote THEN now.feed_id IS DISTINCT FROM {feed}
    ELSE now.feed_id IS NOT NULL OR EXISTS
      (SELECT FROM {truth} x JOIN kakunin.feed f ON f.feed_id = x.feed_id
       WHERE x.person_id = prior.person_id AND x.{party_column} = {party}
         AND x.{reference_column} = t.reference AND x.known_from > {published_at}
         AND x.feed_id <> {feed} AND f.state = {published})
  END AS touched_later,
  prior.person_id IS NULL AND now.person_id IS NOT NULL AND EXISTS
    (SELECT FROM {truth} x JOIN kakunin.feed f ON f.feed_id = x.feed_id
     WHERE x.person_id = now.person_id AND x.{party_column} = {party}
       AND x.{reference_column} = t.reference AND x.known_from < {published_at}
       AND x.feed_id <> {feed} AND f.state = {published}) AS was_known
FROM
  (SELECT reference, bool_or(wrote) AS wrote FROM
     (SELECT {reference_column} AS reference, true AS wrote FROM {truth}
      WHERE feed_id = {feed} AND {party_column} = {party}
      UNION ALL
      SELECT {reference_column}, false FROM {truth}
      WHERE {party_column} = {party} AND known_to = {published_at}) all_of
   GROUP BY reference) t
LEFT JOIN {by_reference} b ON b.{party_column} = {party} AND b.{reference_column} = t.reference
LEFT JOIN LATERAL
  (SELECT * FROM {truth} n WHERE n.person_id = b.person_id AND {named_month}
   AND n.{party_column} = {party} AND n.{reference_column} = t.reference AND n.known_to IS NULL
   OFFSET 0) now ON true
LEFT JOIN
  (SELECT {reference_column} AS reference, person_id, known_from, {month} AS month FROM {truth}
   WHERE {party_column} = {party} AND known_to = {published_at}) prior
  ON prior.reference = t.reference)";

constexpr char kFindHidden[] = R"(
CREATE TEMPORARY TABLE undoing_hidden ON COMMIT DROP AS
SELECT t.reference, prior.known_from AS prior_from,
  CASE WHEN t.wrote THEN now.feed_id IS DISTINCT FROM {feed}
    ELSE now.feed_id IS NOT NULL END AS touched_later
FROM
  (SELECT reference, bool_or(wrote) AS wrote FROM
     (SELECT {reference_column} AS reference, true AS wrote FROM {hidden}
      WHERE feed_id = {feed} AND {party_column} = {party}
      UNION ALL
      SELECT {reference_column}, false FROM {hidden}
      WHERE {party_column} = {party} AND known_to = {published_at}) all_of
   GROUP BY reference) t
LEFT JOIN {hidden} now ON now.{party_column} = {party} AND now.{reference_column} = t.reference
  AND now.known_to IS NULL
LEFT JOIN {hidden} prior ON prior.{party_column} = {party}
  AND prior.{reference_column} = t.reference AND prior.known_to = {published_at})";

constexpr char kCount[] = R"(
SELECT
  (SELECT count(*) FROM undoing WHERE prior_from IS NOT NULL)
    + (SELECT count(*) FROM undoing_hidden WHERE prior_from IS NOT NULL),
  (SELECT count(*) FROM undoing WHERE prior_from IS NULL)
    + (SELECT count(*) FROM undoing_hidden WHERE prior_from IS NULL),
  (SELECT count(*) FROM undoing WHERE touched_later)
    + (SELECT count(*) FROM undoing_hidden WHERE touched_later))";

constexpr char kTouchedLater[] = R"(
SELECT reference FROM
  (SELECT reference FROM undoing WHERE touched_later
   UNION SELECT reference FROM undoing_hidden WHERE touched_later) later
ORDER BY reference LIMIT 10)";

constexpr char kLockPersons[] = R"(
SELECT count(*) FROM
  (SELECT FROM kakunin.answer a WHERE a.person_id IN
     (SELECT person_now FROM undoing UNION SELECT person_prior FROM undoing)
   ORDER BY a.person_id FOR UPDATE) locked)";

constexpr char kCloseCurrent[] = R"(
UPDATE {truth} x SET known_to = {at} FROM undoing u
WHERE x.person_id = u.person_now AND x.{party_column} = {party}
  AND x.{reference_column} = u.reference AND x.known_to IS NULL)";

constexpr char kRestorePrior[] = R"(
INSERT INTO {truth} (person_id, {content}{and_visible}, feed_id, known_from)
SELECT u.person_prior, {known}{and_visible}, c.feed_id, {at} FROM undoing u
JOIN {truth} c ON c.person_id = u.prior_of AND {prior_month}
  AND c.{party_column} = {party} AND c.{reference_column} = u.reference
  AND c.known_from = u.prior_from)";

constexpr char kCloseHidden[] = R"(
UPDATE {hidden} x SET known_to = {at} FROM undoing_hidden u
WHERE x.{party_column} = {party} AND x.{reference_column} = u.reference AND x.known_to IS NULL)";

constexpr char kRestoreHidden[] = R"(
INSERT INTO {hidden} ({content}{beside}, feed_id, known_from)
SELECT {known}{known_beside}, c.feed_id, {at} FROM undoing_hidden u
JOIN {hidden} c ON c.{party_column} = {party} AND c.{reference_column} = u.reference
  AND c.known_from = u.prior_from)";

// A reference that the feed had made names nobody any more: it may come again, and rightly so about
// somebody else.
constexpr char kForgetReferences[] = R"(
DELETE FROM {by_reference} b USING undoing u
WHERE b.{party_column} = {party} AND b.{reference_column} = u.reference
  AND (u.prior_from IS NOT NULL OR NOT u.was_known))";

constexpr char kNoteReferences[] = R"(
INSERT INTO {by_reference} ({party_column}, {reference_column}, person_id{and_month})
SELECT {party}, reference, person_prior{and_prior_month} FROM undoing
WHERE prior_from IS NOT NULL)";

constexpr char kMarkUndone[] = R"(
UPDATE kakunin.feed SET state = {undone}, changed_at = {at}, undone_at = {at}
WHERE insurer_number = {party} AND feed_id = {feed})";

}  // namespace

absl::StatusOr<FeedUndone> UndoFeed(FeedPublish& publish, FeedContent& content, UndoMode mode) {
  publish.LockParty();
  publish.Exec(kFindTouched);
  publish.Exec(kFindHidden);
  FeedUndone undone = LookAtUndo(publish, kCount, kTouchedLater);
  if (StopsAtLook(mode, undone)) return undone;
  publish.Exec("ANALYZE undoing");
  for (const char* sql : {kLockPersons, kCloseCurrent, kRestorePrior, kCloseHidden, kRestoreHidden,
                          kForgetReferences, kNoteReferences}) {
    publish.Exec(sql);
  }
  if (absl::Status status = content.WriteUndone(publish); !status.ok()) return status;
  MarkUndone(publish);
  undone.done = true;
  return undone;
}

FeedUndone LookAtUndo(FeedPublish& publish, const char* count, const char* touched_later) {
  const pqxx::row counts = publish.Exec(count).front();
  FeedUndone undone{.restored_rows = counts[0].as<int64_t>(),
                    .removed_rows = counts[1].as<int64_t>(),
                    .touched_later = counts[2].as<int64_t>()};
  for (const auto& row : publish.Exec(touched_later)) {
    undone.touched_references.emplace_back(row[0].c_str());
  }
  return undone;
}

bool StopsAtLook(UndoMode mode, const FeedUndone& looked) {
  return mode == UndoMode::kLook || (mode == UndoMode::kUntouched && looked.touched_later > 0);
}

void MarkUndone(FeedPublish& publish) {
  publish.Exec(kMarkUndone);
  NoteProgress(publish);
}

}  // namespace kakunin
