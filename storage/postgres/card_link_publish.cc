#include "storage/postgres/card_link_publish.h"

#include <fmt/format.h>

#include <pqxx/result>

#include "domain/card_link.h"
#include "domain/error.h"
#include "domain/identity_case.h"
#include "domain/retroactive_notice.h"
#include "storage/postgres/answer_rows.h"
#include "storage/postgres/card_link_store.h"
#include "storage/postgres/conflict_cases.h"
#include "storage/postgres/text_value.h"
#include "storage/store_error.h"

namespace kakunin {
namespace {

// How many links are put by one statement.
constexpr int kLinksAtOnce = 5000;

// How many certificates that replace each other in a ring are looked for.
constexpr int kLongestCircle = 16;

// One row a staged link: whose its card is by what is known (`holder`), whose the one that it
// replaces is, and whether that one would be superseded by it. Everything is found by a unique
// index.
constexpr char kJudge[] = R"(
CREATE TEMPORARY TABLE publishing ON COMMIT DROP AS
SELECT r.chunk_number, r.row_index, r.reference, r.number_hash, r.number_key_id, n.person_id,
  r.issuer_key_id, r.serial, r.medium, r.replaces_issuer_key_id, r.replaces_serial,
  c.person_id AS holder, o.person_id AS replaced_holder,
  c.superseded_at IS NOT NULL AS is_superseded,
  o.person_id IS NOT NULL AND o.superseded_at IS NULL AS supersedes,
  c.medium <> 0 AND r.replaces_serial IS NOT NULL AND o.person_id IS NULL AS ends_unknown,
  o.superseded_at IS NOT NULL AND (o.superseded_by_issuer_key_id, o.superseded_by_serial)
    IS DISTINCT FROM (r.issuer_key_id, r.serial) AS replaces_again,
  CASE
    WHEN c.person_id IS DISTINCT FROM n.person_id AND c.person_id IS NOT NULL
      OR o.person_id IS DISTINCT FROM n.person_id AND o.person_id IS NOT NULL
      THEN 'PERSON_CONFLICT'
    WHEN c.medium <> 0 AND c.medium <> r.medium THEN 'CARD_MEDIUM_DIFFERS'
    WHEN c.superseded_by_issuer_key_id = r.replaces_issuer_key_id
      AND c.superseded_by_serial = r.replaces_serial THEN 'CARD_REPLACED_IN_CIRCLE'
    WHEN c.medium <> 0 AND (r.replaces_serial IS NULL OR o.superseded_at IS NOT NULL)
      THEN 'UNCHANGED'
    WHEN c.medium <> 0 OR o.person_id IS NOT NULL AND o.superseded_at IS NULL THEN 'CHANGED'
    ELSE 'NEW'
  END AS verdict,
  (c.person_id IS NULL)::int AS running,
  {no_risk}
FROM {staging} r
LEFT JOIN kakunin.person_number n ON n.number_hash = r.number_hash
LEFT JOIN kakunin.card_link c ON c.issuer_key_id = r.issuer_key_id AND c.serial = r.serial
LEFT JOIN kakunin.card_link o
  ON o.issuer_key_id = r.replaces_issuer_key_id AND o.serial = r.replaces_serial
WHERE r.feed_id = {feed})";

// The steps below join the rows of one certificate with each other.
constexpr const char* kPrepare[] = {
    "CREATE INDEX ON publishing (issuer_key_id, serial)",
    "CREATE INDEX ON publishing (replaces_issuer_key_id, replaces_serial)", "ANALYZE publishing"};

// A certificate that rows of the delivery give to several persons: none of them can be believed.
constexpr char kRefuseClashes[] = R"(
WITH named AS (
  SELECT issuer_key_id, serial, {whose} AS whose FROM publishing p
  WHERE verdict IN ('NEW', 'CHANGED', 'UNCHANGED', 'PERSON_CONFLICT')
  UNION ALL
  SELECT replaces_issuer_key_id, replaces_serial, {whose} FROM publishing p
  WHERE verdict IN ('NEW', 'CHANGED', 'UNCHANGED', 'PERSON_CONFLICT')
    AND replaces_serial IS NOT NULL),
clash AS MATERIALIZED (
  SELECT issuer_key_id, serial FROM named GROUP BY 1, 2 HAVING count(DISTINCT whose) > 1)
UPDATE publishing p SET verdict = 'PERSON_CONFLICT'
WHERE verdict IN ('NEW', 'CHANGED')
  AND ((issuer_key_id, serial) IN (SELECT * FROM clash)
    OR (replaces_issuer_key_id, replaces_serial) IN (SELECT * FROM clash)))";

