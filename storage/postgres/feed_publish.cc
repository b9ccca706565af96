#include "storage/postgres/feed_publish.h"

#include <fmt/args.h>
#include <fmt/format.h>

#include <iterator>
#include <pqxx/result>

#include "absl/strings/str_split.h"
#include "storage/postgres/answer_rows.h"
#include "storage/postgres/delivery_store.h"
#include "storage/postgres/feed_order.h"
#include "storage/postgres/new_persons.h"
#include "storage/postgres/repair_lock.h"
#include "storage/postgres/text_value.h"

namespace kakunin {
namespace {

// A row that was not staged, since it told what is known, and whose reference another row of the
// feed has too.
constexpr char kAddTwiceTold[] = R"(
INSERT INTO publishing (chunk_number, row_index, reference, verdict, corrected)
SELECT u.chunk_number, told.row_index, told.reference, 'DUPLICATE_REFERENCE', false
FROM kakunin.feed_unchanged u
CROSS JOIN LATERAL unnest(u.row_indexes, u.row_references) told (row_index, reference)
WHERE u.feed_id = {feed} AND told.reference IN (SELECT reference FROM publishing))";

constexpr char kTruthHasMoved[] = R"(
SELECT (SELECT count(published_at) + count(undone_at) + {repairs} FROM kakunin.feed
        WHERE insurer_number = {party})
  IS DISTINCT FROM (SELECT truth_seen FROM kakunin.feed
                    WHERE insurer_number = {party} AND feed_id = {feed}))";

// Another feed has changed since what the row told. Its content is not here any more.
constexpr char kAddOutdated[] = R"(
INSERT INTO publishing (chunk_number, row_index, reference, verdict, corrected)
SELECT u.chunk_number, told.row_index, told.reference, 'ROW_OUTDATED', false
FROM kakunin.feed_unchanged u
CROSS JOIN LATERAL unnest(u.row_indexes, u.row_references, u.row_hashes)
  told (row_index, reference, hash)
WHERE u.feed_id = {feed}
  AND told.reference NOT IN (SELECT reference FROM publishing)
  AND NOT EXISTS (SELECT FROM kakunin.coverage_by_reference b
    WHERE b.insurer_number = {party} AND b.coverage_reference = told.reference
      AND b.row_hash = told.hash))";

// Of two rows under one reference neither can be believed, unless both tell what is known. What a
// later feed has told since stays outdated: it says nothing of anybody, and puts nobody in
// question.
constexpr char kRefuseDuplicates[] = R"(
UPDATE publishing SET verdict = 'DUPLICATE_REFERENCE'
WHERE verdict <> 'ROW_OUTDATED' AND reference IN
  (SELECT reference FROM publishing GROUP BY reference
   HAVING count(*) > 1 AND bool_or(verdict <> 'UNCHANGED')))";

// What was refused when it was pushed is not here but for its number.
constexpr char kAnyRefused[] = R"(
SELECT EXISTS (SELECT FROM publishing WHERE verdict NOT IN {not_refused})
  OR EXISTS (SELECT FROM kakunin.feed_refused_number WHERE feed_id = {feed}))";

constexpr char kRefuseBeside[] = R"(
WITH refused AS MATERIALIZED (
  SELECT number_hash, person_id FROM publishing WHERE verdict NOT IN {not_refused}
  UNION
  SELECT f.number_hash, n.person_id FROM kakunin.feed_refused_number f
  LEFT JOIN kakunin.person_number n ON n.number_hash = f.number_hash
  WHERE f.feed_id = {feed})
UPDATE publishing SET verdict = 'REFUSED_BESIDE'
WHERE verdict IN ('NEW', 'CHANGED', 'LOST')
  AND (number_hash IN (SELECT number_hash FROM refused)
    OR person_id IN (SELECT person_id FROM refused)))";

constexpr char kNotRefused[] = "('NEW', 'CHANGED', 'LOST', 'UNCHANGED', 'HIDDEN', 'ROW_OUTDATED')";

