#include "storage/postgres/notice_steps.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <pqxx/result>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "domain/retroactive_notice.h"
#include "storage/confirmation_store.h"
#include "storage/postgres/array_parameters.h"
#include "storage/postgres/coverage_row.h"
#include "storage/postgres/no_match_inquiries.h"
#include "storage/postgres/text_value.h"

namespace kakunin {
namespace {

// Writing a person down costs that much less than looking at one.
constexpr int kGatheredForEachLookedAt = 100;

// A clock that went back takes the waiting back with it. What another server holds it has seen.
constexpr char kSee[] = R"(
UPDATE kakunin.notice_work SET seen_at = $1::timestamptz WHERE work_id IN
  (SELECT work_id FROM kakunin.notice_work
   WHERE ended_at IS NULL AND (seen_at IS NULL OR seen_at > $1::timestamptz)
   FOR UPDATE SKIP LOCKED))";

constexpr char kOldest[] = "SELECT min(changed_at) FROM kakunin.notice_work WHERE ended_at IS NULL";

constexpr char kTake[] = R"(
SELECT work_id::text, kind, insurer, source::text, changed_at, seen_at, gathered_at IS NOT NULL,
  coalesce(last_person, '00000000-0000-0000-0000-000000000000')::text
FROM kakunin.notice_work WHERE ended_at IS NULL AND seen_at <= $1::timestamptz
  AND (tried_at IS NULL OR tried_at <= $2::timestamptz OR tried_at > $3::timestamptz)
ORDER BY tried_at NULLS FIRST, changed_at LIMIT 1 FOR UPDATE SKIP LOCKED)";

// Whom a merge gave up is who was asked about before it: their answers are those of who stays. As
// of the change $1; neither the repair $2 itself counts, nor what a split had taken back by then.
constexpr char kMerged[] = R"(
WITH RECURSIVE merge AS MATERIALIZED (
  SELECT other_id AS given_up, person_id AS stays FROM kakunin.person_repair r
  WHERE kind = 1 AND state = 2 AND decided_at <= $1::timestamptz AND repair_id <> $2::uuid
    AND NOT EXISTS (SELECT FROM kakunin.person_repair s WHERE s.undoes = r.repair_id
      AND s.kind = 2 AND s.state = 2 AND s.decided_at <= $1::timestamptz)),
merged AS (
  SELECT given_up, stays FROM merge
  UNION SELECT m.given_up, n.stays FROM merged m JOIN merge n ON n.given_up = m.stays),)";

// Everybody of whom the delivery wrote or closed a row, found by the indexes of the undo, $7 behind
// $6: of a delivery of a large part of everybody a page can be read in the order of persons, and
// need not read all of it. Nobody can have asked about who was made by the very delivery, but for
// who asked by a number in vain ({0}, {1}): a first one mostly ends here.
constexpr char kGatherOfFeed[] = R"({0}
changed AS MATERIALIZED (
  (SELECT DISTINCT c.person_id FROM kakunin.coverage c
   WHERE c.feed_id = $2::uuid AND ($4::smallint = 2 OR c.known_from = $1::timestamptz)
     AND c.person_id > $6::uuid
   ORDER BY person_id LIMIT $7::bigint)
  UNION
  (SELECT DISTINCT c.person_id FROM kakunin.coverage c
   WHERE c.insurer_number = $5 AND c.known_to = $1::timestamptz AND c.person_id > $6::uuid
   ORDER BY person_id LIMIT $7::bigint)
  ORDER BY person_id LIMIT $7::bigint),
elder AS (
  SELECT c.person_id FROM changed c JOIN kakunin.person p ON p.person_id = c.person_id
  WHERE p.created_at <> $1::timestamptz OR {1}),
written AS (
  INSERT INTO kakunin.notice_person (work_id, asked_person, before_person, after_person)
  SELECT $3::uuid, person_id, person_id, person_id FROM elder
  UNION
  SELECT $3::uuid, m.given_up, m.stays, m.stays FROM elder e JOIN merged m ON m.stays = e.person_id
  ON CONFLICT DO NOTHING)
