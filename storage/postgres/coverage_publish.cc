#include "storage/postgres/coverage_publish.h"

#include <fmt/format.h>

#include <initializer_list>
#include <pqxx/result>
#include <utility>
#include <vector>

#include "domain/actor.h"
#include "domain/identity_case.h"
#include "domain/person_repair.h"
#include "domain/retroactive_notice.h"
#include "storage/postgres/answer_rows.h"
#include "storage/postgres/conflict_cases.h"
#include "storage/postgres/coverage_row.h"
#include "storage/postgres/delivery_store.h"
#include "storage/postgres/feed_order.h"
#include "storage/postgres/identity_cases.h"
#include "storage/postgres/text_value.h"

namespace kakunin {
namespace {

// One row a staged row: its verdict, and the person whom it is about. Everything is found by a
// unique index, so that no plan, however wrong its estimates, is worse than one look-up a row.
constexpr char kJudge[] = R"(
CREATE TEMPORARY TABLE publishing ON COMMIT DROP AS
SELECT r.chunk_number, r.row_index, r.coverage_reference AS reference, r.number_hash, r.number_key_id,
  r.row_hash,
  r.key_without_branch, r.key_with_branch, n.person_id, b.person_id AS holder,
  CASE
    WHEN r.number_hash IS NULL THEN 'HIDDEN'
    WHEN b.person_id IS NOT NULL AND b.person_id IS DISTINCT FROM n.person_id
      THEN 'PERSON_CONFLICT'
    WHEN {in_doubt} THEN 'HIDDEN'
    -- A change of what came without a number gives it the number.
    WHEN c.person_id IS NULL AND (r.action = {new} OR
      r.action = {changed} AND h.coverage_reference IS NOT NULL) THEN 'NEW'
    WHEN c.person_id IS NULL THEN 'REFERENCE_UNKNOWN'
    WHEN r.action = {lost} AND r.reason_of_loss = c.reason_of_loss
      AND r.disqualification_date IS NOT DISTINCT FROM c.disqualification_date THEN 'UNCHANGED'
    WHEN r.action = {lost} THEN 'LOST'
    WHEN ROW({staged}) IS NOT DISTINCT FROM ROW({known}) THEN 'UNCHANGED'
    WHEN r.action = {new} THEN 'REFERENCE_EXISTS'
    ELSE 'CHANGED'
  END AS verdict,
  c.disqualification_date IS NOT NULL
    AND r.disqualification_date IS DISTINCT FROM c.disqualification_date
    OR r.action <> {lost} AND c.person_id IS NOT NULL
    AND ROW({identity_staged}) IS DISTINCT FROM ROW({identity_known}) AS corrected,
  CASE WHEN c.person_id IS NULL THEN (r.disqualification_date IS NULL)::int
    ELSE (r.disqualification_date IS NULL)::int - (c.disqualification_date IS NULL)::int
  END AS running,
  -- Two persons who have neither name nor birth date in common.
  CASE
    WHEN r.action = {lost} THEN false
    WHEN c.person_id IS NOT NULL THEN r.birth_date <> c.birth_date AND r.name <> c.name
      AND r.name_kana <> c.name_kana
    WHEN n.person_id IS NULL THEN false
    ELSE EXISTS (SELECT FROM kakunin.coverage o WHERE o.person_id = n.person_id
      AND o.known_to IS NULL AND r.birth_date <> o.birth_date AND r.name <> o.name
      AND r.name_kana <> o.name_kana)
  END AS swapped,
  c.person_id IS NOT NULL AND r.action <> {lost} AND {bands_known} AS had_bands,
  c.person_id IS NOT NULL AND r.disqualification_date IS NULL AND {bands_lost} AS bands_gone,
  {is_elderly} AS elderly, {is_elderly} AND r.elderly_contribution_percent IS NULL
    AND r.partial_contribution_percent IS NULL AND {ratios_expected} AS elderly_bare,
  -- What has a case already is nothing new when it comes again.
  r.number_hash IS NOT NULL AND r.action <> {lost}
    AND NOT coalesce(h.identity_hash = r.identity_hash, false) AS named,
  CASE WHEN {in_doubt} THEN r.identity_fields END AS identity_fields, r.identity_hash,
  r.qualification_date, r.disqualification_date, r.card_classification
FROM {staging} r
LEFT JOIN kakunin.person_number n ON n.number_hash = r.number_hash
LEFT JOIN kakunin.coverage_by_reference b
  ON b.insurer_number = {party} AND b.coverage_reference = r.coverage_reference
LEFT JOIN kakunin.coverage c
  ON c.person_id = b.person_id AND c.insurer_number = {party}
  AND c.coverage_reference = r.coverage_reference AND c.known_to IS NULL
LEFT JOIN kakunin.hidden_coverage h
  ON h.insurer_number = {party} AND h.coverage_reference = r.coverage_reference
  AND h.known_to IS NULL
WHERE r.feed_id = {feed})";

// Another insurer's coverage of a day that the row covers, too. It is no fault of the row: who
// moves is told of by the new insurer first and lost by the old one days later. Medical aid stands
// beside any other.
constexpr char kNoteOverlaps[] = R"(
INSERT INTO kakunin.feed_finding
  (feed_id, chunk_number, row_index, field, coverage_reference, reason, hidden, noted)
SELECT {feed}, p.chunk_number, p.row_index, '', p.reference, 'COVERAGE_OVERLAP', false, true
FROM publishing p
WHERE p.verdict IN ('NEW', 'CHANGED') AND p.person_id IS NOT NULL
  AND p.card_classification <> {medical_aid} AND EXISTS
  (SELECT FROM kakunin.coverage o WHERE o.person_id = p.person_id AND o.insurer_number <> {party}
   AND o.known_to IS NULL AND o.visible AND o.card_classification <> {medical_aid}
   AND greatest(o.qualification_date, p.qualification_date)
     < least(o.disqualification_date, p.disqualification_date, 'infinity')))";