// Ordered, so that two feeds that bring the same new persons wait for each other and not in a ring.
constexpr char kMakePersons[] = R"(
WITH made AS (
  INSERT INTO kakunin.person_number (number_hash, key_id, person_id, known_from)
  SELECT number_hash, min(number_key_id), {new_person_id}, {at} FROM publishing
  WHERE {has_person} AND person_id IS NULL
  GROUP BY number_hash ORDER BY number_hash
  ON CONFLICT (number_hash) DO NOTHING
  RETURNING person_id)
INSERT INTO kakunin.person (person_id, created_at) SELECT person_id, {at} FROM made)";

// A statement of its own, so that it sees the persons whom another feed made meanwhile.
constexpr char kNamePersons[] = R"(
UPDATE publishing p SET person_id = n.person_id FROM kakunin.person_number n
WHERE {has_person} AND p.person_id IS NULL AND n.number_hash = p.number_hash)";

constexpr char kLockPersons[] = R"(
SELECT count(*) FROM
  (SELECT FROM kakunin.answer a
   WHERE a.person_id IN (SELECT person_id FROM publishing
                         WHERE verdict IN ('NEW', 'CHANGED', 'LOST') OR {has_person})
   ORDER BY a.person_id FOR UPDATE) locked)";

// Faults of a row by itself name a field and were told when it was pushed; these are of the row as
// a whole, and an earlier judgement may have told others.
constexpr char kForgetFindings[] =
    "DELETE FROM kakunin.feed_finding WHERE feed_id = {feed} AND field = ''";

constexpr char kInsertFindings[] = R"(
INSERT INTO kakunin.feed_finding
  (feed_id, chunk_number, row_index, field, coverage_reference, reason, hidden)
SELECT {feed}, chunk_number, row_index, '', reference,
  CASE WHEN verdict = 'HIDDEN' THEN {doubt_reason} ELSE verdict END, verdict = 'HIDDEN'
FROM publishing
WHERE verdict = 'HIDDEN' AND identity_fields IS NOT NULL
  OR verdict NOT IN ('NEW', 'CHANGED', 'LOST', 'UNCHANGED', 'HIDDEN'))";

// In the order of FeedFigures.
constexpr char kFigures[] = R"(
SELECT
  count(*) FILTER (WHERE verdict = 'NEW'),
  count(*) FILTER (WHERE verdict = 'CHANGED' AND NOT corrected),
  count(*) FILTER (WHERE verdict IN ('CHANGED', 'LOST') AND corrected),
  count(*) FILTER (WHERE verdict = 'LOST' AND NOT corrected),
  count(*) FILTER (WHERE verdict = 'UNCHANGED'),
  count(*) FILTER (WHERE verdict = 'HIDDEN'),
  count(*) FILTER (WHERE verdict IN ('NEW', 'CHANGED', 'LOST') AND running = 1),
  count(*) FILTER (WHERE verdict IN ('NEW', 'CHANGED', 'LOST') AND running = -1),
  count(*) FILTER (WHERE verdict = 'DUPLICATE_REFERENCE'),
  count(*) FILTER (WHERE verdict = 'PERSON_CONFLICT' OR swapped AND verdict IN ('NEW', 'CHANGED')),
  count(*) FILTER (WHERE verdict IN ('CHANGED', 'LOST') AND had_bands),
  count(*) FILTER (WHERE verdict IN ('CHANGED', 'LOST') AND bands_gone),
  count(*) FILTER (WHERE verdict IN ('NEW', 'CHANGED') AND elderly),
  count(*) FILTER (WHERE verdict IN ('NEW', 'CHANGED') AND elderly_bare),
  count(*) FILTER (WHERE named),
  count(*) FILTER (WHERE verdict = 'HIDDEN' AND named)
FROM publishing)";

constexpr char kNewPersons[] =
    "SELECT count(*) FROM (SELECT DISTINCT number_hash FROM publishing"
    " WHERE {has_person} AND person_id IS NULL) made";

constexpr char kChunkFigures[] = R"(
SELECT coalesce(sum(rows), 0), coalesce(sum(implausible), 0), coalesce(sum(refused), 0),
  coalesce(sum(unchanged), 0)
FROM kakunin.feed_chunk WHERE feed_id = {feed})";

