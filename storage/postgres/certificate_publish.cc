#include "storage/postgres/certificate_publish.h"

#include <algorithm>

#include "storage/postgres/conflict_cases.h"

namespace kakunin {
namespace {

// One row a staged row: its verdict, the person of its coverage, the certificate as it is known and
// as it would be after the row. A lost row has no valid_from: it only ends the certificate, or
// withdraws it. Everything is found by an index, one look-up a row: min() and not LIMIT 1, with
// which a plan may hope to meet one early in the whole table.
constexpr char kJudge[] = R"(
CREATE TEMPORARY TABLE publishing ON COMMIT DROP AS
SELECT r.chunk_number, r.row_index, r.reference, r.number_hash, r.number_key_id,
  r.coverage_reference, coalesce(c.person_id, n.person_id) AS person_id,
  n.person_id AS claimed, c.person_id AS holder, r.name, k.known,
  CASE
    WHEN o.coverage_reference IS NOT NULL THEN 'CERTIFICATE_OF_OTHER_COVERAGE'
    WHEN c.person_id IS NULL AND h.coverage_reference IS NOT NULL THEN 'COVERAGE_HIDDEN'
    WHEN c.person_id IS NULL THEN 'COVERAGE_UNKNOWN'
    WHEN n.person_id IS DISTINCT FROM c.person_id THEN 'PERSON_CONFLICT'
    WHEN r.action <> {new} AND k.known IS NULL THEN 'REFERENCE_UNKNOWN'
    WHEN r.action = {lost} AND (r.valid_through < (k.known ->> 'valid_from')::date
      OR r.valid_through > (k.known ->> 'valid_through')::date) THEN 'DATE_ORDER_IMPOSSIBLE'
    WHEN r.action = {lost} AND r.valid_through = (k.known ->> 'valid_through')::date
      THEN 'UNCHANGED'
    WHEN r.action = {lost} THEN 'LOST'
    WHEN r.certificate = k.known THEN 'UNCHANGED'
    WHEN r.action = {new} AND k.known IS NOT NULL THEN 'REFERENCE_EXISTS'
    WHEN r.valid_through < c.qualification_date OR r.valid_from >= c.disqualification_date
      OR c.qualification_date >= c.disqualification_date THEN 'CERTIFICATE_OUTSIDE_COVERAGE'
    WHEN k.known IS NULL THEN 'NEW'
    ELSE 'CHANGED'
  END AS verdict,
  r.action <> {lost} AND k.known IS NOT NULL
    AND r.valid_from IS DISTINCT FROM (k.known ->> 'valid_from')::date AS corrected,
  CASE WHEN k.known IS NULL THEN 1 WHEN r.action = {lost} THEN -1 ELSE 0 END AS running,
  CASE WHEN r.action <> {lost} THEN r.certificate
    WHEN r.valid_through IS NOT NULL
      THEN k.known || jsonb_build_object('valid_through', r.valid_through)
  END AS after,
  false AS swapped, false AS had_bands, false AS bands_gone, false AS elderly,
  false AS elderly_bare, false AS named, NULL::smallint AS identity_fields
FROM
  (SELECT s.chunk_number, s.row_index, s.action, s.reference, s.number_hash, s.number_key_id,
     s.coverage_reference, {name} AS name,
     s.certificate || jsonb_build_object('name', {name}) AS certificate,
     (s.certificate ->> 'valid_from')::date AS valid_from,
     (s.certificate ->> 'valid_through')::date AS valid_through
   FROM {staging} s WHERE s.feed_id = {feed}) r
LEFT JOIN kakunin.person_number n ON n.number_hash = r.number_hash
LEFT JOIN kakunin.coverage_by_reference b
  ON b.insurer_number = {party} AND b.coverage_reference = r.coverage_reference
LEFT JOIN kakunin.coverage c
  ON c.person_id = b.person_id AND c.insurer_number = {party}
  AND c.coverage_reference = r.coverage_reference AND c.known_to IS NULL AND c.visible
LEFT JOIN kakunin.hidden_coverage h
  ON h.insurer_number = {party} AND h.coverage_reference = r.coverage_reference
  AND h.known_to IS NULL
LEFT JOIN LATERAL
  (SELECT e AS known FROM jsonb_array_elements(c.certificates) e
   WHERE e ->> 'name' = r.name) k ON true
LEFT JOIN LATERAL
  (SELECT min(t.coverage_reference) AS coverage_reference FROM kakunin.coverage t
   WHERE t.certificates @> jsonb_build_array(jsonb_build_object('name', r.name))
     AND t.certificates IS NOT NULL AND t.known_to IS NULL
     AND t.coverage_reference <> r.coverage_reference) o ON true)";

// The steps below join the rows of one coverage with each other, and those of one person.
constexpr const char* kPrepare[] = {"CREATE INDEX ON publishing (coverage_reference)",
                                    "CREATE INDEX ON publishing (name)", "ANALYZE publishing"};

// The answer has room for one: two that hold on one day would hide that somebody erred. Compared is
// what would be known after the feed; of two rows of it neither can be believed.
constexpr char kRefuseOverlaps[] = R"(
UPDATE publishing p SET verdict = 'CERTIFICATE_OVERLAP'
WHERE p.verdict IN ('NEW', 'CHANGED') AND EXISTS
  (SELECT FROM
     (SELECT q.after AS other FROM publishing q
      WHERE q.coverage_reference = p.coverage_reference AND q.name <> p.name
        AND q.verdict IN {accepted} AND q.after IS NOT NULL
      UNION ALL
      SELECT e FROM kakunin.coverage c CROSS JOIN LATERAL jsonb_array_elements(c.certificates) e
      WHERE {coverage_of_p} AND (e ->> 'kind')::int = {kind} AND {untouched}) others
   WHERE (others.other ->> 'valid_from')::date
       <= coalesce((p.after ->> 'valid_through')::date, 'infinity')
     AND (p.after ->> 'valid_from')::date
       <= coalesce((others.other ->> 'valid_through')::date, 'infinity')))";