constexpr char kTouches[] = "SELECT EXISTS (SELECT FROM publishing WHERE verdict <> 'NEW')";

constexpr char kCloseReplaced[] = R"(
UPDATE kakunin.coverage c SET known_to = {at} FROM publishing p
WHERE p.verdict IN ('CHANGED', 'LOST') AND c.person_id = p.person_id
  AND c.insurer_number = {party} AND c.coverage_reference = p.reference
  AND c.known_to IS NULL)";

// Here and below rows are written in the order of their index: a large delivery then meets each of
// its pages once and not once a row.
constexpr char kInsertDelivered[] = R"(
INSERT INTO kakunin.coverage (person_id, {content}, visible, certificates, feed_id, known_from)
SELECT p.person_id, {staged}, true,
  CASE WHEN p.verdict = 'CHANGED' THEN
    (SELECT c.certificates FROM kakunin.coverage c
     WHERE c.person_id = p.person_id AND c.insurer_number = {party}
       AND c.coverage_reference = p.reference AND c.known_to = {at}) END,
  {feed}, {at} FROM publishing p
CROSS JOIN LATERAL ({staged_row}) r
WHERE p.verdict IN ('NEW', 'CHANGED') ORDER BY p.person_id)";

// A loss tells two columns; the others stay what they were.
constexpr char kInsertLost[] = R"(
INSERT INTO kakunin.coverage (person_id, {content}, visible, certificates, feed_id, known_from)
SELECT p.person_id, {known_but_loss}, c.visible, c.certificates, {feed}, {at} FROM publishing p
CROSS JOIN LATERAL ({staged_row}) r
JOIN kakunin.coverage c ON c.person_id = p.person_id AND c.insurer_number = {party}
  AND c.coverage_reference = p.reference AND c.known_to = {at}
WHERE p.verdict = 'LOST')";

constexpr char kNoteReferences[] = R"(
INSERT INTO kakunin.coverage_by_reference
  (insurer_number, coverage_reference, person_id, row_hash)
SELECT {party}, reference, person_id, row_hash FROM publishing WHERE verdict = 'NEW'
ORDER BY reference
ON CONFLICT (insurer_number, coverage_reference) DO UPDATE SET row_hash = excluded.row_hash)";

// What a row told again would leave as it is, it need not tell. A row without a number leaves the
// coverage alone and stands beside it, hidden, and one of somebody else opens a case: the next one
// is compared.
constexpr char kNoteHashes[] = R"(
UPDATE kakunin.coverage_by_reference b
SET row_hash = CASE WHEN p.verdict IN {taken} THEN p.row_hash END FROM publishing p
WHERE (p.verdict IN {taken} OR p.verdict = 'HIDDEN' OR {conflicts})
  AND b.insurer_number = {party} AND b.coverage_reference = p.reference
  AND b.row_hash IS DISTINCT FROM CASE WHEN p.verdict IN {taken} THEN p.row_hash END)";