SELECT (SELECT person_id::text FROM changed ORDER BY person_id OFFSET $7::bigint - 1))";

// A merge: who asked about either is answered from who stays. A split: who asked about one is, but
// by a number that is the other's; and who asked, before the merge that it takes back, about whom
// that gave up. And whoever had asked about whom earlier merges gave up for one of the two.
constexpr char kGatherOfRepair[] = R"(
own AS (
  SELECT v.* FROM kakunin.person_repair r
  CROSS JOIN LATERAL (VALUES
    (2, r.person_id, r.person_id, r.person_id, CASE r.kind WHEN 2 THEN r.other_id END),
    (1, r.other_id, CASE r.kind WHEN 1 THEN r.other_id ELSE r.person_id END,
     CASE r.kind WHEN 1 THEN r.person_id ELSE r.other_id END, NULL))
    v (near, asked, before, after, other)
  WHERE r.repair_id = $2::uuid),
every AS (
  SELECT 0 AS near, asked, before, after, other FROM own
  UNION ALL
  SELECT o.near, m.given_up, o.before, o.after, o.other FROM own o
  JOIN merged m ON m.stays = o.asked)
INSERT INTO kakunin.notice_person (work_id, asked_person, before_person, after_person, other_person)
SELECT DISTINCT ON (asked) $3::uuid, asked, before, after, other FROM every ORDER BY asked, near)";

// Behind the last one, so that the rows just deleted are not read again in each step.
constexpr char kTakePersons[] = R"(
DELETE FROM kakunin.notice_person WHERE work_id = $1::uuid AND asked_person IN
  (SELECT asked_person FROM kakunin.notice_person WHERE work_id = $1::uuid
   AND asked_person > $3::uuid ORDER BY asked_person LIMIT $2)
RETURNING asked_person::text, before_person::text, after_person::text, other_person::text)";

// Rows of other insurers, whose deliveries may bear the same instant, are as that instant left
// them: they are a change of their own. No insurer: a repair, which changed all of them.
constexpr char kKnown[] = R"(
SELECT {}, c.person_id::text,
  CASE WHEN coalesce({}, c.insurer_number) = c.insurer_number THEN c.known_from < $2
    ELSE c.known_to IS NULL OR c.known_to > $2 END,
  c.known_to IS NULL OR c.known_to > $2
FROM unnest($1::uuid[]) AS asked (person_id)
CROSS JOIN LATERAL (SELECT * FROM kakunin.coverage t WHERE t.person_id = asked.person_id
  AND t.visible AND t.known_from <= $2 AND (t.known_to IS NULL OR t.known_to >= $2) OFFSET 0) c
ORDER BY insurer_number, coverage_reference)";

// The counters are taken in the order of the facilities, so that no two servers wait in a ring.
constexpr char kInsert[] = R"(
WITH found AS MATERIALIZED (
  SELECT * FROM unnest($1::text[], $2::uuid[], $3::date[], $4::smallint[], $5::integer[],
    $6::smallint[], $7::smallint[], $8::timestamptz[], $9::uuid[], $10::bigint[], $11::boolean[])
  AS f (facility_code, person_id, day, kind, parts, validity_before, validity_after, asked_at,
    stream, audit_number, no_match)),
counted AS (
  INSERT INTO kakunin.notice_counter AS c (facility_code, last)
  SELECT facility_code, count(*) FROM found GROUP BY 1 ORDER BY 1
  ON CONFLICT (facility_code) DO UPDATE SET last = c.last + excluded.last
  RETURNING facility_code, last)
INSERT INTO kakunin.notice (facility_code, number, found_at, work_id, kind, person_id, day,
  validity_before, validity_after, parts, asked_at, stream, audit_number, no_match)