// Feeds of an older binary kept no other numbers.
constexpr char kMembers[] = R"(
SELECT coalesce(sum(coalesce(begun_rows - ended_rows, new_rows - lost_rows)), 0)
FROM kakunin.feed WHERE insurer_number = {party} AND kind = {kind} AND state = {published})";

constexpr char kForgetSample[] = "DELETE FROM kakunin.feed_sample WHERE feed_id = {feed}";

constexpr char kInsertSample[] = R"(
INSERT INTO kakunin.feed_sample (feed_id, verdict, reference, changed_fields)
SELECT {feed}, v.label, p.reference,
  CASE WHEN v.label = 'NEW' THEN ARRAY[]::text[] WHEN p.verdict = 'LOST' THEN {lost_diff} ELSE {diff} END
FROM (VALUES ('NEW', false), ('CHANGED', false), ('CORRECTED', true), ('LOST', false))
  v (label, corrected)
CROSS JOIN LATERAL
  (SELECT * FROM publishing WHERE corrected = v.corrected AND
     (verdict = v.label OR v.corrected AND verdict IN ('CHANGED', 'LOST')) LIMIT 5) p
CROSS JOIN LATERAL ({staged_row}) r
LEFT JOIN LATERAL ({known_row}) c ON true)";

// A resident whose number came with somebody else's facts stands for the case, shown or not.
constexpr char kHasPerson[] = "(verdict = 'NEW' OR verdict = 'HIDDEN' AND identity_fields <> 32)";

constexpr char kMarkPublished[] = R"(
UPDATE kakunin.feed SET state = {published}, changed_at = {at}, published_at = {at},
  new_persons = {new_persons}
WHERE insurer_number = {party} AND feed_id = {feed})";

}  // namespace

std::string ColumnsOf(std::string_view columns, std::string_view alias) {
  std::string qualified = fmt::format("{}.", alias);
  for (const char c : columns) {
    if (c == ' ') continue;
    qualified += c;
    if (c == ',') qualified += fmt::format(" {}.", alias);
  }
  return qualified;
}

std::string DiffOf(std::string_view columns) {
  std::string cases;
  const std::vector<std::string> names = absl::StrSplit(
      absl::string_view(columns.data(), columns.size()), absl::ByAnyChar(", "), absl::SkipEmpty());
  for (const std::string& name : names) {
    cases += fmt::format("{}CASE WHEN r.{} IS DISTINCT FROM c.{} THEN '{}' END",
                         cases.empty() ? "" : ", ", name, name, name);
  }
  return fmt::format("array_remove(ARRAY[{}], NULL)", cases);
}

FeedPublish::FeedPublish(pqxx::transaction_base& work, const FeedRow& feed, absl::Time at,
                         FeedContent& content)
    : work_(work),
      content_(content),
      kind_(feed.kind),
      feed_id_(work.quote(UuidText(feed.id)) + "::uuid"),
      party_(work.quote(feed.party)),
      published_at_(work.quote(InstantText(feed.published.value_or(absl::InfiniteFuture()))) +
                    "::timestamptz"),
      at_(work.quote(InstantText(at)) + "::timestamptz") {}

FeedFigures FeedPublish::Judge() {
  LockParty();
  is_told_later_ = FindToldLater(*this);
  content_.Judge(*this);
  int64_t told_in_vain = Exec(kAddTwiceTold).affected_rows();
  if (Exec(kTruthHasMoved)[0][0].as<bool>()) told_in_vain += Exec(kAddOutdated).affected_rows();
  RefuseDuplicates();
  RefuseBeside();
  const FeedFigures figures = ReadFigures(told_in_vain);
  KeepCounts(figures);
  Exec(kForgetFindings);
  // A row that came without a number was told of when it was pushed, and keeps that finding.
  Exec(kInsertFindings);
  content_.NoteFindings(*this);
  Exec(kForgetSample);
  Exec(kInsertSample);
  return figures;
}

absl::Status FeedPublish::Run() {
  LockParty();
  if (absl::Status status = Merge(); !status.ok()) return status;
  KeepTold(*this);
  ForgetTold(*this);
  Exec("DELETE FROM kakunin.feed_refused_number WHERE feed_id = {feed}");
  Exec(kMarkPublished);
  NoteProgress(*this);
  return absl::OkStatus();
}