// Whether the coverage has a certificate of the kind that holds today, by its own row or by itself,
// and will have one.
constexpr char kFindBands[] = R"(
UPDATE publishing p SET had_bands = true, bands_gone = NOT EXISTS
  (SELECT FROM
     (SELECT q.after AS e FROM publishing q
      WHERE q.coverage_reference = p.coverage_reference AND q.verdict IN {accepted}
      UNION ALL
      SELECT e FROM jsonb_array_elements(c.certificates) e
      WHERE (e ->> 'kind')::int = {kind} AND {untouched}
      UNION ALL
      SELECT e FROM jsonb_array_elements({embedded}) e) one WHERE {holds})
FROM kakunin.coverage c
WHERE p.verdict IN ('CHANGED', 'LOST') AND {coverage_of_p}
  AND (c.disqualification_date IS NULL OR c.disqualification_date > {today}) AND EXISTS
  (SELECT FROM
     (SELECT e FROM jsonb_array_elements(c.certificates) e WHERE (e ->> 'kind')::int = {kind}
      UNION ALL
      SELECT e FROM jsonb_array_elements({embedded}) e) one WHERE {holds}))";

// One row a coverage that gets a new version, with its certificates of every kind as they are then.
constexpr char kMerge[] = R"(
CREATE TEMPORARY TABLE merged ON COMMIT DROP AS
SELECT p.person_id, p.coverage_reference,
  (SELECT jsonb_agg(e ORDER BY e ->> 'name') FROM
     (SELECT q.after AS e FROM publishing q
      WHERE q.coverage_reference = p.coverage_reference AND q.verdict IN {accepted}
        AND q.after IS NOT NULL
      UNION ALL
      SELECT e FROM kakunin.coverage c CROSS JOIN LATERAL jsonb_array_elements(c.certificates) e
      WHERE {coverage_of_p} AND {untouched}) all_of) AS certificates
FROM (SELECT DISTINCT person_id, coverage_reference FROM publishing
      WHERE verdict IN {accepted}) p)";

constexpr char kClose[] = R"(
UPDATE kakunin.coverage c SET known_to = {at} FROM merged p WHERE {coverage_of_p})";

