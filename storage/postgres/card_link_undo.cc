// What taking card links back does: the other half of card_link_publish.h.

#include <pqxx/result>

#include "storage/postgres/card_link_publish.h"
#include "storage/postgres/conflict_cases.h"
#include "storage/postgres/feed_undo.h"

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

// The timed jobs look through it for who was shown somebody's data by a card that is nobody's now.
// A link that only became another medium's or is in force again led to the same person.
constexpr char kLeaveNoticeWork[] = R"(
INSERT INTO kakunin.notice_work (work_id, kind, insurer, source, changed_at)
SELECT gen_random_uuid(), {other_person_shown}, {party}, {feed}, {at}
WHERE EXISTS (SELECT FROM undoing WHERE made))";

}  // namespace

absl::StatusOr<FeedUndone> UndoCardLinks(FeedPublish& publish, UndoMode mode) {
  publish.LockParty();
  publish.Exec(kLockLinks);
  publish.Exec(kFindTouched);
  FeedUndone undone = LookAtUndo(publish, kCount, kTouchedLater);
  if (StopsAtLook(mode, undone)) return undone;
  publish.Exec("ANALYZE undoing");
  publish.Exec(kRemove);
  publish.Exec(kRestore);
  publish.Exec(kLeaveNoticeWork);
  SettleUndoneConflicts(publish);
  MarkUndone(publish);
  undone.done = true;
  return undone;
}

}  // namespace kakunin
