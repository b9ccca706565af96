#include "storage/postgres/feed_publish.h"

#include <fmt/format.h>

#include <pqxx/result>
#include <vector>

#include "storage/postgres/answer_rows.h"
#include "storage/postgres/coverage_row.h"
#include "storage/postgres/text_value.h"

namespace kakunin {
namespace {

// ColumnsOf is "r.insurer_number, r.coverage_reference, ...": the content columns behind an alias.
std::string ColumnsOf(std::string_view alias) {
  std::string columns = fmt::format("{}.", alias);
  for (const char c : std::string_view(kCoverageColumns)) {
    if (c == ' ') continue;
    columns += c;
    if (c == ',') columns += fmt::format(" {}.", alias);
  }
  return columns;
}

// The staged row of `p`. OFFSET 0 makes it one look-up a row of `p`: statistics know nothing of
// rows that were staged a moment ago.
constexpr char kStagedRow[] =
    "SELECT * FROM kakunin.feed_coverage_row WHERE feed_id = {feed}"
    " AND chunk_number = p.chunk_number AND row_index = p.row_index OFFSET 0";

// One row a staged row: its verdict, and the person whom it is about. Everything is found by a
// unique index, so that no plan, however wrong its estimates, is worse than one look-up a row.
constexpr char kJudge[] = R"(
CREATE TEMPORARY TABLE publishing ON COMMIT DROP AS
SELECT r.chunk_number, r.row_index, r.coverage_reference, r.number_hash, r.number_key_id,
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
FROM kakunin.feed_coverage_row r
LEFT JOIN kakunin.person_number n ON n.number_hash = r.number_hash
LEFT JOIN kakunin.coverage_by_reference b
  ON b.insurer_number = {insurer} AND b.coverage_reference = r.coverage_reference
LEFT JOIN kakunin.coverage c
  ON c.person_id = b.person_id AND c.insurer_number = {insurer}
  AND c.coverage_reference = r.coverage_reference AND c.known_to IS NULL
LEFT JOIN kakunin.hidden_coverage h
  ON h.insurer_number = {insurer} AND h.coverage_reference = r.coverage_reference
  AND h.known_to IS NULL
WHERE r.feed_id = {feed})";

// Of two rows under one reference neither can be believed.
constexpr char kRefuseDuplicates[] = R"(
UPDATE publishing SET verdict = 'DUPLICATE_REFERENCE' WHERE coverage_reference IN
  (SELECT coverage_reference FROM publishing GROUP BY coverage_reference HAVING count(*) > 1))";

// Ordered, so that two feeds that bring the same new persons wait for each other and not in a ring.
constexpr char kMakePersons[] = R"(
WITH made AS (
  INSERT INTO kakunin.person_number (number_hash, key_id, person_id, known_from)
  SELECT number_hash, min(number_key_id), gen_random_uuid(), {at} FROM publishing
  WHERE verdict = 'NEW' AND person_id IS NULL
  GROUP BY number_hash ORDER BY number_hash
  ON CONFLICT (number_hash) DO NOTHING
  RETURNING person_id)
INSERT INTO kakunin.person (person_id, created_at) SELECT person_id, {at} FROM made)";

// A statement of its own, so that it sees the persons whom another feed made meanwhile.
constexpr char kNamePersons[] = R"(
UPDATE publishing p SET person_id = n.person_id FROM kakunin.person_number n
WHERE p.verdict = 'NEW' AND p.person_id IS NULL AND n.number_hash = p.number_hash)";

constexpr char kLockPersons[] = R"(
SELECT count(*) FROM
  (SELECT FROM kakunin.answer a
   WHERE a.person_id IN (SELECT person_id FROM publishing
                         WHERE verdict IN ('NEW', 'CHANGED', 'LOST'))
   ORDER BY a.person_id FOR UPDATE) locked)";