SELECT f.facility_code, c.last + 1 - row_number() OVER
    (PARTITION BY f.facility_code ORDER BY f.day DESC, f.person_id DESC, f.kind DESC),
  {now}, {work}, f.kind, f.person_id, f.day, f.validity_before, f.validity_after, f.parts,
  f.asked_at, f.stream, f.audit_number, f.no_match
FROM found f JOIN counted c USING (facility_code)
ON CONFLICT (facility_code, work_id, person_id, day, kind) DO NOTHING)";

constexpr char kExposed[] = R"(
SELECT e.facility_code, r.person_id::text, e.day, max(e.last_at), bit_or(1 << (e.what - 1))
FROM kakunin.repair_exposure e JOIN kakunin.person_repair r USING (repair_id)
WHERE e.repair_id = $1::uuid GROUP BY 1, 2, 3)";

// Of whom an undone delivery had made links, the next $3 behind $2.
constexpr char kTakenBackHolders[] = R"(
SELECT person_id::text FROM
  (SELECT DISTINCT person_id FROM kakunin.card_link_change
   WHERE feed_id = $1::uuid AND made AND person_id > $2::uuid
   ORDER BY person_id LIMIT $3::bigint) p
ORDER BY person_id)";

constexpr char kTakenBackExposed[] = R"(
SELECT facility, shown_person::text, on_day, last_at, what
FROM kakunin.undone_card_exposures($1::uuid, $2::uuid[], $3::timestamptz))";

// NoticeArrays are notices on their way into the table, one array a column.
class NoticeArrays {
 public:
  explicit NoticeArrays(size_t count) : count_(count) {
    for (size_t i = 0; i < arrays_.size(); ++i) arrays_[i].Begin(kTypes[i], count);
  }

  void Add(const AskedAnswer& asked, const PersonId& person, NoticeKind kind,
           const AnswerChange& change) {
    AddWhat(asked.facility_code, person, asked.day, kind, change.parts);
    arrays_[5].Int2(static_cast<int>(change.before));
    arrays_[6].Int2(static_cast<int>(change.after));
    arrays_[7].Instant(asked.at);
    arrays_[8].Uuid(asked.audit_id.stream);
    arrays_[9].Int8(asked.audit_id.number);
    if (asked.view.no_match) {
      arrays_[10].Bool(true);
    } else {
      arrays_[10].Null();
    }
  }
  void AddExposed(const std::string& facility, const PersonId& person, absl::CivilDay day,
                  absl::Time last, NoticeParts parts) {
    AddWhat(facility, person, day, NoticeKind::kOtherPersonShown, parts);
    arrays_[7].Instant(last);
    for (const size_t i : {5, 6, 8, 9, 10}) arrays_[i].Null();
  }

  void Insert(pqxx::transaction_base& work, const std::string& work_id, absl::Time now) const {
    if (count_ == 0) return;
    ArrayParameters parameters;
    parameters.Add(arrays_);
    parameters.Exec(
        work, fmt::format(kInsert, fmt::arg("now", work.quote(InstantText(now)) + "::timestamptz"),
                          fmt::arg("work", work.quote(work_id) + "::uuid")));
  }

 private:
  static constexpr ElementType kTypes[] = {
      ElementType::kText, ElementType::kUuid, ElementType::kDay,  ElementType::kInt2,
      ElementType::kInt4, ElementType::kInt2, ElementType::kInt2, ElementType::kInstant,
      ElementType::kUuid, ElementType::kInt8, ElementType::kBool};

  void AddWhat(const std::string& facility, const PersonId& person, absl::CivilDay day,
               NoticeKind kind, NoticeParts parts) {
    arrays_[0].Octets(facility);
    arrays_[1].Uuid(person);
    arrays_[2].Day(day);
    arrays_[3].Int2(static_cast<int>(kind));
    arrays_[4].Int4(parts.bits());
  }

  size_t count_;
  std::array<BinaryArray, std::size(kTypes)> arrays_;
};

// AskedPerson is one row of notice_person.
struct AskedPerson {
  PersonId asked;
  PersonId before;
  PersonId after;
  std::optional<PersonId> other;
};

