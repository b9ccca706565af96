#include "storage/postgres/coverage_publish.h"

#include <pqxx/result>
#include <vector>

#include "storage/postgres/answer_rows.h"
#include "storage/postgres/coverage_row.h"
#include "storage/postgres/text_value.h"

namespace kakunin {
namespace {

// One row a staged row: its verdict, and the person whom it is about. Everything is found by a
// unique index, so that no plan, however wrong its estimates, is worse than one look-up a row.
constexpr char kJudge[] = R"(
CREATE TEMPORARY TABLE publishing ON COMMIT DROP AS
SELECT r.chunk_number, r.row_index, r.coverage_reference AS reference, r.number_hash, r.number_key_id,
  r.key_without_branch, r.key_with_branch, n.person_id,
  CASE
    WHEN r.number_hash IS NULL THEN 'HIDDEN'
    WHEN b.person_id IS NOT NULL AND b.person_id IS DISTINCT FROM n.person_id
      THEN 'PERSON_CONFLICT'
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
  END AS verdict
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

constexpr char kCloseReplaced[] = R"(
UPDATE kakunin.coverage c SET known_to = {at} FROM publishing p
WHERE p.verdict IN ('CHANGED', 'LOST') AND c.person_id = p.person_id
  AND c.insurer_number = {party} AND c.coverage_reference = p.reference
  AND c.known_to IS NULL)";

constexpr char kInsertDelivered[] = R"(
INSERT INTO kakunin.coverage (person_id, {content}, visible, feed_id, known_from)
SELECT p.person_id, {staged}, true, {feed}, {at} FROM publishing p
CROSS JOIN LATERAL ({staged_row}) r
WHERE p.verdict IN ('NEW', 'CHANGED'))";

// A loss tells two columns; the others stay what they were.
constexpr char kInsertLost[] = R"(
INSERT INTO kakunin.coverage (person_id, {content}, visible, feed_id, known_from)
SELECT p.person_id, {known_but_loss}, c.visible, {feed}, {at} FROM publishing p
CROSS JOIN LATERAL ({staged_row}) r
JOIN kakunin.coverage c ON c.person_id = p.person_id AND c.insurer_number = {party}
  AND c.coverage_reference = p.reference AND c.known_to = {at}
WHERE p.verdict = 'LOST')";

constexpr char kNoteReferences[] = R"(
INSERT INTO kakunin.coverage_by_reference (insurer_number, coverage_reference, person_id)
SELECT {party}, reference, person_id FROM publishing WHERE verdict = 'NEW'
ON CONFLICT (insurer_number, coverage_reference) DO NOTHING)";

// What was hidden under a reference is replaced by whatever is accepted under it now.
constexpr char kCloseHidden[] = R"(
UPDATE kakunin.hidden_coverage h SET known_to = {at} FROM publishing p
WHERE p.verdict IN ('HIDDEN', 'NEW', 'CHANGED', 'LOST', 'UNCHANGED')
  AND h.insurer_number = {party} AND h.coverage_reference = p.reference
  AND h.known_to IS NULL)";

constexpr char kInsertHidden[] = R"(
INSERT INTO kakunin.hidden_coverage ({content}, feed_id, known_from)
SELECT {staged}, {feed}, {at} FROM publishing p
CROSS JOIN LATERAL ({staged_row}) r
WHERE p.verdict = 'HIDDEN')";

constexpr char kInsertLookups[] = R"(
INSERT INTO kakunin.insured_lookup (key_hash, person_id)
SELECT DISTINCT k, p.person_id FROM publishing p
CROSS JOIN LATERAL (VALUES (p.key_without_branch), (p.key_with_branch)) v (k)
WHERE p.verdict IN ('NEW', 'CHANGED')
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

// Replaces the one column of a list.
std::string WithSource(std::string columns, const std::string& from, const std::string& to) {
  return columns.replace(columns.find(from), from.size(), to);
}

}  // namespace

CoveragePublish::CoveragePublish(const AnswerBuilder& build) : build_(build) {
  const std::string known = ColumnsOf(kCoverageColumns, "c");
  words_ = {{"content", kCoverageColumns},
            {"staged", ColumnsOf(kCoverageColumns, "r")},
            {"known", known},
            {"known_but_loss",
             WithSource(WithSource(known, "c.disqualification_date", "r.disqualification_date"),
                        "c.reason_of_loss", "r.reason_of_loss")}};
}

void CoveragePublish::Judge(FeedPublish& publish) { publish.Exec(kJudge); }

absl::Status CoveragePublish::Write(FeedPublish& publish) {
  for (const char* sql : {kCloseReplaced, kInsertDelivered, kInsertLost, kNoteReferences,
                          kCloseHidden, kInsertHidden, kInsertLookups, kDeleteLookups}) {
    publish.Exec(sql);
  }
  const pqxx::result rows = publish.Exec(
      "SELECT DISTINCT person_id::text FROM publishing"
      " WHERE verdict IN ('NEW', 'CHANGED', 'LOST') ORDER BY 1");
  std::vector<PersonId> persons;
  persons.reserve(rows.size());
  for (const auto& row : rows) persons.push_back(UuidFromText<PersonId>(row[0].c_str()));
  return WriteAnswers(publish.work(), persons, build_);
}

}  // namespace kakunin
