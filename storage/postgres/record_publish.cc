#include "storage/postgres/record_publish.h"

#include <fmt/format.h>

#include <pqxx/result>

#include "domain/actor.h"
#include "domain/identity_case.h"
#include "domain/person_repair.h"
#include "storage/postgres/answer_rows.h"
#include "storage/postgres/conflict_cases.h"
#include "storage/postgres/feed_order.h"
#include "storage/postgres/text_value.h"

namespace kakunin {
namespace {

// One row a staged row: its verdict, the person whom it is about, its month and the month that it
// had until now. Everything is found by a unique index, one look-up a row: see coverage_publish.cc;
// OFFSET 0 keeps a plan from reading every month of the truth instead.
constexpr char kJudge[] = R"(
CREATE TEMPORARY TABLE publishing ON COMMIT DROP AS
SELECT r.chunk_number, r.row_index, r.reference, r.number_hash, r.number_key_id, r.month,
  b.month AS known_month, n.person_id, b.person_id AS holder,
  CASE
    WHEN r.number_hash IS NOT NULL AND b.person_id IS NOT NULL
      AND b.person_id IS DISTINCT FROM n.person_id THEN 'PERSON_CONFLICT'
    -- What came without a number is withdrawn with or without one, anything else with it.
    WHEN r.action = {lost} AND c.person_id IS NULL AND h.reference IS NOT NULL THEN 'LOST'
    WHEN r.action = {lost} AND (b.person_id IS NULL OR r.number_hash IS NULL)
      THEN 'REFERENCE_UNKNOWN'
    WHEN r.action = {lost} AND c.person_id IS NULL THEN 'UNCHANGED'
    WHEN r.action = {lost} THEN 'LOST'
    WHEN r.number_hash IS NULL THEN 'HIDDEN'
    -- A change of what came without a number gives it the number.
    WHEN c.person_id IS NULL AND (r.action = {new} OR
      r.action = {changed} AND h.reference IS NOT NULL) THEN 'NEW'
    WHEN c.person_id IS NULL THEN 'REFERENCE_UNKNOWN'
    WHEN ROW({staged}) IS NOT DISTINCT FROM ROW({known}) THEN 'UNCHANGED'
    WHEN r.action = {new} THEN 'REFERENCE_EXISTS'
    ELSE 'CHANGED'
  END AS verdict,
  CASE WHEN c.person_id IS NULL THEN (r.action <> {lost})::int
    WHEN r.action = {lost} THEN -1 ELSE 0
  END AS running,
  {no_risk}
FROM {staging} r
LEFT JOIN kakunin.person_number n ON n.number_hash = r.number_hash
LEFT JOIN {by_reference} b ON b.pushed_by = {party} AND b.reference = r.reference
LEFT JOIN LATERAL
  (SELECT * FROM {truth} t WHERE t.person_id = b.person_id AND t.month = b.month
   AND t.pushed_by = {party} AND t.reference = r.reference AND t.known_to IS NULL OFFSET 0) c
  ON true
LEFT JOIN {hidden} h
  ON h.pushed_by = {party} AND h.reference = r.reference AND h.known_to IS NULL
WHERE r.feed_id = {feed})";

constexpr char kKnownRow[] =
    "SELECT * FROM {truth} t WHERE t.person_id = p.person_id AND t.month = p.known_month"
    " AND t.pushed_by = {party} AND t.reference = p.reference AND t.known_to IS NULL OFFSET 0";

constexpr char kCloseReplaced[] = R"(
UPDATE {truth} c SET known_to = {at} FROM publishing p
WHERE p.verdict IN ('CHANGED', 'LOST') AND c.person_id = p.person_id AND c.month = p.known_month
  AND c.pushed_by = {party} AND c.reference = p.reference AND c.known_to IS NULL)";

constexpr char kInsertDelivered[] = R"(
INSERT INTO {truth} (person_id, {content}, feed_id, known_from)
SELECT p.person_id, {staged}, {feed}, {at} FROM publishing p
CROSS JOIN LATERAL ({staged_row}) r
WHERE p.verdict IN ('NEW', 'CHANGED'))";

constexpr char kNoteReferences[] = R"(
INSERT INTO {by_reference} AS b (pushed_by, reference, person_id, month)
SELECT {party}, reference, person_id, month FROM publishing WHERE verdict IN ('NEW', 'CHANGED')
ON CONFLICT (pushed_by, reference) DO UPDATE SET month = excluded.month
WHERE b.month <> excluded.month)";

// What was hidden under a reference is replaced by whatever is accepted under it now.
constexpr char kCloseHidden[] = R"(
UPDATE {hidden} h SET known_to = {at} FROM publishing p
WHERE p.verdict IN ('HIDDEN', 'NEW', 'CHANGED', 'LOST', 'UNCHANGED')
  AND h.pushed_by = {party} AND h.reference = p.reference AND h.known_to IS NULL)";