absl::Status FeedPublish::Merge() {
  FindPersons();
  if (absl::Status status = content_.WritePersons(*this); !status.ok()) return status;
  Exec(kLockPersons);
  if (absl::Status status = content_.Write(*this); !status.ok()) return status;
  Exec("DELETE FROM {staging} WHERE feed_id = {feed}");
  return absl::OkStatus();
}

FeedFigures FeedPublish::ReadFigures(int64_t told_in_vain) {
  FeedFigures figures;
  FeedCounts& counts = figures.counts;
  int64_t* const judged[] = {
      &counts.new_rows,       &counts.changed_rows,  &counts.corrected_rows, &counts.lost_rows,
      &counts.unchanged_rows, &counts.hidden_rows,   &figures.begun,         &figures.ended,
      &figures.duplicates,    &figures.swapped,      &figures.with_bands,    &figures.bands_gone,
      &figures.elderly,       &figures.elderly_bare, &figures.named,         &figures.mismatched};
  const pqxx::row row = Exec(kFigures).front();
  for (int i = 0; i < static_cast<int>(std::size(judged)); ++i) *judged[i] = row[i].as<int64_t>();
  counts.new_persons = Exec(kNewPersons)[0][0].as<int64_t>();
  const pqxx::row chunks = Exec(kChunkFigures).front();
  figures.rows = chunks[0].as<int64_t>();
  figures.implausible = chunks[1].as<int64_t>();
  figures.refused_at_push = chunks[2].as<int64_t>();
  counts.unchanged_rows += chunks[3].as<int64_t>() - told_in_vain;
  figures.accumulates = kind_ != FeedKind::kCoverages;
  figures.members = Exec(kMembers)[0][0].as<int64_t>();
  counts.refused_rows = figures.rows - counts.new_rows - counts.changed_rows -
                        counts.corrected_rows - counts.lost_rows - counts.unchanged_rows -
                        counts.hidden_rows;
  content_.AddFigures(*this, figures);
  return figures;
}

void FeedPublish::KeepCounts(const FeedFigures& figures) {
  const FeedCounts& counts = figures.counts;
  Exec(
      fmt::format("UPDATE kakunin.feed SET new_rows = {}, changed_rows = {}, corrected_rows = {},"
                  " lost_rows = {}, unchanged_rows = {}, hidden_rows = {}, refused_rows = {},"
                  " new_persons = {}, begun_rows = {}, ended_rows = {}"
                  " WHERE insurer_number = {{party}} AND feed_id = {{feed}}",
                  counts.new_rows, counts.changed_rows, counts.corrected_rows, counts.lost_rows,
                  counts.unchanged_rows, counts.hidden_rows, counts.refused_rows,
                  counts.new_persons, figures.begun, figures.ended));
}

pqxx::result FeedPublish::Exec(std::string_view sql) {
  fmt::dynamic_format_arg_store<fmt::format_context> words;
  words.push_back(fmt::arg("feed", feed_id_));
  words.push_back(fmt::arg("party", party_));
  words.push_back(fmt::arg("at", at_));
  words.push_back(fmt::arg("new", static_cast<int>(RowAction::kNew)));
  words.push_back(fmt::arg("changed", static_cast<int>(RowAction::kChanged)));
  words.push_back(fmt::arg("lost", static_cast<int>(RowAction::kLost)));
  words.push_back(fmt::arg("medical_aid", static_cast<int>(CardClassification::kMedicalAid)));
  words.push_back(fmt::arg("kind", static_cast<int>(kind_)));
  words.push_back(fmt::arg("published", static_cast<int>(FeedState::kPublished)));
  words.push_back(fmt::arg("undone", static_cast<int>(FeedState::kUndone)));
  const std::string waiting =
      fmt::format("({}, {}, {})", static_cast<int>(FeedState::kOpen),
                  static_cast<int>(FeedState::kSealed), static_cast<int>(FeedState::kQuarantined));
  words.push_back(fmt::arg("waiting", waiting));
  words.push_back(fmt::arg("published_at", published_at_));
  const std::string own_number = fmt::format(
      "(SELECT own.feed_number FROM kakunin.feed own"
      " WHERE own.insurer_number = {} AND own.feed_id = {})",
      party_, feed_id_);
  words.push_back(fmt::arg("own_number", own_number));
  words.push_back(fmt::arg("repairs", kRepairsApplied));
  const std::string new_person_id = NewPersonIdSql(at_);
  words.push_back(fmt::arg("new_person_id", new_person_id));
  words.push_back(fmt::arg("new_persons", new_persons_));
  words.push_back(fmt::arg("staging", content_.staging()));
  words.push_back(fmt::arg("has_person", kHasPerson));
  words.push_back(fmt::arg("not_refused", kNotRefused));
  words.push_back(fmt::arg("doubt_reason", kDoubtReason));
  // The staged row of `p`. OFFSET 0 makes it one look-up a row of `p`: statistics know nothing of
  // rows that were staged a moment ago.
  const std::string staged_row = fmt::format(
      "SELECT * FROM {} WHERE feed_id = {} AND chunk_number = p.chunk_number"
      " AND row_index = p.row_index OFFSET 0",
      content_.staging(), feed_id_);
  words.push_back(fmt::arg("staged_row", staged_row));
  // A kind's word may hold those before it.
  std::vector<std::string> texts;
  texts.reserve(content_.words().size());
  for (const auto& [name, text] : content_.words()) {
    texts.push_back(fmt::vformat(text, words));
    words.push_back(fmt::arg(name, texts.back()));
  }
  return work_.exec(fmt::vformat(fmt::string_view(sql.data(), sql.size()), words));
}