// KnownOf is what was known of one person before and after a change.
struct KnownOf {
  std::vector<Coverage> before;
  std::vector<Coverage> after;
};

BinaryArray UuidArray(const std::set<PersonId>& persons) {
  BinaryArray array;
  array.Begin(ElementType::kUuid, persons.size());
  for (const PersonId& person : persons) array.Uuid(person);
  return array;
}

// NoticeSearch is one piece of work, locked until the transaction ends.
class NoticeSearch {
 public:
  NoticeSearch(pqxx::transaction_base& work, const pqxx::row& row, absl::Time now)
      : work_(work),
        id_(row[0].c_str()),
        kind_(static_cast<NoticeKind>(row[1].as<int>())),
        source_(row[3].c_str()),
        changed_(InstantFromText(row[4].c_str())),
        seen_(InstantFromText(row[5].c_str())),
        last_person_(row[7].c_str()),
        now_(now) {
    if (!row[2].is_null()) insurer_ = row[2].c_str();
  }

  // Gather writes down whose answers may be others now: the next `limit` of a delivery.
  NoticeStep Gather(int limit) {
    NoticeStep step;
    const std::string merged(kMerged);
    const std::string at = InstantText(changed_);
    if (kind_ == NoticeKind::kPersonRepaired) {
      work_.exec_params(merged + kGatherOfRepair, at, source_, id_);
      step.notices = TellExposed(work_.exec_params(kExposed, source_));
    } else {
      const std::string gather = fmt::format(kGatherOfFeed, kAskedInVain, kWasAskedInVain);
      const pqxx::result last =
          work_.exec_params(merged + gather, at, source_, id_, static_cast<int>(kind_), *insurer_,
                            last_person_, limit);
      // Another one lies behind a full page, or may.
      if (!last[0][0].is_null()) {
        GoOnBehind(last[0][0].c_str());
        return step;
      }
      GoOnBehind(std::nullopt);
    }
    Mark("gathered_at");
    return step;
  }

  // TellTakenBack tells of the next `limit` persons to whom links had led that are gone.
  NoticeStep TellTakenBack(int limit) {
    NoticeStep step;
    std::vector<std::string> holders;
    for (const auto& row : work_.exec_params(kTakenBackHolders, source_, last_person_, limit)) {
      holders.emplace_back(row[0].c_str());
    }
    step.persons = static_cast<int64_t>(holders.size());
    if (!holders.empty()) {
      step.notices = TellExposed(work_.exec_params(kTakenBackExposed, source_, TextArray(holders),
                                                   InstantText(LastAsked())));
    }
    if (static_cast<int>(holders.size()) == limit) {
      GoOnBehind(holders.back());
    } else {
      GoOnBehind(std::nullopt);
      Mark("gathered_at");
    }
    return step;
  }

  // Look looks at the next `limit` of them.
  absl::StatusOr<NoticeStep> Look(int limit) {
    const pqxx::result rows = work_.exec_params(kTakePersons, id_, limit, last_person_);
    if (rows.empty()) {
      Mark("ended_at");
      return NoticeStep();
    }
    std::vector<AskedPerson> persons;
    std::set<PersonId> asked;
    std::set<PersonId> own;  // whose coverages answer for themselves
    for (const auto& row : rows) {
      AskedPerson& person = persons.emplace_back();
      person.asked = UuidFromText<PersonId>(row[0].c_str());
      person.before = UuidFromText<PersonId>(row[1].c_str());
      person.after = UuidFromText<PersonId>(row[2].c_str());
      if (!row[3].is_null()) person.other = UuidFromText<PersonId>(row[3].c_str());
      asked.insert(person.asked);
      if (person.asked == person.before && person.asked == person.after) own.insert(person.asked);
    }
    GoOnBehind(UuidText(*asked.rbegin()));
    ReadAsked(asked);
    // A repair alters whose a number is, and not whether there is a coverage under it.
    if (insurer_ && !own.empty()) {
      AddNoMatches(work_, UuidArray(own),
                   {.insurer = *insurer_, .at = changed_, .last_asked = LastAsked()}, asked_);
    }
    if (absl::Status status = ReadKnown(persons); !status.ok()) return status;
    return NoticeStep{.persons = static_cast<int64_t>(persons.size()), .notices = Tell(persons)};
  }