constexpr char kCloseReplaced[] = R"(
UPDATE kakunin.coverage c SET known_to = {at} FROM publishing p
WHERE p.verdict IN ('CHANGED', 'LOST') AND c.person_id = p.person_id
  AND c.insurer_number = {insurer} AND c.coverage_reference = p.coverage_reference
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
JOIN kakunin.coverage c ON c.person_id = p.person_id AND c.insurer_number = {insurer}
  AND c.coverage_reference = p.coverage_reference AND c.known_to = {at}
WHERE p.verdict = 'LOST')";

constexpr char kNoteReferences[] = R"(
INSERT INTO kakunin.coverage_by_reference (insurer_number, coverage_reference, person_id)
SELECT {insurer}, coverage_reference, person_id FROM publishing WHERE verdict = 'NEW'
ON CONFLICT (insurer_number, coverage_reference) DO NOTHING)";

// What was hidden under a reference is replaced by whatever is accepted under it now.
constexpr char kCloseHidden[] = R"(
UPDATE kakunin.hidden_coverage h SET known_to = {at} FROM publishing p
WHERE p.verdict IN ('HIDDEN', 'NEW', 'CHANGED', 'LOST', 'UNCHANGED')
  AND h.insurer_number = {insurer} AND h.coverage_reference = p.coverage_reference
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
   JOIN kakunin.coverage c ON c.person_id = p.person_id AND c.insurer_number = {insurer}
     AND c.coverage_reference = p.coverage_reference AND c.known_to = {at}
   CROSS JOIN LATERAL (VALUES (c.key_without_branch), (c.key_with_branch)) v (k)
   WHERE p.verdict = 'CHANGED') gone
WHERE l.key_hash = gone.k AND l.person_id = gone.person_id AND NOT EXISTS
  (SELECT FROM kakunin.coverage c
   WHERE c.person_id = gone.person_id AND c.known_to IS NULL AND c.visible
     AND gone.k IN (c.key_without_branch, c.key_with_branch)))";

constexpr char kInsertFindings[] = R"(
INSERT INTO kakunin.feed_finding
  (feed_id, chunk_number, row_index, field, coverage_reference, reason, hidden)
SELECT {feed}, chunk_number, row_index, '', coverage_reference, verdict, false FROM publishing
WHERE verdict IN ('DUPLICATE_REFERENCE', 'PERSON_CONFLICT', 'REFERENCE_UNKNOWN',
                  'REFERENCE_EXISTS')
ON CONFLICT DO NOTHING)";

constexpr char kMarkPublished[] = R"(
UPDATE kakunin.feed f SET state = {published}, changed_at = {at}, published_at = {at},
  new_rows = c.new_rows, changed_rows = c.changed_rows, lost_rows = c.lost_rows,
  unchanged_rows = c.unchanged_rows, hidden_rows = c.hidden_rows,
  refused_rows = f.row_count - c.accepted_rows, new_persons = {new_persons}
FROM
  (SELECT count(*) FILTER (WHERE verdict = 'NEW') AS new_rows,
     count(*) FILTER (WHERE verdict = 'CHANGED') AS changed_rows,
     count(*) FILTER (WHERE verdict = 'LOST') AS lost_rows,
     count(*) FILTER (WHERE verdict = 'UNCHANGED') AS unchanged_rows,
     count(*) FILTER (WHERE verdict = 'HIDDEN') AS hidden_rows,
     count(*) FILTER (WHERE verdict IN ('NEW', 'CHANGED', 'LOST', 'UNCHANGED', 'HIDDEN'))
       AS accepted_rows
   FROM publishing) c
WHERE f.insurer_number = {insurer} AND f.feed_id = {feed})";

// Replaces the one column of a list.
std::string WithSource(std::string columns, const std::string& from, const std::string& to) {
  return columns.replace(columns.find(from), from.size(), to);
}

}  // namespace

FeedPublish::FeedPublish(pqxx::transaction_base& work, const FeedRow& feed, absl::Time at)
    : work_(work),
      feed_(feed),
      feed_id_(work.quote(UuidText(feed.id)) + "::uuid"),
      insurer_(work.quote(feed.insurer_number)),
      at_(work.quote(InstantText(at)) + "::timestamptz") {}