// Two that replace each other, or several in a ring, would leave their holder without any. From
// each row's certificate it goes to whoever replaces that, by the delivery and by what is known;
// nobody has had more cards than are looked at. What nothing replaces is in no ring.
constexpr char kRefuseCircles[] = R"(
WITH RECURSIVE walk AS (
  SELECT p.chunk_number, p.row_index, p.replaces_issuer_key_id AS old_issuer,
    p.replaces_serial AS old_serial, p.issuer_key_id AS issuer, p.serial, 0 AS depth
  FROM publishing p WHERE p.verdict IN ('NEW', 'CHANGED') AND p.replaces_serial IS NOT NULL
    AND (p.is_superseded OR EXISTS
      (SELECT FROM publishing q WHERE q.replaces_issuer_key_id = p.issuer_key_id
         AND q.replaces_serial = p.serial))
  UNION
  SELECT w.chunk_number, w.row_index, w.old_issuer, w.old_serial, n.issuer, n.serial, w.depth + 1
  FROM walk w CROSS JOIN LATERAL
    (SELECT q.issuer_key_id, q.serial FROM publishing q
     WHERE q.replaces_issuer_key_id = w.issuer AND q.replaces_serial = w.serial
       AND q.verdict IN ('NEW', 'CHANGED')
     UNION ALL
     SELECT c.superseded_by_issuer_key_id, c.superseded_by_serial FROM kakunin.card_link c
     WHERE c.issuer_key_id = w.issuer AND c.serial = w.serial AND c.superseded_at IS NOT NULL)
    n (issuer, serial)
  WHERE w.depth < {longest_circle} AND (w.issuer, w.serial) <> (w.old_issuer, w.old_serial))
UPDATE publishing p SET verdict = 'CARD_REPLACED_IN_CIRCLE' FROM walk w
WHERE p.chunk_number = w.chunk_number AND p.row_index = w.row_index AND w.depth > 0
  AND (w.issuer, w.serial) = (w.old_issuer, w.old_serial))";

// To take such a row would end a certificate that nobody knows, for ever: were the two exchanged,
// it is the new one, and its own link would be refused when it comes. Whose old link stands beside
// it tells of the past.
constexpr char kRefuseUnknown[] = R"(
UPDATE publishing p SET verdict = 'CARD_REPLACES_UNKNOWN'
WHERE p.verdict = 'CHANGED' AND p.ends_unknown AND NOT EXISTS
  (SELECT FROM publishing q
   WHERE q.issuer_key_id = p.replaces_issuer_key_id AND q.serial = p.replaces_serial
     AND q.verdict IN ('NEW', 'CHANGED')))";

// A card that people carry is told to replace one that nobody knows: the new one, were the columns
// of old and new exchanged. Each such pair is counted as superseding, too.
constexpr char kCountSuperseding[] = R"(
SELECT count(DISTINCT (replaces_issuer_key_id, replaces_serial)),
  count(*) FILTER (WHERE ends_unknown)
FROM publishing
WHERE verdict = 'CHANGED' AND supersedes
  OR verdict IN ('CHANGED', 'CARD_REPLACES_UNKNOWN') AND ends_unknown)";

// Of a row that stands twice a swap is counted, too; what is not refused as a duplicate is counted
// with all kinds'.
constexpr char kCountSwappedTwice[] = R"(
SELECT count(DISTINCT (reference, number_hash)) FROM publishing p
WHERE verdict = 'DUPLICATE_REFERENCE' AND {of_another})";

constexpr char kCountInForce[] =
    "SELECT count(*) FROM kakunin.card_link WHERE superseded_at IS NULL";