 private:
  void Mark(const char* column) {
    work_.exec_params(fmt::format("UPDATE kakunin.notice_work SET {} = $2::timestamptz"
                                  " WHERE work_id = $1::uuid",
                                  column),
                      id_, InstantText(now_));
  }
  void GoOnBehind(const std::optional<std::string>& person) {
    work_.exec_params(
        "UPDATE kakunin.notice_work SET last_person = $2::uuid WHERE work_id = $1::uuid", id_,
        person);
  }

  // Whoever asked later was answered by what is known since.
  absl::Time LastAsked() const {
    return std::min(seen_ + kNoticeWorkRipens, changed_ + kLongestPublication);
  }

  // Facility, person, day, last call, and 1 for eligibility with 2 for records, as a sum.
  int64_t TellExposed(const pqxx::result& rows) {
    NoticeArrays notices(rows.size());
    for (const auto& row : rows) {
      const int what = row[4].as<int>();
      NoticeParts parts;
      if ((what & 1) != 0) parts.Add(NoticePart::kEligibilityShown);
      if ((what & 2) != 0) parts.Add(NoticePart::kRecordsShown);
      notices.AddExposed(row[0].c_str(), UuidFromText<PersonId>(row[1].c_str()),
                         DayFromText(row[2].c_str()), InstantFromText(row[3].c_str()), parts);
    }
    notices.Insert(work_, id_, now_);
    return rows.size();
  }

  void ReadAsked(const std::set<PersonId>& persons) {
    const BinaryScalar before(LastAsked());
    const BinaryScalar changed(changed_);
    ArrayParameters parameters;
    parameters.Add(UuidArray(persons));
    parameters.Add(before);
    parameters.Add(changed);
    for (const auto& row : parameters.Exec(work_, kReadAskedAnswers)) {
      AskedAnswer answer{.facility_code = row[4].c_str(),
                         .day = DayFromText(row[5].c_str()),
                         .at = InstantFromText(row[1].c_str()),
                         .audit_id = {UuidFromText<StreamId>(row[2].c_str()), row[3].as<int64_t>()},
                         .told = static_cast<Validity>(row[6].as<int>())};
      if (!row[7].is_null()) answer.view.key = UuidFromText<KeyHash>(row[7].c_str());
      answer.view.kept = !row[8].is_null();
      const int opened = answer.view.kept ? row[8].as<int>() : 0;
      answer.view.limit_certificate = (opened & kLimitCertificateOpened) != 0;
      answer.view.specific_disease = (opened & kSpecificDiseaseOpened) != 0;
      asked_[UuidFromText<PersonId>(row[0].c_str())].push_back(std::move(answer));
    }
  }

  // Only of those about whom somebody asked.
  absl::Status ReadKnown(const std::vector<AskedPerson>& persons) {
    const std::string sql = fmt::format(
        kKnown, kCoverageAsText, insurer_ ? work_.quote(*insurer_) : std::string("NULL::text"));
    std::set<PersonId> wanted;
    for (const AskedPerson& person : persons) {
      if (!asked_.contains(person.asked)) continue;
      wanted.insert({person.before, person.after});
      if (person.other) wanted.insert(*person.other);
    }
    if (wanted.empty()) return absl::OkStatus();
    const BinaryScalar at(changed_);
    ArrayParameters parameters;
    parameters.Add(UuidArray(wanted));
    parameters.Add(at);
    for (const auto& row : parameters.Exec(work_, sql)) {
      CoverageCells cells;
      for (int column = 0; column < kCoverageCellCount; ++column) {
        const auto& cell = row[column];
        if (!cell.is_null()) cells[column] = std::string_view(cell.c_str(), cell.size());
      }
      absl::StatusOr<Coverage> coverage = CoverageFrom(cells);
      if (!coverage.ok()) return coverage.status();
      KnownOf& known = known_[UuidFromText<PersonId>(row[kCoverageCellCount].c_str())];
      if (row[kCoverageCellCount + 1].as<bool>()) known.before.push_back(*coverage);
      if (row[kCoverageCellCount + 2].as<bool>()) known.after.push_back(*std::move(coverage));
    }
    return absl::OkStatus();
  }