// What was hidden under a reference is replaced by whatever is accepted under it now.
constexpr char kCloseHidden[] = R"(
UPDATE kakunin.hidden_coverage h SET known_to = {at} FROM publishing p
WHERE p.verdict IN ('HIDDEN', 'NEW', 'CHANGED', 'LOST', 'UNCHANGED')
  AND h.insurer_number = {party} AND h.coverage_reference = p.reference
  AND h.known_to IS NULL)";

constexpr char kInsertHidden[] = R"(
INSERT INTO kakunin.hidden_coverage ({content}{beside}, feed_id, known_from)
SELECT {staged}, r.number_hash, r.number_key_id, p.identity_fields, p.identity_hash, {feed}, {at}
FROM publishing p
CROSS JOIN LATERAL ({staged_row}) r
WHERE p.verdict = 'HIDDEN')";

constexpr char kInsertLookups[] = R"(
INSERT INTO kakunin.insured_lookup (key_hash, person_id)
SELECT DISTINCT k, p.person_id FROM publishing p
CROSS JOIN LATERAL (VALUES (p.key_without_branch), (p.key_with_branch)) v (k)
WHERE p.verdict IN ('NEW', 'CHANGED')
ORDER BY k
ON CONFLICT (key_hash, person_id) DO NOTHING)";

// A key that a change took away from a person and that no other coverage of the person has.
constexpr char kDeleteLookups[] = R"(
DELETE FROM kakunin.insured_lookup l USING
  (SELECT DISTINCT k, c.person_id FROM publishing p
   JOIN kakunin.coverage c ON c.person_id = p.person_id AND c.insurer_number = {party}
     AND c.coverage_reference = p.reference AND c.known_to = {at}
   CROSS JOIN LATERAL (VALUES (c.key_without_branch), (c.key_with_branch)) v (k)
   WHERE p.verdict = 'CHANGED') gone
WHERE l.key_hash = gone.k AND l.person_id = gone.person_id AND NOT EXISTS
  (SELECT FROM kakunin.coverage c
   WHERE c.person_id = gone.person_id AND c.known_to IS NULL AND c.visible
     AND gone.k IN (c.key_without_branch, c.key_with_branch)))";

// What makes a coverage somebody's, and since when: to change it is to correct.
constexpr char kIdentityColumns[] =
    "birth_date, sex, qualification_date, key_without_branch, key_with_branch";

// A copay ratio or a limit band. What was delivered by itself (4, 5: FeedKind) stays.
constexpr char kBandsKnown[] =
    "(c.partial_contribution_percent IS NOT NULL OR c.elderly_contribution_percent IS NOT NULL"
    " OR c.limit_certificates <> '[]')";
constexpr char kBandsLost[] =
    "(c.partial_contribution_percent IS NOT NULL AND r.partial_contribution_percent IS NULL"
    " OR c.elderly_contribution_percent IS NOT NULL AND r.elderly_contribution_percent IS NULL"
    " AND (c.certificates @? '$[*] ? (@.kind == 4)') IS NOT TRUE"
    " OR c.limit_certificates <> '[]' AND r.limit_certificates = '[]'"
    " AND (c.certificates @? '$[*] ? (@.kind == 5)') IS NOT TRUE)";

// From 70 to 74 every insured person has a ratio of their own (高齢受給者); a year is left at each
// end, since it begins with a month, and the 75th birthday ends the coverage. Who receives medical
// aid pays nothing and has none.
constexpr char kIsElderly[] =
    "(r.action <> {lost} AND r.disqualification_date IS NULL"
    " AND r.card_classification <> {medical_aid}"
    " AND r.birth_date BETWEEN ({at} - interval '74 years')::date"
    " AND ({at} - interval '71 years')::date)";

// Of an insurer that delivers certificates of elderly recipients by themselves no row of a coverage
// needs to tell a ratio.
constexpr char kRatiosExpected[] =
    "NOT EXISTS (SELECT FROM kakunin.delivery_progress d"
    " WHERE d.party = {party} AND d.kind = 4 AND d.through IS NOT NULL)";

// It does not agree with the register of residents, and nobody has released it as it is.
constexpr char kInDoubt[] =
    "(r.identity_fields < 64 AND NOT EXISTS (SELECT FROM kakunin.identity_case k"
    " WHERE k.insurer_number = {party} AND k.coverage_reference = r.coverage_reference"
    " AND k.state = 2 AND k.identity_hash = r.identity_hash))";

constexpr char kKnownRow[] =
    "SELECT * FROM kakunin.coverage t WHERE t.person_id = p.person_id"
    " AND t.insurer_number = {party} AND t.coverage_reference = p.reference"
    " AND t.known_to IS NULL OFFSET 0";