constexpr char kInsertHidden[] = R"(
INSERT INTO {hidden} ({content}, feed_id, known_from)
SELECT {staged}, {feed}, {at} FROM publishing p
CROSS JOIN LATERAL ({staged_row}) r
WHERE p.verdict = 'HIDDEN')";

// A row that moves to another month touches both.
constexpr char kTouched[] = R"(
SELECT person_id::text, month FROM publishing WHERE verdict IN ('NEW', 'CHANGED')
UNION
SELECT person_id::text, known_month FROM publishing
WHERE verdict IN ('CHANGED', 'LOST') AND person_id IS NOT NULL AND known_month IS NOT NULL
ORDER BY 1, 2)";

// What was closed and what was brought back by this undo.
constexpr char kTouchedByUndo[] = R"(
SELECT x.person_id::text, x.month FROM undoing u
JOIN {truth} x ON x.person_id = u.person_now AND x.pushed_by = {party}
  AND x.reference = u.reference AND x.known_to = {at}
UNION
SELECT person_prior::text, prior_month FROM undoing WHERE prior_from IS NOT NULL
ORDER BY 1, 2)";

}  // namespace

RecordPublish::RecordPublish(const std::string& table, const std::string& columns,
                             const AnswerBuilder& answer, WriteMonths write_months)
    : answer_(answer),
      write_months_(std::move(write_months)),
      staging_(fmt::format("kakunin.feed_{}_row", table)),
      words_{{"truth", "kakunin." + table},
             {"held_kind", std::to_string(static_cast<int>(
                               table == "receipt" ? HeldKind::kReceipt : HeldKind::kHealthCheck))},
             {"hidden", "kakunin.hidden_" + table},
             {"by_reference", fmt::format("kakunin.{}_by_reference", table)},
             {"party_column", "pushed_by"},
             {"reference_column", "reference"},
             {"claimed", "p.person_id"},
             {"of_another", kOfAnother},
             {"conflicts", kConflicts},
             {"case_persons", kCasePersons},
             {"case_kind", std::to_string(static_cast<int>(IdentityCaseKind::kRowDisagrees))},
             {"case_reason", fmt::format("'{}'", kReasonOfConflict)},
             {"deliverer",
              std::to_string(static_cast<int>(table == "receipt" ? ActorKind::kClaimsReviewer
                                                                 : ActorKind::kInsurer))},
             {"told_by", "reference"},
             {"told_in_truth", kToldInTruth},
             {"keeps_told", "true"},
             {"and_visible", ""},
             {"month", "month"},
             {"and_month", ", month"},
             {"and_prior_month", ", prior_month"},
             {"named_month", "n.month = b.month"},
             {"prior_month", "c.month = u.prior_month"},
             {"content", columns},
             {"known_row", kKnownRow},
             {"diff", DiffOf(columns)},
             {"lost_diff", "ARRAY[]::text[]"},
             {"no_risk", kNoRiskColumns},
             {"beside", ""},
             {"known_beside", ""},
             {"staged", ColumnsOf(columns, "r")},
             {"known", ColumnsOf(columns, "c")}} {}

void RecordPublish::Judge(FeedPublish& publish) {
  publish.Exec(kJudge);
  publish.RefuseOutdated();
}

absl::Status RecordPublish::WritePersons(FeedPublish& publish) {
  return WriteAnswersOfNew(publish, answer_);
}

absl::Status RecordPublish::Write(FeedPublish& publish) {
  const bool replaces = publish.Replaces();
  if (replaces) publish.Exec(kCloseReplaced);
  for (const char* sql : {kInsertDelivered, kNoteReferences, kCloseHidden, kInsertHidden}) {
    publish.Exec(sql);
  }
  absl::Status status = WriteMonthsOf(publish, kTouched, replaces);
  if (status.ok()) SettleConflicts(publish);
  return status;
}

absl::Status RecordPublish::WriteUndone(FeedPublish& publish) {
  absl::Status status = WriteMonthsOf(publish, kTouchedByUndo, /*may_shrink=*/true);
  if (status.ok()) SettleUndoneConflicts(publish);
  return status;
}

absl::Status RecordPublish::WriteMonthsOf(FeedPublish& publish, std::string_view months_sql,
                                          bool may_shrink) {
  const pqxx::result rows = publish.Exec(months_sql);
  std::vector<PersonMonth> months;
  months.reserve(rows.size());
  for (const auto& row : rows) {
    months.push_back(
        {UuidFromText<PersonId>(row[0].c_str()), absl::CivilMonth(DayFromText(row[1].c_str()))});
  }
  return write_months_(publish.work(), months, may_shrink);
}

}  // namespace kakunin