constexpr char kInsert[] = R"(
INSERT INTO kakunin.coverage (person_id, {content}, visible, certificates, feed_id, known_from)
SELECT c.person_id, {known}, c.visible, p.certificates, {feed}, {at} FROM merged p
JOIN kakunin.coverage c ON c.person_id = p.person_id AND c.insurer_number = {party}
  AND c.coverage_reference = p.coverage_reference AND c.known_to = {at})";

constexpr char kCoverageOfP[] =
    "(c.person_id = p.person_id AND c.insurer_number = {party}"
    " AND c.coverage_reference = p.coverage_reference AND c.known_to IS NULL)";

// The known certificate `e` is named by no accepted row.
constexpr char kUntouched[] =
    "NOT EXISTS (SELECT FROM publishing q WHERE q.name = e ->> 'name' AND q.verdict IN {accepted})";

constexpr char kHolds[] =
    "(coalesce((e ->> 'valid_from')::date, '-infinity') <= {today}"
    " AND coalesce((e ->> 'valid_through')::date, 'infinity') >= {today} AND e IS NOT NULL)";

constexpr char kDiff[] =
    "ARRAY(SELECT coalesce(a.key, b.key) FROM jsonb_each(r.certificate) a"
    " FULL JOIN jsonb_each(c.certificate) b ON a.key = b.key"
    " WHERE a.value IS DISTINCT FROM b.value ORDER BY 1)";

// What a coverage's own row says of a kind, as an array of the same shape.
std::string EmbeddedOf(FeedKind kind) {
  switch (kind) {
    case FeedKind::kLimitCertificates:
      return "c.limit_certificates";
    case FeedKind::kSpecificDiseaseCertificates:
      return "c.specific_disease_certificates";
    default:
      return "CASE WHEN c.elderly_contribution_percent IS NULL THEN '[]'::jsonb"
             " ELSE jsonb_build_array(jsonb_build_object('valid_from', c.elderly_valid_from,"
             " 'valid_through', c.elderly_valid_through)) END";
  }
}

}  // namespace

CertificatePublish::CertificatePublish(FeedKind kind, const AnswerBuilder& build)
    : kind_(kind), coverages_(build), words_(coverages_.words()) {
  SetWord("claimed", "p.claimed");
  // A coverage with its certificates is one.
  SetWord("told_by", "coverage_reference");
  SetWord("known_row", "SELECT p.known - 'name' AS certificate");
  SetWord("diff", kDiff);
  SetWord("lost_diff", "ARRAY['valid_through']");
  words_.emplace_back("name", "({party} || '/{kind}/' || s.reference)");
  words_.emplace_back("today", "({at} AT TIME ZONE 'Asia/Tokyo')::date");
  words_.emplace_back("accepted", "('NEW', 'CHANGED', 'LOST')");
  words_.emplace_back("coverage_of_p", kCoverageOfP);
  words_.emplace_back("untouched", kUntouched);
  words_.emplace_back("holds", kHolds);
  words_.emplace_back("embedded", EmbeddedOf(kind));
}

void CertificatePublish::SetWord(std::string_view name, std::string text) {
  const auto word = std::find_if(words_.begin(), words_.end(),
                                 [&](const auto& known) { return known.first == name; });
  word->second = std::move(text);
}

void CertificatePublish::Judge(FeedPublish& publish) {
  publish.Exec(kJudge);
  for (const char* sql : kPrepare) publish.Exec(sql);
  publish.RefuseOutdated();
  publish.RefuseDuplicates();
  if (kind_ == FeedKind::kElderlyRecipientCertificates) publish.Exec(kRefuseOverlaps);
  // Before the bands: one that ends because another begins must not end when that is refused.
  publish.RefuseBeside();
  publish.Exec(kFindBands);
}

absl::Status CertificatePublish::Write(FeedPublish& publish) {
  for (const char* sql : {kMerge, "ANALYZE merged", kClose, kInsert}) publish.Exec(sql);
  absl::Status status = coverages_.WriteCopies(publish);
  if (status.ok()) SettleConflicts(publish);
  return status;
}

absl::Status CertificatePublish::WriteUndone(FeedPublish& publish) {
  return coverages_.WriteUndone(publish);
}

}  // namespace kakunin