// Whom a reference named that names nobody now: the past asks for it.
constexpr char kNotePast[] = R"(
INSERT INTO kakunin.coverage_reference_past
  (insurer_number, coverage_reference, person_id, ended_at)
SELECT {party}, reference, person_now, {at} FROM undoing u
WHERE person_now IS NOT NULL AND NOT EXISTS
  (SELECT FROM kakunin.coverage_by_reference b
   WHERE b.insurer_number = {party} AND b.coverage_reference = u.reference
     AND b.person_id = u.person_now))";

constexpr char kUndoneLookups[] = R"(
INSERT INTO kakunin.insured_lookup (key_hash, person_id)
SELECT DISTINCT k, c.person_id FROM undoing u
JOIN kakunin.coverage c ON c.person_id = u.person_prior AND c.insurer_number = {party}
  AND c.coverage_reference = u.reference AND c.known_from = {at} AND c.visible
CROSS JOIN LATERAL (VALUES (c.key_without_branch), (c.key_with_branch)) v (k)
ON CONFLICT (key_hash, person_id) DO NOTHING)";

constexpr char kUndoneDeleteLookups[] = R"(
DELETE FROM kakunin.insured_lookup l USING
  (SELECT DISTINCT k, c.person_id FROM undoing u
   JOIN kakunin.coverage c ON c.person_id = u.person_now AND c.insurer_number = {party}
     AND c.coverage_reference = u.reference AND c.known_to = {at}
   CROSS JOIN LATERAL (VALUES (c.key_without_branch), (c.key_with_branch)) v (k)) gone
WHERE l.key_hash = gone.k AND l.person_id = gone.person_id AND NOT EXISTS
  (SELECT FROM kakunin.coverage c
   WHERE c.person_id = gone.person_id AND c.known_to IS NULL AND c.visible
     AND gone.k IN (c.key_without_branch, c.key_with_branch)))";

// Nothing is what the last row under these references had made it: the next one is compared.
constexpr char kUndoneHashes[] = R"(
UPDATE kakunin.coverage_by_reference b SET row_hash = NULL
WHERE b.insurer_number = {party} AND b.row_hash IS NOT NULL AND b.coverage_reference IN
  (SELECT reference FROM undoing UNION SELECT reference FROM undoing_hidden UNION
   SELECT k.coverage_reference FROM kakunin.identity_case k
   WHERE k.insurer_number = {party} AND k.reason = {case_reason} AND k.opened_at = {at}))";

// What the timed jobs look through for notices: one row, however many were published.
constexpr char kLeaveNoticeWork[] = R"(
INSERT INTO kakunin.notice_work (work_id, kind, insurer, source, changed_at)
SELECT gen_random_uuid(), {answer_changed}, {party}, {feed}, {at}
WHERE EXISTS (SELECT FROM publishing WHERE verdict IN ('NEW', 'CHANGED', 'LOST')))";

constexpr char kLeaveUndoneWork[] = R"(
INSERT INTO kakunin.notice_work (work_id, kind, insurer, source, changed_at)
SELECT gen_random_uuid(), {answer_taken_back}, {party}, {feed}, {at}
WHERE EXISTS (SELECT FROM undoing))";

// Replaces the one column of a list.
std::string WithSource(std::string columns, const std::string& from, const std::string& to) {
  return columns.replace(columns.find(from), from.size(), to);
}

}  // namespace