// Of a history that comes all at once only the last links are in force.
constexpr char kCountPiledUp[] = R"(
WITH made AS (
  SELECT {whose} AS whose, min(p.person_id::text)::uuid AS person_id, count(*) AS links
  FROM publishing p
  WHERE p.verdict = 'NEW' AND NOT p.is_superseded AND NOT EXISTS
    (SELECT FROM publishing q WHERE q.replaces_issuer_key_id = p.issuer_key_id
       AND q.replaces_serial = p.serial AND q.verdict IN ('NEW', 'CHANGED'))
  GROUP BY 1)
SELECT coalesce(sum(links), 0) FROM made
WHERE links + (SELECT count(*) FROM kakunin.card_link c
               WHERE c.person_id = made.person_id AND c.superseded_at IS NULL) > {most_in_force})";

// Every certificate about which this delivery has something to say: also one that is replaced by
// another already, since that other may be undone.
constexpr char kNameLinks[] = R"(
CREATE TEMPORARY TABLE link_named ON COMMIT DROP AS
SELECT issuer_key_id, serial FROM publishing WHERE verdict IN ('NEW', 'CHANGED')
UNION
SELECT replaces_issuer_key_id, replaces_serial FROM publishing
WHERE replaces_serial IS NOT NULL
  AND (verdict IN ('NEW', 'CHANGED') OR verdict = 'UNCHANGED' AND replaces_again))";

// A statement of its own, so that the next one sees what others have written until then. All in the
// order of keys: the pages of PutCardLinks are, each by itself, but what one replaces may stand on
// another.
constexpr char kLockLinks[] = R"(
SELECT count(*) FROM
  (SELECT FROM kakunin.card_link c WHERE (c.issuer_key_id, c.serial) IN
     (SELECT issuer_key_id, serial FROM link_named)
   ORDER BY c.issuer_key_id, c.serial FOR UPDATE) locked)";

// What every named certificate is before the links are put.
constexpr char kRememberBefore[] = R"(
CREATE TEMPORARY TABLE link_before ON COMMIT DROP AS
SELECT k.issuer_key_id, k.serial, c.person_id IS NOT NULL AS existed, c.medium, c.superseded_at
FROM link_named k
LEFT JOIN kakunin.card_link c ON c.issuer_key_id = k.issuer_key_id AND c.serial = k.serial)";

constexpr char kReadAccepted[] = R"(
SELECT issuer_key_id, serial, medium, number_hash, number_key_id, replaces_issuer_key_id,
  replaces_serial
FROM publishing
WHERE verdict IN ('NEW', 'CHANGED')
  AND (issuer_key_id, serial) > (decode('{}', 'hex'), decode('{}', 'hex'))
ORDER BY issuer_key_id, serial LIMIT {})";

// Of each named one, changed or not: an earlier delivery that is undone must not take back what
// this one says as well.
constexpr char kNoteChanges[] = R"(
INSERT INTO kakunin.card_link_change (feed_id, issuer_key_id, serial, person_id, made,
  medium_before, medium_after, superseded, superseded_at_after)
SELECT {feed}, b.issuer_key_id, b.serial, c.person_id, NOT b.existed, b.medium, c.medium,
  b.superseded_at IS NULL AND c.superseded_at IS NOT NULL, c.superseded_at
FROM link_before b
JOIN kakunin.card_link c ON c.issuer_key_id = b.issuer_key_id AND c.serial = b.serial)";

// Whom a row's number leads to, or may.
constexpr char kWhose[] = "coalesce(p.person_id::text, encode(p.number_hash, 'hex'))";

// A row by which a card that somebody holds would be another person's.
constexpr char kCardOfAnother[] =
    "(p.holder IS DISTINCT FROM p.person_id AND p.holder IS NOT NULL"
    " OR p.replaced_holder IS DISTINCT FROM p.person_id AND p.replaced_holder IS NOT NULL)";

CardLinkRow LinkFrom(const pqxx::row& row) {
  CardLinkRow link;
  link.issuer_key_id = ByteaFromText(row[0].c_str());
  link.serial = ByteaFromText(row[1].c_str());
  link.medium = row[2].as<int>();
  link.individual = {.hash = DigestFromText<32>(row[3].c_str()), .key_id = row[4].c_str()};
  if (!row[6].is_null()) {
    link.replaces_issuer_key_id = ByteaFromText(row[5].c_str());
    link.replaces_serial = ByteaFromText(row[6].c_str());
  }
  return link;
}