absl::Status FeedPublish::Run(const AnswerBuilder& build) {
  LockInsurer();
  Classify();
  FindPersons();
  LockPersons();
  WriteTruth();
  WriteHidden();
  WriteLookups();
  if (absl::Status status = WriteTouchedAnswers(build); !status.ok()) return status;
  WriteFindings();
  Finish();
  return absl::OkStatus();
}

pqxx::result FeedPublish::Exec(std::string_view sql) {
  static const std::string staged = ColumnsOf("r");
  static const std::string known = ColumnsOf("c");
  static const std::string known_but_loss =
      WithSource(WithSource(known, "c.disqualification_date", "r.disqualification_date"),
                 "c.reason_of_loss", "r.reason_of_loss");
  const std::string staged_row = fmt::format(kStagedRow, fmt::arg("feed", feed_id_));
  return work_.exec(fmt::format(fmt::runtime(sql), fmt::arg("feed", feed_id_),
                                fmt::arg("insurer", insurer_), fmt::arg("at", at_),
                                fmt::arg("content", kCoverageColumns), fmt::arg("staged", staged),
                                fmt::arg("known", known), fmt::arg("staged_row", staged_row),
                                fmt::arg("known_but_loss", known_but_loss),
                                fmt::arg("new", static_cast<int>(RowAction::kNew)),
                                fmt::arg("changed", static_cast<int>(RowAction::kChanged)),
                                fmt::arg("lost", static_cast<int>(RowAction::kLost)),
                                fmt::arg("published", static_cast<int>(FeedState::kPublished)),
                                fmt::arg("new_persons", new_persons_)));
}

void FeedPublish::LockInsurer() {
  // The insurer's first feed stands for the insurer: its feeds publish one after the other.
  Exec(
      "SELECT FROM kakunin.feed WHERE insurer_number = {insurer} ORDER BY kind, feed_number"
      " LIMIT 1 FOR UPDATE");
  // While we waited, or by another server's clock, a feed may have been published after our
  // instant; known periods of one coverage follow each other.
  const pqxx::result instant = Exec(
      "SELECT greatest({at}, max(published_at) + interval '1 microsecond') FROM kakunin.feed"
      " WHERE insurer_number = {insurer}");
  at_ = work_.quote(instant[0][0].c_str()) + "::timestamptz";
}

void FeedPublish::Classify() {
  Exec(kJudge);
  Exec(kRefuseDuplicates);
}

void FeedPublish::FindPersons() {
  new_persons_ = Exec(kMakePersons).affected_rows();
  Exec(kNamePersons);
  // From here on the plans know how many rows have which verdict.
  Exec("ANALYZE publishing");
}

void FeedPublish::LockPersons() { Exec(kLockPersons); }

void FeedPublish::WriteTruth() {
  Exec(kCloseReplaced);
  Exec(kInsertDelivered);
  Exec(kInsertLost);
  Exec(kNoteReferences);
}

void FeedPublish::WriteHidden() {
  Exec(kCloseHidden);
  Exec(kInsertHidden);
}

void FeedPublish::WriteLookups() {
  Exec(kInsertLookups);
  Exec(kDeleteLookups);
}

absl::Status FeedPublish::WriteTouchedAnswers(const AnswerBuilder& build) {
  const pqxx::result rows = Exec(
      "SELECT DISTINCT person_id::text FROM publishing"
      " WHERE verdict IN ('NEW', 'CHANGED', 'LOST') ORDER BY 1");
  std::vector<PersonId> persons;
  persons.reserve(rows.size());
  for (const auto& row : rows) persons.push_back(UuidFromText<PersonId>(row[0].c_str()));
  return WriteAnswers(work_, persons, build);
}

void FeedPublish::WriteFindings() {
  // A row that came without a number was told of when it was pushed, and keeps that finding.
  Exec(kInsertFindings);
}

void FeedPublish::Finish() {
  Exec("DELETE FROM kakunin.feed_coverage_row WHERE feed_id = {feed}");
  Exec(kMarkPublished);
}

}  // namespace kakunin
