// What taking card links back does: the other half of card_link_publish.h.

#include <pqxx/result>

#include "storage/postgres/card_link_publish.h"
#include "storage/postgres/feed_undo.h"
#include "storage/postgres/identity_cases.h"

namespace kakunin {
namespace {

// First, so that the next statement sees what others have written until then, and in the order in
// which links are put.
constexpr char kLockLinks[] = R"(
SELECT count(*) FROM
  (SELECT FROM kakunin.card_link c WHERE (c.issuer_key_id, c.serial) IN
     (SELECT issuer_key_id, serial FROM kakunin.card_link_change WHERE feed_id = {feed})
   ORDER BY c.issuer_key_id, c.serial FOR UPDATE) locked)";

// A link that the delivery named and left as it was has nothing to be taken back. What is
// superseded by a link is of the same person, which finds it by an index.
constexpr char kFindTouched[] = R"(
CREATE TEMPORARY TABLE undoing ON COMMIT DROP AS
SELECT h.issuer_key_id, h.serial, h.made, h.medium_before, h.superseded,
  substr(encode(h.issuer_key_id, 'hex'), 1, 16) || '-' || encode(h.serial, 'hex') AS reference,
  c.person_id IS DISTINCT FROM h.person_id OR c.medium <> h.medium_after
    OR c.superseded_at IS DISTINCT FROM h.superseded_at_after
    OR EXISTS
      (SELECT FROM kakunin.card_link_change n JOIN kakunin.feed f ON f.feed_id = n.feed_id
       WHERE n.issuer_key_id = h.issuer_key_id AND n.serial = h.serial AND n.feed_id <> {feed}
         AND f.state = {published} AND f.published_at > {published_at})
    OR h.made AND EXISTS
      (SELECT FROM kakunin.card_link x
       WHERE x.person_id = c.person_id AND x.superseded_by_issuer_key_id = h.issuer_key_id
         AND x.superseded_by_serial = h.serial AND NOT EXISTS
           (SELECT FROM kakunin.card_link_change o
            WHERE o.feed_id = {feed} AND o.issuer_key_id = x.issuer_key_id AND o.serial = x.serial
              AND o.superseded)) AS touched_later
FROM kakunin.card_link_change h
LEFT JOIN kakunin.card_link c ON c.issuer_key_id = h.issuer_key_id AND c.serial = h.serial
WHERE h.feed_id = {feed} AND (h.made OR h.superseded OR h.medium_before <> h.medium_after))";

constexpr char kCount[] =
    "SELECT count(*) FILTER (WHERE NOT made), count(*) FILTER (WHERE made),"
    " count(*) FILTER (WHERE touched_later) FROM undoing";

constexpr char kTouchedLater[] =
    "SELECT reference FROM undoing WHERE touched_later ORDER BY reference LIMIT 10";

constexpr char kRemove[] = R"(
DELETE FROM kakunin.card_link c USING undoing u
WHERE u.made AND c.issuer_key_id = u.issuer_key_id AND c.serial = u.serial)";

constexpr char kRestore[] = R"(
UPDATE kakunin.card_link c SET medium = u.medium_before,
  superseded_at = CASE WHEN NOT u.superseded THEN c.superseded_at END,
  superseded_by_issuer_key_id = CASE WHEN NOT u.superseded THEN c.superseded_by_issuer_key_id END,
  superseded_by_serial = CASE WHEN NOT u.superseded THEN c.superseded_by_serial END
FROM undoing u
WHERE NOT u.made AND c.issuer_key_id = u.issuer_key_id AND c.serial = u.serial)";

// A case stays when a later delivery that stands has told the same: that one has a finding of the
// row, and opened no case since there was this one.
constexpr char kCloseCases[] = R"(
WITH ended AS (
  UPDATE kakunin.identity_case k
  SET state = 3, ended_at = {at}, ended_by_kind = {provider}, ended_by = {party}, decided_by = ''
  WHERE k.insurer_number = {party} AND k.feed_id = {feed} AND k.kind = {card_moves} AND k.state = 1
    AND NOT EXISTS
      (SELECT FROM kakunin.feed f JOIN kakunin.feed_finding g ON g.feed_id = f.feed_id
       WHERE f.insurer_number = {party} AND f.state = {published}
         AND f.published_at > {published_at} AND g.coverage_reference = k.coverage_reference
         AND g.reason IN ('PERSON_CONFLICT', 'DUPLICATE_REFERENCE') AND NOT EXISTS
           (SELECT FROM kakunin.identity_case own
            WHERE own.insurer_number = {party} AND own.feed_id = f.feed_id
              AND own.coverage_reference = k.coverage_reference))
  RETURNING k.case_id)
UPDATE kakunin.identity_case_person c SET ended_at = {at} FROM ended e
WHERE c.case_id = e.case_id)";

}  // namespace

absl::StatusOr<FeedUndone> UndoCardLinks(FeedPublish& publish, UndoMode mode) {
  publish.LockParty();
  publish.Exec(kLockLinks);
  publish.Exec(kFindTouched);
  const pqxx::row counts = publish.Exec(kCount).front();
  FeedUndone undone{.restored_rows = counts[0].as<int64_t>(),
                    .removed_rows = counts[1].as<int64_t>(),
                    .touched_later = counts[2].as<int64_t>()};
  for (const auto& row : publish.Exec(kTouchedLater)) {
    undone.touched_references.emplace_back(row[0].c_str());
  }
  if (mode == UndoMode::kLook || (mode == UndoMode::kUntouched && undone.touched_later > 0)) {
    return undone;
  }
  publish.Exec("ANALYZE undoing");
  publish.Exec(kRemove);
  publish.Exec(kRestore);
  if (publish.Exec(kCloseCases).affected_rows() > 0) CountChangedCases(publish.work());
  MarkUndone(publish);
  undone.done = true;
  return undone;
}

}  // namespace kakunin
