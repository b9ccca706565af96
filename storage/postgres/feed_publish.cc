#include "storage/postgres/feed_publish.h"

#include <fmt/args.h>
#include <fmt/format.h>

#include <pqxx/result>

#include "storage/postgres/text_value.h"

namespace kakunin {
namespace {

// Of two rows under one reference neither can be believed.
constexpr char kRefuseDuplicates[] = R"(
UPDATE publishing SET verdict = 'DUPLICATE_REFERENCE' WHERE reference IN
  (SELECT reference FROM publishing GROUP BY reference HAVING count(*) > 1))";

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

constexpr char kInsertFindings[] = R"(
INSERT INTO kakunin.feed_finding
  (feed_id, chunk_number, row_index, field, coverage_reference, reason, hidden)
SELECT {feed}, chunk_number, row_index, '', reference, verdict, false FROM publishing
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
WHERE f.insurer_number = {party} AND f.feed_id = {feed})";

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

FeedPublish::FeedPublish(pqxx::transaction_base& work, const FeedRow& feed, absl::Time at,
                         FeedContent& content)
    : work_(work),
      content_(content),
      feed_id_(work.quote(UuidText(feed.id)) + "::uuid"),
      party_(work.quote(feed.party)),
      at_(work.quote(InstantText(at)) + "::timestamptz") {}

absl::Status FeedPublish::Run() {
  LockParty();
  content_.Judge(*this);
  Exec(kRefuseDuplicates);
  FindPersons();
  if (absl::Status status = content_.WritePersons(*this); !status.ok()) return status;
  Exec(kLockPersons);
  if (absl::Status status = content_.Write(*this); !status.ok()) return status;
  // A row that came without a number was told of when it was pushed, and keeps that finding.
  Exec(kInsertFindings);
  Exec("DELETE FROM {staging} WHERE feed_id = {feed}");
  Exec(kMarkPublished);
  return absl::OkStatus();
}

pqxx::result FeedPublish::Exec(std::string_view sql) {
  fmt::dynamic_format_arg_store<fmt::format_context> words;
  words.push_back(fmt::arg("feed", feed_id_));
  words.push_back(fmt::arg("party", party_));
  words.push_back(fmt::arg("at", at_));
  words.push_back(fmt::arg("new", static_cast<int>(RowAction::kNew)));
  words.push_back(fmt::arg("changed", static_cast<int>(RowAction::kChanged)));
  words.push_back(fmt::arg("lost", static_cast<int>(RowAction::kLost)));
  words.push_back(fmt::arg("published", static_cast<int>(FeedState::kPublished)));
  words.push_back(fmt::arg("new_persons", new_persons_));
  words.push_back(fmt::arg("staging", content_.staging()));
  // The staged row of `p`. OFFSET 0 makes it one look-up a row of `p`: statistics know nothing of
  // rows that were staged a moment ago.
  const std::string staged_row = fmt::format(
      "SELECT * FROM {} WHERE feed_id = {} AND chunk_number = p.chunk_number"
      " AND row_index = p.row_index OFFSET 0",
      content_.staging(), feed_id_);
  words.push_back(fmt::arg("staged_row", staged_row));
  for (const auto& [name, text] : content_.words()) words.push_back(fmt::arg(name, text));
  return work_.exec(fmt::vformat(fmt::string_view(sql.data(), sql.size()), words));
}

bool FeedPublish::Replaces() {
  return Exec("SELECT EXISTS (SELECT FROM publishing WHERE verdict IN ('CHANGED', 'LOST'))")[0][0]
      .as<bool>();
}

void FeedPublish::LockParty() {
  // The party's first feed stands for the party: its feeds publish one after the other.
  Exec(
      "SELECT FROM kakunin.feed WHERE insurer_number = {party} ORDER BY kind, feed_number"
      " LIMIT 1 FOR UPDATE");
  // While we waited, or by another server's clock, a feed may have been published after our
  // instant; known periods of one reference follow each other.
  const pqxx::result instant = Exec(
      "SELECT greatest({at}, max(published_at) + interval '1 microsecond') FROM kakunin.feed"
      " WHERE insurer_number = {party}");
  at_ = work_.quote(instant[0][0].c_str()) + "::timestamptz";
}

void FeedPublish::FindPersons() {
  new_persons_ = Exec(kMakePersons).affected_rows();
  Exec(kNamePersons);
  // From here on the plans know how many rows have which verdict.
  Exec("ANALYZE publishing");
}

}  // namespace kakunin
