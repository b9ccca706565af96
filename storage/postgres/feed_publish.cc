#include "storage/postgres/feed_publish.h"

#include <fmt/format.h>

#include <pqxx/result>
#include <vector>

#include "storage/postgres/answer_rows.h"
#include "storage/postgres/coverage_row.h"
#include "storage/postgres/text_value.h"

namespace kakunin {
namespace {

// "r.insurer_number, r.coverage_reference, ...": the content columns behind a table's alias.
// `replaced` gives two of them another source: what a LOST row says of the coverage it ends.
std::string Columns(const std::string& alias, const std::string& loss_alias = {}) {
  std::string columns;
  std::string name;
  const auto put = [&] {
    const bool loss = name == "disqualification_date" || name == "reason_of_loss";
    if (!columns.empty()) columns += ", ";
    columns += (loss && !loss_alias.empty() ? loss_alias : alias) + "." + name;
    name.clear();
  };
  for (const char c : std::string_view(kCoverageColumns)) {
    if (c == ',') {
      put();
    } else if (c != ' ') {
      name.push_back(c);
    }
  }
  put();
  return columns;
}

// The verdicts of a row, as they stand in the working table.
constexpr char kSetVerdicts[] = R"(
CREATE TEMPORARY TABLE publishing ON COMMIT DROP AS
SELECT r.chunk_number, r.row_index, r.action, r.number_hash, r.number_key_id, r.coverage_reference,
  b.person_id AS reference_person, n.person_id AS person_id,
  CASE
    WHEN count(*) OVER (PARTITION BY r.coverage_reference) > 1 THEN 'DUPLICATE_REFERENCE'
    WHEN r.number_hash IS NULL THEN 'HIDDEN'
    WHEN b.person_id <> n.person_id OR (b.person_id IS NOT NULL AND n.person_id IS NULL) THEN 'PERSON_CONFLICT'
    WHEN r.action IN (2, 3) AND b.person_id IS NULL THEN 'REFERENCE_UNKNOWN'
    WHEN r.action = 1 THEN 'NEW' WHEN r.action = 2 THEN 'CHANGED' ELSE 'LOST'
  END AS verdict
FROM kakunin.feed_coverage_row r
LEFT JOIN kakunin.person_number n ON n.number_hash = r.number_hash
LEFT JOIN kakunin.coverage_by_reference b
  ON b.insurer_number = {insurer} AND b.coverage_reference = r.coverage_reference
WHERE r.feed_id = {feed})";

void ReplaceAll(std::string& text, std::string_view from, const std::string& to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

}  // namespace

FeedPublish::FeedPublish(pqxx::transaction_base& work, const FeedRow& feed, absl::Time at)
    : work_(work),
      feed_(feed),
      feed_id_(work.quote(UuidText(feed.id)) + "::uuid"),
      insurer_(work.quote(feed.insurer_number)),
      at_(work.quote(InstantText(at)) + "::timestamptz") {}

absl::StatusOr<FeedCounts> FeedPublish::Run(const AnswerBuilder& build) {
  Classify();
  FindPersons();
  LockPersons();
  CompareWithTruth();
  WriteTruth();
  WriteHidden();
  WriteLookups();
  if (const absl::Status status = WriteTouchedAnswers(build); !status.ok()) return status;
  WriteFindings();
  return Finish();
}

pqxx::result FeedPublish::Exec(const std::string& sql) {
  std::string filled = sql;
  ReplaceAll(filled, "{feed}", feed_id_);
  ReplaceAll(filled, "{insurer}", insurer_);
  ReplaceAll(filled, "{at}", at_);
  return work_.exec(filled);
}

void FeedPublish::Classify() {
  Exec(kSetVerdicts);
  Exec("CREATE INDEX ON publishing (person_id)");
  Exec("ANALYZE publishing");
}

void FeedPublish::FindPersons() {
  // Ordered, so that two feeds that bring the same new person wait for each other and not in a
  // ring. What the other one made is found by the next statement.
  new_persons_ =
      Exec(
          "WITH made AS (INSERT INTO kakunin.person_number (number_hash, key_id, person_id, "
          "known_from)"
          "  SELECT number_hash, min(number_key_id), gen_random_uuid(), {at} FROM publishing"
          "  WHERE verdict IN ('NEW', 'CHANGED', 'LOST') AND person_id IS NULL"
          "  GROUP BY number_hash ORDER BY number_hash"
          "  ON CONFLICT (number_hash) DO NOTHING RETURNING person_id)"
          " INSERT INTO kakunin.person (person_id, created_at) SELECT person_id, {at} FROM made")
          .affected_rows();
  Exec(
      "UPDATE publishing p SET person_id = n.person_id FROM kakunin.person_number n"
      " WHERE p.person_id IS NULL AND n.number_hash = p.number_hash");
}

void FeedPublish::LockPersons() {
  // The answer row stands for the person: two feeds that touch one person publish one after the
  // other.
  Exec(
      "SELECT count(*) FROM (SELECT FROM kakunin.answer a WHERE a.person_id IN"
      " (SELECT person_id FROM publishing WHERE verdict IN ('NEW', 'CHANGED', 'LOST'))"
      " ORDER BY a.person_id FOR UPDATE) locked");
}

void FeedPublish::CompareWithTruth() {
  // A fresh statement, so it sees what another feed committed while we waited for the locks.
  Exec(
      fmt::format("UPDATE publishing p SET verdict = CASE"
                  "  WHEN p.verdict = 'LOST' AND c.disqualification_date IS NOT DISTINCT FROM "
                  "r.disqualification_date"
                  "    AND c.reason_of_loss = r.reason_of_loss THEN 'UNCHANGED'"
                  "  WHEN p.verdict = 'LOST' THEN 'LOST'"
                  "  WHEN ROW({0}) IS NOT DISTINCT FROM ROW({1}) THEN 'UNCHANGED'"
                  "  WHEN p.verdict = 'NEW' THEN 'REFERENCE_EXISTS'"
                  "  ELSE 'CHANGED' END"
                  " FROM kakunin.coverage c, kakunin.feed_coverage_row r"
                  " WHERE p.verdict IN ('NEW', 'CHANGED', 'LOST') AND c.person_id = p.person_id"
                  "  AND c.insurer_number = {{insurer}} AND c.coverage_reference = "
                  "p.coverage_reference AND c.known_to IS NULL"
                  "  AND r.feed_id = {{feed}} AND r.chunk_number = p.chunk_number AND r.row_index "
                  "= p.row_index",
                  Columns("c"), Columns("r")));
}

void FeedPublish::WriteTruth() {
  const std::string joined =
      " JOIN kakunin.feed_coverage_row r ON r.feed_id = {feed} AND r.chunk_number = p.chunk_number"
      " AND r.row_index = p.row_index";
  Exec(
      "UPDATE kakunin.coverage c SET known_to = {at} FROM publishing p"
      " WHERE p.verdict IN ('CHANGED', 'LOST') AND c.person_id = p.person_id AND c.insurer_number "
      "= {insurer}"
      "  AND c.coverage_reference = p.coverage_reference AND c.known_to IS NULL");
  Exec(fmt::format("INSERT INTO kakunin.coverage (person_id, {}, visible, feed_id, known_from)"
                   " SELECT p.person_id, {}, true, {{feed}}, {{at}} FROM publishing p",
                   kCoverageColumns, Columns("r")) +
       joined + " WHERE p.verdict IN ('NEW', 'CHANGED')");
  Exec(fmt::format("INSERT INTO kakunin.coverage (person_id, {}, visible, feed_id, known_from)"
                   " SELECT p.person_id, {}, c.visible, {{feed}}, {{at}} FROM publishing p",
                   kCoverageColumns, Columns("c", "r")) +
       joined +
       " JOIN kakunin.coverage c ON c.person_id = p.person_id AND c.insurer_number = {insurer}"
       "  AND c.coverage_reference = p.coverage_reference AND c.known_to = {at}"
       " WHERE p.verdict = 'LOST'");
  Exec(
      "INSERT INTO kakunin.coverage_by_reference (insurer_number, coverage_reference, person_id)"
      " SELECT {insurer}, coverage_reference, person_id FROM publishing WHERE verdict = 'NEW'");
}

void FeedPublish::WriteHidden() {
  // What was hidden under a reference is replaced by whatever comes under it now, hidden or not.
  Exec(
      "UPDATE kakunin.hidden_coverage h SET known_to = {at} FROM publishing p"
      " WHERE p.verdict IN ('HIDDEN', 'NEW', 'CHANGED', 'LOST') AND h.insurer_number = {insurer}"
      "  AND h.coverage_reference = p.coverage_reference AND h.known_to IS NULL");
  Exec(
      fmt::format("INSERT INTO kakunin.hidden_coverage ({}, feed_id, known_from)"
                  " SELECT {}, {{feed}}, {{at}} FROM publishing p"
                  " JOIN kakunin.feed_coverage_row r ON r.feed_id = {{feed}}"
                  "  AND r.chunk_number = p.chunk_number AND r.row_index = p.row_index"
                  " WHERE p.verdict = 'HIDDEN'",
                  kCoverageColumns, Columns("r")));
}

void FeedPublish::WriteLookups() {
  const std::string keys = ", LATERAL (VALUES (r.key_without_branch), (r.key_with_branch)) v (k)";
  Exec(
      "INSERT INTO kakunin.insured_lookup (key_hash, person_id)"
      " SELECT DISTINCT k, p.person_id FROM publishing p JOIN kakunin.feed_coverage_row r"
      "  ON r.feed_id = {feed} AND r.chunk_number = p.chunk_number AND r.row_index = p.row_index" +
      keys +
      " WHERE p.verdict IN ('NEW', 'CHANGED') ORDER BY k, p.person_id"
      " ON CONFLICT (key_hash, person_id) DO NOTHING");
  // A key that a change took away from a person and that no other coverage of the person has.
  Exec(
      "DELETE FROM kakunin.insured_lookup l USING"
      " (SELECT DISTINCT k, r.person_id FROM publishing p JOIN kakunin.coverage r"
      "  ON r.person_id = p.person_id AND r.insurer_number = {insurer}"
      "  AND r.coverage_reference = p.coverage_reference AND r.known_to = {at}" +
      keys +
      "  WHERE p.verdict = 'CHANGED') gone"
      " WHERE l.key_hash = gone.k AND l.person_id = gone.person_id AND NOT EXISTS"
      " (SELECT FROM kakunin.coverage c WHERE c.person_id = gone.person_id AND c.known_to IS NULL "
      "AND c.visible"
      "  AND gone.k IN (c.key_without_branch, c.key_with_branch))");
}

absl::Status FeedPublish::WriteTouchedAnswers(const AnswerBuilder& build) {
  const pqxx::result rows = Exec(
      "SELECT DISTINCT person_id::text FROM publishing WHERE verdict IN ('NEW', 'CHANGED', 'LOST') "
      "ORDER BY 1");
  std::vector<PersonId> persons;
  persons.reserve(rows.size());
  for (const auto& row : rows) persons.push_back(UuidFromText<PersonId>(row[0].c_str()));
  return WriteAnswers(work_, persons, build);
}

void FeedPublish::WriteFindings() {
  // A row that came without a number was told of when it was pushed.
  Exec(
      "INSERT INTO kakunin.feed_finding"
      " (feed_id, chunk_number, row_index, field, coverage_reference, reason, hidden)"
      " SELECT {feed}, chunk_number, row_index, '', coverage_reference, verdict, false FROM "
      "publishing"
      " WHERE verdict IN ('DUPLICATE_REFERENCE', 'PERSON_CONFLICT', 'REFERENCE_UNKNOWN', "
      "'REFERENCE_EXISTS')"
      " ON CONFLICT DO NOTHING");
}

FeedCounts FeedPublish::Finish() {
  Exec("DELETE FROM kakunin.feed_coverage_row WHERE feed_id = {feed}");
  const pqxx::row row =
      Exec(fmt::format(
               "UPDATE kakunin.feed f SET state = {}, changed_at = {{at}}, published_at = {{at}},"
               "  new_rows = c.new_rows, changed_rows = c.changed_rows, lost_rows = c.lost_rows,"
               "  unchanged_rows = c.unchanged_rows, hidden_rows = c.hidden_rows, refused_rows = "
               "c.refused_rows,"
               "  new_persons = {}"
               " FROM (SELECT count(*) FILTER (WHERE verdict = 'NEW') AS new_rows,"
               "   count(*) FILTER (WHERE verdict = 'CHANGED') AS changed_rows,"
               "   count(*) FILTER (WHERE verdict = 'LOST') AS lost_rows,"
               "   count(*) FILTER (WHERE verdict = 'UNCHANGED') AS unchanged_rows,"
               "   count(*) FILTER (WHERE verdict = 'HIDDEN') AS hidden_rows,"
               "   count(*) FILTER (WHERE verdict NOT IN ('NEW', 'CHANGED', 'LOST', 'UNCHANGED', "
               "'HIDDEN'))"
               "    + (SELECT coalesce(sum(refused), 0) FROM kakunin.feed_chunk WHERE feed_id = "
               "{{feed}})"
               "     AS refused_rows"
               "   FROM publishing) c"
               " WHERE f.insurer_number = {{insurer}} AND f.feed_id = {{feed}}"
               " RETURNING f.new_rows, f.changed_rows, f.lost_rows, f.unchanged_rows, "
               "f.hidden_rows, f.refused_rows,"
               "  f.new_persons",
               static_cast<int>(FeedState::kPublished), new_persons_))
          .front();
  return {.new_rows = row[0].as<int64_t>(),
          .changed_rows = row[1].as<int64_t>(),
          .lost_rows = row[2].as<int64_t>(),
          .unchanged_rows = row[3].as<int64_t>(),
          .hidden_rows = row[4].as<int64_t>(),
          .refused_rows = row[5].as<int64_t>(),
          .new_persons = row[6].as<int64_t>()};
}

}  // namespace kakunin