CoveragePublish::CoveragePublish(const AnswerBuilder& build) : build_(build) {
  const std::string known = ColumnsOf(kCoverageColumns, "c");
  words_ = {
      {"content", kCoverageColumns},
      {"identity_staged", ColumnsOf(kIdentityColumns, "r")},
      {"identity_known", ColumnsOf(kIdentityColumns, "c")},
      {"in_doubt", kInDoubt},
      {"taken", "('CHANGED', 'LOST', 'UNCHANGED')"},
      {"claimed", "p.person_id"},
      {"of_another", kOfAnother},
      {"conflicts", kConflicts},
      {"case_persons", kCasePersons},
      {"case_kind", std::to_string(static_cast<int>(IdentityCaseKind::kRowDisagrees))},
      {"case_reason", fmt::format("'{}'", kReasonOfConflict)},
      {"deliverer", std::to_string(static_cast<int>(ActorKind::kInsurer))},
      {"beside", ", number_hash, number_key_id, identity_fields, identity_hash"},
      {"known_beside", ", c.number_hash, c.number_key_id, c.identity_fields, c.identity_hash"},
      {"bands_known", kBandsKnown},
      {"bands_lost", kBandsLost},
      {"is_elderly", kIsElderly},
      {"ratios_expected", kRatiosExpected},
      {"answer_changed", std::to_string(static_cast<int>(NoticeKind::kAnswerChanged))},
      {"answer_taken_back", std::to_string(static_cast<int>(NoticeKind::kAnswerTakenBack))},
      {"truth", "kakunin.coverage"},
      {"held_kind", std::to_string(static_cast<int>(HeldKind::kCoverage))},
      {"hidden", "kakunin.hidden_coverage"},
      {"by_reference", "kakunin.coverage_by_reference"},
      {"party_column", "insurer_number"},
      {"reference_column", "coverage_reference"},
      {"told_by", "reference"},
      {"told_in_truth", kToldInTruth},
      {"keeps_told", "true"},
      {"and_visible", kCarriedColumns},
      {"month", "NULL::date"},
      {"and_month", ""},
      {"and_prior_month", ""},
      {"named_month", "true"},
      {"prior_month", "true"},
      {"known_row", kKnownRow},
      {"diff", DiffOf(kCoverageColumns)},
      {"lost_diff", DiffOf("disqualification_date, reason_of_loss")},
      {"staged", ColumnsOf(kCoverageColumns, "r")},
      {"known", known},
      {"known_but_loss",
       WithSource(WithSource(known, "c.disqualification_date", "r.disqualification_date"),
                  "c.reason_of_loss", "r.reason_of_loss")}};
}

void CoveragePublish::Judge(FeedPublish& publish) {
  publish.Exec(kJudge);
  publish.RefuseOutdated();
  HideBeside(publish);
}

void CoveragePublish::NoteFindings(FeedPublish& publish) { publish.Exec(kNoteOverlaps); }

absl::Status CoveragePublish::Write(FeedPublish& publish) {
  // A first delivery touches nothing that is known, and need not look for it.
  const bool touches = publish.Exec(kTouches)[0][0].as<bool>();
  for (const auto& [sql, of_known] :
       std::initializer_list<std::pair<const char*, bool>>{{kCloseReplaced, true},
                                                           {kInsertDelivered, false},
                                                           {kInsertLost, true},
                                                           {kNoteReferences, false},
                                                           {kNoteHashes, true},
                                                           {kCloseHidden, false},
                                                           {kInsertHidden, true},
                                                           {kInsertLookups, false},
                                                           {kDeleteLookups, true}}) {
    if (touches || !of_known) publish.Exec(sql);
  }
  NoteLag(publish);
  absl::Status status = WriteCopies(publish);
  if (status.ok()) {
    SettleConflicts(publish, touches);
    SettleCases(publish);
  }
  return status;
}

absl::Status CoveragePublish::WriteCopies(FeedPublish& publish) {
  publish.Exec(kLeaveNoticeWork);
  // Whom a row in doubt made known has an answer row, an empty one.
  return WriteAnswersOf(
      publish,
      "SELECT DISTINCT person_id::text FROM publishing WHERE verdict IN ('NEW', 'CHANGED', 'LOST')"
      " OR {has_person} ORDER BY 1");
}

absl::Status CoveragePublish::WriteUndone(FeedPublish& publish) {
  for (const char* sql : {kNotePast, kUndoneLookups, kUndoneDeleteLookups, kLeaveUndoneWork}) {
    publish.Exec(sql);
  }
  absl::Status status =
      WriteAnswersOf(publish,
                     "SELECT person_now::text FROM undoing WHERE person_now IS NOT NULL UNION"
                     " SELECT person_prior::text FROM undoing WHERE person_prior IS NOT NULL"
                     " ORDER BY 1");
  if (!status.ok()) return status;
  // Last: what counts the changes of cases is one row for all parties.
  SettleUndoneConflicts(publish);
  publish.Exec(kUndoneHashes);
  SettleUndoneCases(publish);
  return absl::OkStatus();
}

absl::Status CoveragePublish::WriteAnswersOf(FeedPublish& publish, std::string_view persons_sql) {
  const pqxx::result rows = publish.Exec(persons_sql);
  std::vector<PersonId> persons;
  persons.reserve(rows.size());
  for (const auto& row : rows) persons.push_back(UuidFromText<PersonId>(row[0].c_str()));
  return WriteAnswers(publish.work(), persons, build_);
}

}  // namespace kakunin