// In the order of certificates, as an operator's are put.
absl::Status PutAccepted(FeedPublish& publish) {
  const absl::Time at = InstantFromText(publish.Exec("SELECT {at}")[0][0].c_str());
  std::string issuer;
  std::string serial;
  for (;;) {
    const pqxx::result rows =
        publish.work().exec(fmt::format(kReadAccepted, issuer, serial, kLinksAtOnce));
    if (rows.empty()) return absl::OkStatus();
    std::vector<CardLinkRow> links;
    links.reserve(rows.size());
    for (const auto& row : rows) links.push_back(LinkFrom(row));
    const auto counts = PutCardLinks(publish.work(), links, at);
    if (!counts.ok()) {
      // An operator has linked one of them since it was judged: it is judged again.
      return ToldReason(counts.status()) == Reason::kPersonConflict
                 ? StoreError(StoreFailure::kSerialisation)
                 : counts.status();
    }
    issuer = HexText(links.back().issuer_key_id);
    serial = HexText(links.back().serial);
  }
}

}  // namespace

CardLinkPublish::CardLinkPublish(const AnswerBuilder& build)
    : answer_(build),
      words_{
          {"no_risk", kNoRiskColumns},
          {"known_row", "SELECT p.reference"},
          {"diff", "ARRAY['replaces_serial']"},
          // Links only add up: what one tells no later one unsays, but for a case.
          {"told_by", "reference"},
          {"told_in_truth", "SELECT NULL::text WHERE false"},
          {"keeps_told", "false"},
          {"lost_diff", "ARRAY[]::text[]"},
          {"whose", kWhose},
          {"of_another", kCardOfAnother},
          {"conflicts", kConflicts},
          {"case_persons", "(p.person_id), (p.holder), (p.replaced_holder)"},
          {"longest_circle", std::to_string(kLongestCircle)},
          {"most_in_force", std::to_string(kMostLinksInForce)},
          {"case_kind", std::to_string(static_cast<int>(IdentityCaseKind::kCardMoves))},
          {"case_reason", "'CARD_OF_ANOTHER_PERSON'"},
          {"deliverer", std::to_string(static_cast<int>(ActorKind::kCardLinkProvider))},
          {"other_person_shown", std::to_string(static_cast<int>(NoticeKind::kOtherPersonShown))}} {
}

void CardLinkPublish::Judge(FeedPublish& publish) {
  publish.Exec(kJudge);
  for (const char* sql : kPrepare) publish.Exec(sql);
  publish.RefuseOutdated();
  publish.Exec(kRefuseClashes);
  publish.Exec(kRefuseCircles);
  publish.Exec(kRefuseUnknown);
}

void CardLinkPublish::AddFigures(FeedPublish& publish, FeedFigures& figures) {
  const pqxx::row superseding = publish.Exec(kCountSuperseding).front();
  figures.superseding = superseding[0].as<int64_t>();
  figures.implausible += superseding[1].as<int64_t>();
  figures.swapped += publish.Exec(kCountSwappedTwice)[0][0].as<int64_t>();
  // The whole table is only counted for whoever supersedes enough to be asked what of.
  if (figures.superseding >= kLeastSupersedingToAsk) {
    figures.links_in_force = publish.Exec(kCountInForce)[0][0].as<int64_t>();
  }
  figures.piled_up = publish.Exec(kCountPiledUp)[0][0].as<int64_t>();
}

absl::Status CardLinkPublish::WritePersons(FeedPublish& publish) {
  return WriteAnswersOfNew(publish, answer_);
}

absl::Status CardLinkPublish::Write(FeedPublish& publish) {
  for (const char* sql :
       {kNameLinks, "ANALYZE link_named", kLockLinks, kRememberBefore, "ANALYZE link_before"}) {
    publish.Exec(sql);
  }
  if (absl::Status status = PutAccepted(publish); !status.ok()) return status;
  publish.Exec(kNoteChanges);
  SettleConflicts(publish);
  return absl::OkStatus();
}

}  // namespace kakunin