  int64_t Tell(const std::vector<AskedPerson>& persons) {
    std::vector<std::pair<PersonId, RetroactiveNotice>> found;
    for (const AskedPerson& person : persons) {
      const auto asked = asked_.find(person.asked);
      if (asked == asked_.end()) continue;
      ChangedTruth truth{.before = known_[person.before].before,
                         .after = known_[person.after].after,
                         .at = changed_};
      if (person.other) truth.elsewhere = known_[*person.other].after;
      for (const RetroactiveNotice& notice : FindRetroactiveNotices(asked->second, truth)) {
        found.emplace_back(person.asked, notice);
      }
    }
    NoticeArrays notices(found.size());
    for (const auto& [person, notice] : found) {
      notices.Add(*notice.asked, person, kind_, notice.change);
    }
    notices.Insert(work_, id_, now_);
    return static_cast<int64_t>(found.size());
  }

  pqxx::transaction_base& work_;
  const std::string id_;
  const NoticeKind kind_;
  std::optional<std::string> insurer_;
  const std::string source_;
  const absl::Time changed_;
  const absl::Time seen_;
  const std::string last_person_;
  const absl::Time now_;
  std::map<PersonId, std::vector<AskedAnswer>> asked_;
  std::map<PersonId, KnownOf> known_;
};

}  // namespace

// OFFSET 0 makes it one look-up a person and month: a plan of its own choice might read them whole.
// Who asks every hour for ten years was told few different things.
const char kReadAskedAnswers[] = R"(
SELECT DISTINCT ON (c.person_id, facility_code, day, asked_key, opened, validity, at < $3)
  c.person_id::text, c.at, c.stream::text, c.number, c.facility_code, c.day, c.validity,
  c.asked_key::text, c.opened
FROM unnest($1::uuid[]) AS asked (person_id)
CROSS JOIN LATERAL (SELECT * FROM kakunin.confirmation t
  WHERE t.person_id = asked.person_id AND t.at < $2 AND t.own_act IS NOT TRUE OFFSET 0) c
ORDER BY c.person_id, facility_code, day, asked_key, opened, validity, at < $3, at DESC,
  number DESC)";

absl::Time SeeNoticeWork(pqxx::transaction_base& work, absl::Time now) {
  work.exec_params(kSee, InstantText(now));
  const pqxx::result oldest = work.exec(kOldest);
  return oldest[0][0].is_null() ? absl::InfiniteFuture() : InstantFromText(oldest[0][0].c_str());
}

absl::StatusOr<NoticeStep> StepOfNotices(pqxx::transaction_base& work, absl::Time now, int limit,
                                         std::optional<NoticeWorkId>& taken) {
  const pqxx::result rows = work.exec_params(kTake, InstantText(now - kNoticeWorkRipens),
                                             InstantText(now - kNoticeWorkRests), InstantText(now));
  if (rows.empty()) return NoticeStep{.idle = true};
  taken = UuidFromText<NoticeWorkId>(rows[0][0].c_str());
  NoticeSearch search(work, rows.front(), now);
  if (!rows[0][6].as<bool>()) {
    return static_cast<NoticeKind>(rows[0][1].as<int>()) == NoticeKind::kOtherPersonShown
               ? search.TellTakenBack(limit)
               : search.Gather(limit * kGatheredForEachLookedAt);
  }
  return search.Look(limit);
}

}  // namespace kakunin