void FeedPublish::RefuseOutdated() {
  if (is_told_later_) RefuseToldLater(*this);
}

void FeedPublish::RefuseDuplicates() { Exec(kRefuseDuplicates); }

void FeedPublish::RefuseBeside() {
  if (Exec(kAnyRefused)[0][0].as<bool>()) Exec(kRefuseBeside);
}

bool FeedPublish::Replaces() {
  return Exec("SELECT EXISTS (SELECT FROM publishing WHERE verdict IN ('CHANGED', 'LOST'))")[0][0]
      .as<bool>();
}

void FeedPublish::LockParty() {
  HoldRepairsOff(work_);
  // The party's first feed stands for the party: its feeds publish one after the other.
  Exec(
      "SELECT FROM kakunin.feed WHERE insurer_number = {party} ORDER BY kind, feed_number"
      " LIMIT 1 FOR UPDATE");
  // While we waited, or by another server's clock, a feed may have been published, a row of one
  // released or a repair applied after our instant; known periods of one reference follow each
  // other.
  const pqxx::result instant = Exec(
      "SELECT greatest({at}, max(known) + interval '1 microsecond') FROM"
      " (SELECT max(greatest(published_at, undone_at)) AS known FROM kakunin.feed"
      "  WHERE insurer_number = {party} UNION ALL"
      "  SELECT max(ended_at) FROM kakunin.identity_case"
      "  WHERE insurer_number = {party} AND state = 2 UNION ALL"
      "  SELECT last_at FROM kakunin.person_repair_progress) changes");
  at_ = work_.quote(instant[0][0].c_str()) + "::timestamptz";
}

void FeedPublish::FindPersons() {
  new_persons_ = Exec(kMakePersons).affected_rows();
  Exec(kNamePersons);
  // From here on the plans know how many rows have which verdict. What they do not know is how many
  // rows of the truth are the party's, when most came a moment ago: with this index a join of the
  // two is no worse than one look-up a row, from whichever side it begins.
  Exec("CREATE INDEX ON publishing (reference)");
  Exec("ANALYZE publishing");
}

absl::Status WriteAnswersOfNew(FeedPublish& publish, const AnswerBuilder& build) {
  const pqxx::result rows = publish.Exec(
      "SELECT DISTINCT p.person_id::text FROM publishing p WHERE verdict = 'NEW' AND NOT EXISTS"
      " (SELECT FROM kakunin.answer a WHERE a.person_id = p.person_id) ORDER BY 1");
  std::vector<PersonId> persons;
  persons.reserve(rows.size());
  for (const auto& row : rows) persons.push_back(UuidFromText<PersonId>(row[0].c_str()));
  return WriteAnswers(publish.work(), persons, build);
}

}  // namespace kakunin
