#include "storage/postgres/retention_rows.h"

#include <fmt/format.h>

#include <optional>
#include <pqxx/result>
#include <set>
#include <string_view>

#include "domain/civil_day.h"
#include "domain/consent_retention.h"
#include "storage/postgres/answer_rows.h"
#include "storage/postgres/array_parameters.h"
#include "storage/postgres/month_records.h"
#include "storage/postgres/record_row.h"
#include "storage/postgres/text_value.h"

namespace kakunin {
namespace {

using enum RetainedKind;

// {persons} is the range, {first} the first day that is kept, {instant} its beginning, {month} the
// first month that is kept.

// A coverage goes with everything that was ever known of it. One that is not known any more, since
// its feed was undone or its reference names another, is reckoned from when that was learnt.
constexpr char kCoveragesOver[] =
    "SELECT person_id, insurer_number, coverage_reference FROM kakunin.coverage WHERE {persons}"
    " GROUP BY person_id, insurer_number, coverage_reference"
    " HAVING CASE WHEN bool_or(known_to IS NULL)"
    " THEN bool_or(known_to IS NULL AND disqualification_date < {first})"
    " ELSE max(known_to) < {instant} END";
constexpr char kHealthChecks[] =
    "kakunin.health_check WHERE {persons} AND month <= {month} AND examination_date < {first}";
// May hold some that are kept: only their lines tell.
constexpr char kTwins[] = "kakunin.receipt WHERE {persons} AND source <> 1 AND month <= {month}";
constexpr char kDrugMonths[] =
    "kakunin.month_record WHERE {persons} AND kind = 1 AND month < {month}";
constexpr char kTreatmentMonths[] =
    "kakunin.month_record WHERE {persons} AND kind IN (2, 3) AND month < {month}";

// A look-up goes when no coverage that stays has its key.
constexpr char kDropCoverages[] = R"(
WITH over AS ({over}),
gone AS (
  DELETE FROM kakunin.coverage c USING over o
  WHERE c.person_id = o.person_id AND c.insurer_number = o.insurer_number
    AND c.coverage_reference = o.coverage_reference
  RETURNING c.person_id, c.key_without_branch, c.key_with_branch),
reference AS (
  DELETE FROM kakunin.coverage_by_reference b USING over o
  WHERE b.insurer_number = o.insurer_number AND b.coverage_reference = o.coverage_reference
    AND b.person_id = o.person_id),
past AS (
  DELETE FROM kakunin.coverage_reference_past b USING over o
  WHERE b.insurer_number = o.insurer_number AND b.coverage_reference = o.coverage_reference
    AND b.person_id = o.person_id),
lookup AS (
  DELETE FROM kakunin.insured_lookup l USING
    (SELECT DISTINCT k, person_id FROM gone
     CROSS JOIN LATERAL (VALUES (key_without_branch), (key_with_branch)) v (k)) g
  WHERE l.key_hash = g.k AND l.person_id = g.person_id AND NOT EXISTS
    (SELECT FROM kakunin.coverage c WHERE c.person_id = g.person_id AND c.known_to IS NULL
       AND c.visible AND g.k IN (c.key_without_branch, c.key_with_branch)
       AND coalesce(c.disqualification_date >= {first}, true)))
SELECT person_id::text, count(*) FROM gone GROUP BY 1 ORDER BY 1)";

constexpr char kDropHealthChecks[] = R"(
WITH gone AS (
  DELETE FROM {checks} RETURNING person_id, month, pushed_by, reference),
reference AS (
  DELETE FROM kakunin.health_check_by_reference b USING
    (SELECT DISTINCT person_id, pushed_by, reference FROM gone) g
  WHERE b.pushed_by = g.pushed_by AND b.reference = g.reference AND b.person_id = g.person_id
    AND NOT EXISTS (SELECT FROM kakunin.health_check h WHERE h.person_id = g.person_id
      AND h.pushed_by = g.pushed_by AND h.reference = g.reference
      AND h.examination_date >= {first}))
SELECT person_id::text, month, count(*) FROM gone GROUP BY 1, 2 ORDER BY 1, 2)";

constexpr char kDropTwins[] =
    "DELETE FROM kakunin.receipt r USING unnest($1::uuid[], $2::date[], $3::text[], $4::text[],"
    " $5::timestamptz[]) AS gone (person_id, month, pushed_by, reference, known_from)"
    " WHERE r.person_id = gone.person_id AND r.month = gone.month"
    " AND r.pushed_by = gone.pushed_by AND r.reference = gone.reference"
    " AND r.known_from = gone.known_from";
// A statement of its own, so that it sees what went.
constexpr char kDropTwinReferences[] =
    "DELETE FROM kakunin.receipt_by_reference b USING unnest($1::uuid[], $2::date[], $3::text[],"
    " $4::text[], $5::timestamptz[]) AS gone (person_id, month, pushed_by, reference, known_from)"
    " WHERE b.pushed_by = gone.pushed_by AND b.reference = gone.reference"
    " AND b.person_id = gone.person_id AND NOT EXISTS (SELECT FROM kakunin.receipt r"
    "  WHERE r.person_id = gone.person_id AND r.pushed_by = gone.pushed_by"
    "  AND r.reference = gone.reference)";

// Feeds take the same locks, so that none publishes between a deletion and what is made anew.
constexpr char kLockPersons[] =
    "SELECT FROM kakunin.answer WHERE person_id IN (SELECT person_id FROM {over}"
    " UNION SELECT person_id FROM {checks} UNION SELECT person_id FROM {twins})"
    " ORDER BY person_id FOR UPDATE";

// Everybody of whom anything is old enough, with everything: what ended what is decided together.
constexpr char kOldConsents[] =
    " WHERE person_id IN (SELECT person_id FROM kakunin.consent_act WHERE {persons}"
    "  AND begin_at < {instant} UNION SELECT person_id FROM kakunin.consent_end WHERE {persons}"
    "  AND at < {instant})";

// A notice goes with the month of confirmations in which it was found, in UTC as those are cut.
constexpr char kNoticeFound[] =
    "found_at < date_trunc('month', {instant} AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'";
constexpr char kNoticeWorkEnded[] =
    "ended_at < date_trunc('month', {instant} AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'";

constexpr char kViewEnded[] =
    "ends_at < date_trunc('month', {instant} AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'";

// With the audit's month: until then what raised it can be read beside it.
constexpr char kAlarmNoticed[] =
    "at < date_trunc('month', {instant} AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'";

// HiddenTable is a table of rows that came without an individual number, or are no person's.
struct HiddenTable {
  RetainedKind kind;
  const char* table;
  const char* past;
};
constexpr HiddenTable kHidden[] = {
    // What was replaced since and tells no loss is reckoned from then.
    {kCoverage, "hidden_coverage",
     "(disqualification_date < {first} OR disqualification_date IS NULL AND known_to < {instant})"},
    {kHealthCheck, "hidden_health_check", "examination_date < {first}"},
    {kDrug, "hidden_receipt", "source = 1 AND month < {month}"},
    // Nobody sees them: a whole month goes, with its last day.
    {kElectronicPrescription, "hidden_receipt", "source <> 1 AND month < {month}"},
    {kConfirmation, "notice", kNoticeFound},
    {kConfirmation, "notice_work", kNoticeWorkEnded},
    // Not before the last look at records that it can have opened, which names it.
    {kRecordAccess, "abnormal_times_view", kViewEnded},
    {kAlarm, "alarm", kAlarmNoticed},
};

ConsentDecisions DecisionsFrom(int agreed, int declined) {
  ConsentDecisions decisions;
  for (int number = 1; number <= kConsentKinds; ++number) {
    const auto kind = static_cast<ConsentKind>(number);
    if ((agreed & ConsentKindBit(kind)) != 0) decisions.Set(kind, Decision::kAgreed);
    if ((declined & ConsentKindBit(kind)) != 0) decisions.Set(kind, Decision::kDeclined);
  }
  return decisions;
}

// Keys collects primary keys of acts or ends, as one array a column.
class ConsentKeys {
 public:
  explicit ConsentKeys(size_t count) {
    constexpr ElementType kTypes[] = {ElementType::kUuid, ElementType::kInstant, ElementType::kUuid,
                                      ElementType::kInt8};
    for (size_t i = 0; i < arrays_.size(); ++i) arrays_[i].Begin(kTypes[i], count);
  }
  void Add(const PersonId& person, absl::Time at, const AuditId& id) {
    arrays_[0].Uuid(person);
    arrays_[1].Instant(at);
    arrays_[2].Uuid(id.stream);
    arrays_[3].Int8(id.number);
  }
  int64_t Delete(pqxx::transaction_base& work, const char* table, const char* instant) const {
    ArrayParameters parameters;
    parameters.Add(arrays_);
    return parameters
        .Exec(work, fmt::format("DELETE FROM kakunin.{0} t USING unnest($1::uuid[],"
                                " $2::timestamptz[], $3::uuid[], $4::int8[]) AS gone (person_id,"
                                " at, stream, number) WHERE t.person_id = gone.person_id"
                                " AND t.{1} = gone.at AND t.stream = gone.stream"
                                " AND t.number = gone.number",
                                table, instant))
        .affected_rows();
  }

 private:
  std::array<BinaryArray, 4> arrays_;
};

std::optional<absl::CivilDay> MaybeDay(const pqxx::field& cell) {
  return cell.is_null() ? std::nullopt : std::optional(DayFromText(cell.c_str()));
}

}  // namespace

// Twins are receipts of the e-prescription service that have had their time.
struct RowRetention::Twins {
  std::vector<Receipt> twins;
  std::vector<absl::Time> known_from;
};

struct RowRetention::Consents {
  std::vector<ConsentAct> acts;
  std::vector<ConsentEnd> ends;
  ConsentsToDrop past;
};

std::string RowRetention::Sql(std::string_view text, RetainedKind kind,
                              const PersonRange& range) const {
  const absl::CivilDay first = FirstDayKept(kind, day_, rules_);
  const std::string persons = fmt::format("person_id > '{}' AND person_id <= '{}'",
                                          UuidText(range.after), UuidText(range.through));
  const auto day = [](absl::CivilDay one) { return fmt::format("DATE '{}'", DayText(one)); };
  return fmt::format(
      fmt::runtime(fmt::string_view(text.data(), text.size())), fmt::arg("persons", persons),
      fmt::arg("first", day(first)),
      fmt::arg("instant", fmt::format("TIMESTAMPTZ '{}'", InstantText(StartOfDay(first)))),
      fmt::arg("month", day(absl::CivilDay(FirstMonthKept(kind, day_, rules_)))));
}

int64_t RowRetention::Count(std::string_view from, RetainedKind kind, const PersonRange& range) {
  return work_.exec("SELECT count(*) FROM " + Sql(from, kind, range))[0][0].as<int64_t>();
}

absl::StatusOr<std::vector<RowsPast>> RowRetention::CountOfPersons(const PersonRange& range) {
  const auto twins = FindTwins(range);
  if (!twins.ok()) return twins.status();
  const Consents consents = FindConsents(range);
  const std::string coverages = fmt::format(
      "kakunin.coverage WHERE {{persons}} AND (person_id, insurer_number, coverage_reference) IN"
      " ({})",
      kCoveragesOver);
  return std::vector<RowsPast>{
      {kCoverage, "coverage", Count(coverages, kCoverage, range)},
      {kHealthCheck, "health_check", Count(kHealthChecks, kHealthCheck, range)},
      {kElectronicPrescription, "receipt", static_cast<int64_t>(twins->twins.size())},
      {kDrug, "month_record", Count(kDrugMonths, kDrug, range)},
      {kTreatment, "month_record", Count(kTreatmentMonths, kTreatment, range)},
      {kConsent, "consent_act", static_cast<int64_t>(consents.past.acts.size())},
      {kConsent, "consent_end", static_cast<int64_t>(consents.past.ends.size())}};
}

absl::StatusOr<std::vector<RowsPast>> RowRetention::DropOfPersons(const PersonRange& range,
                                                                  const CopyBuilders& build) {
  LockPersons(range);
  const auto coverages = DropCoverages(range, build);
  if (!coverages.ok()) return coverages.status();
  const auto checks = DropHealthChecks(range, build);
  if (!checks.ok()) return checks.status();
  const auto twins = DropTwins(range, build);
  if (!twins.ok()) return twins.status();
  const auto dropped = [&](std::string_view from, RetainedKind kind) {
    return static_cast<int64_t>(
        work_.exec("DELETE FROM " + Sql(from, kind, range)).affected_rows());
  };
  const Consents consents = FindConsents(range);
  ConsentKeys acts(consents.past.acts.size());
  for (const size_t i : consents.past.acts) {
    acts.Add(consents.acts[i].person, consents.acts[i].begin, consents.acts[i].audit_id);
  }
  ConsentKeys ends(consents.past.ends.size());
  for (const size_t i : consents.past.ends) {
    ends.Add(consents.ends[i].person, consents.ends[i].at, consents.ends[i].audit_id);
  }
  return std::vector<RowsPast>{
      {kCoverage, "coverage", *coverages},
      {kHealthCheck, "health_check", *checks},
      {kElectronicPrescription, "receipt", *twins},
      {kDrug, "month_record", dropped(kDrugMonths, kDrug)},
      {kTreatment, "month_record", dropped(kTreatmentMonths, kTreatment)},
      {kConsent, "consent_act", acts.Delete(work_, "consent_act", "begin_at")},
      {kConsent, "consent_end", ends.Delete(work_, "consent_end", "at")}};
}

void RowRetention::LockPersons(const PersonRange& range) {
  const std::string over = fmt::format("({}) coverages", Sql(kCoveragesOver, kCoverage, range));
  const std::string checks = Sql(kHealthChecks, kHealthCheck, range);
  const std::string twins = Sql(kTwins, kElectronicPrescription, range);
  work_.exec(fmt::format(kLockPersons, fmt::arg("over", over), fmt::arg("checks", checks),
                         fmt::arg("twins", twins)));
}

absl::StatusOr<int64_t> RowRetention::DropCoverages(const PersonRange& range,
                                                    const CopyBuilders& build) {
  const std::string over = Sql(kCoveragesOver, kCoverage, range);
  const std::string first =
      fmt::format("DATE '{}'", DayText(FirstDayKept(kCoverage, day_, rules_)));
  std::vector<PersonId> persons;
  int64_t rows = 0;
  for (const auto& row :
       work_.exec(fmt::format(kDropCoverages, fmt::arg("over", over), fmt::arg("first", first)))) {
    persons.push_back(UuidFromText<PersonId>(row[0].c_str()));
    rows += row[1].as<int64_t>();
  }
  if (absl::Status status = WriteAnswers(work_, persons, build.answer); !status.ok()) return status;
  return rows;
}

absl::StatusOr<int64_t> RowRetention::DropHealthChecks(const PersonRange& range,
                                                       const CopyBuilders& build) {
  const std::string checks = Sql(kHealthChecks, kHealthCheck, range);
  const std::string first =
      fmt::format("DATE '{}'", DayText(FirstDayKept(kHealthCheck, day_, rules_)));
  std::vector<PersonMonth> months;
  int64_t rows = 0;
  for (const auto& row : work_.exec(
           fmt::format(kDropHealthChecks, fmt::arg("checks", checks), fmt::arg("first", first)))) {
    months.push_back(
        {UuidFromText<PersonId>(row[0].c_str()), absl::CivilMonth(DayFromText(row[1].c_str()))});
    rows += row[2].as<int64_t>();
  }
  absl::Status status =
      WriteHealthCheckMonths(work_, months, build.health_check_month, /*may_shrink=*/true);
  if (!status.ok()) return status;
  return rows;
}

absl::StatusOr<RowRetention::Twins> RowRetention::FindTwins(const PersonRange& range) {
  const std::string sql = fmt::format("SELECT {}, person_id::text, known_from FROM {}",
                                      kReceiptAsText, Sql(kTwins, kElectronicPrescription, range));
  Twins found;
  for (const auto& row : work_.exec(sql)) {
    std::array<std::optional<std::string_view>, kReceiptColumnCount> cells;
    for (int column = 0; column < kReceiptColumnCount; ++column) {
      const auto& cell = row[column];
      if (!cell.is_null()) cells[column] = std::string_view(cell.c_str(), cell.size());
    }
    absl::StatusOr<Receipt> twin = ReceiptFrom(cells);
    if (!twin.ok()) return twin.status();
    if (!MayDrop(kElectronicPrescription, DayOfIssue(*twin), day_, rules_)) continue;
    twin->person = UuidFromText<PersonId>(row[kReceiptColumnCount].c_str());
    found.twins.push_back(*std::move(twin));
    found.known_from.push_back(InstantFromText(row[kReceiptColumnCount + 1].c_str()));
  }
  return found;
}

absl::StatusOr<int64_t> RowRetention::DropTwins(const PersonRange& range,
                                                const CopyBuilders& build) {
  const auto found = FindTwins(range);
  if (!found.ok()) return found.status();
  if (found->twins.empty()) return 0;
  constexpr ElementType kTypes[] = {ElementType::kUuid, ElementType::kDay, ElementType::kText,
                                    ElementType::kText, ElementType::kInstant};
  std::array<BinaryArray, std::size(kTypes)> arrays;
  for (size_t i = 0; i < arrays.size(); ++i) arrays[i].Begin(kTypes[i], found->twins.size());
  std::set<PersonMonth> touched;
  for (size_t i = 0; i < found->twins.size(); ++i) {
    const Receipt& twin = found->twins[i];
    arrays[0].Uuid(twin.person);
    arrays[1].Day(absl::CivilDay(twin.treatment_month));
    arrays[2].Octets(twin.reviewer_number);
    arrays[3].Octets(twin.reference);
    arrays[4].Instant(found->known_from[i]);
    touched.insert({twin.person, twin.treatment_month});
  }
  ArrayParameters parameters;
  parameters.Add(arrays);
  const auto rows = static_cast<int64_t>(parameters.Exec(work_, kDropTwins).affected_rows());
  parameters.Exec(work_, kDropTwinReferences);
  const std::vector<PersonMonth> months(touched.begin(), touched.end());
  absl::Status status = WriteReceiptMonths(work_, months, build.receipt_month, /*may_shrink=*/true);
  if (!status.ok()) return status;
  return rows;
}

RowRetention::Consents RowRetention::FindConsents(const PersonRange& range) {
  Consents found;
  const std::string old = Sql(kOldConsents, kConsent, range);
  for (const auto& row :
       work_.exec("SELECT person_id::text, begin_at, stream::text, number, facility_code,"
                  " form_of_care, appointment_day, agreed, declined,"
                  // As lane_relations.cc reads an act by a card whose link was undone.
                  " CASE WHEN method = 1 AND NOT EXISTS (SELECT FROM kakunin.card_link k"
                  " WHERE k.issuer_key_id = consent_act.issuer_key_id"
                  " AND k.serial = consent_act.serial) THEN 3 ELSE method END, end_at"
                  " FROM kakunin.consent_act" +
                  old)) {
    ConsentAct& act = found.acts.emplace_back();
    act.person = UuidFromText<PersonId>(row[0].c_str());
    act.begin = InstantFromText(row[1].c_str());
    act.audit_id = {UuidFromText<StreamId>(row[2].c_str()), row[3].as<int64_t>()};
    act.facility_code = row[4].c_str();
    act.form_of_care = static_cast<FormOfCare>(row[5].as<int>());
    act.appointment_day = MaybeDay(row[6]);
    act.decisions = DecisionsFrom(row[7].as<int>(), row[8].as<int>());
    act.method = static_cast<ConsentMethod>(row[9].as<int>());
    act.end = InstantFromText(row[10].c_str());
  }
  for (const auto& row :
       work_.exec("SELECT person_id::text, at, stream::text, number, facility_code, form_of_care,"
                  " appointment_day, kinds FROM kakunin.consent_end" +
                  old)) {
    ConsentEnd& end = found.ends.emplace_back();
    end.person = UuidFromText<PersonId>(row[0].c_str());
    end.at = InstantFromText(row[1].c_str());
    end.audit_id = {UuidFromText<StreamId>(row[2].c_str()), row[3].as<int64_t>()};
    end.facility_code = row[4].c_str();
    end.form_of_care = static_cast<FormOfCare>(row[5].as<int>());
    end.appointment_day = MaybeDay(row[6]);
    end.kinds = row[7].as<int>();
  }
  found.past = FindConsentsToDrop(found.acts, found.ends, day_, rules_);
  return found;
}

std::vector<RowsPast> RowRetention::CountHidden() {
  std::vector<RowsPast> found;
  for (const HiddenTable& hidden : kHidden) {
    const std::string from = fmt::format("kakunin.{} WHERE {}", hidden.table, hidden.past);
    found.push_back({hidden.kind, hidden.table, Count(from, hidden.kind, {})});
  }
  return found;
}

std::vector<RowsPast> RowRetention::DropHidden(int limit) {
  std::vector<RowsPast> dropped;
  for (const HiddenTable& hidden : kHidden) {
    const std::string sql = fmt::format(
        "DELETE FROM kakunin.{0} WHERE ctid = ANY(ARRAY(SELECT ctid FROM kakunin.{0} WHERE {1}"
        " LIMIT {2}))",
        hidden.table, Sql(hidden.past, hidden.kind, {}), limit);
    dropped.push_back(
        {hidden.kind, hidden.table, static_cast<int64_t>(work_.exec(sql).affected_rows())});
  }
  return dropped;
}

bool RowRetention::DropReferences(Reference& place, int limit) {
  const std::string first = DayText(absl::CivilDay(FirstReceiptMonthKept(day_, rules_)));
  const pqxx::result last = work_.exec_params(
      "WITH page AS MATERIALIZED (SELECT pushed_by, reference, month"
      "  FROM kakunin.receipt_by_reference WHERE (pushed_by, reference) > ($1, $2)"
      "  ORDER BY pushed_by, reference LIMIT $3),"
      " gone AS (DELETE FROM kakunin.receipt_by_reference b USING page p"
      "  WHERE p.month < $4::date AND b.pushed_by = p.pushed_by AND b.reference = p.reference"
      "  AND b.month < $4::date)"
      " SELECT pushed_by, reference FROM page ORDER BY pushed_by DESC, reference DESC LIMIT 1",
      place.pushed_by, place.reference, limit, first);
  if (last.empty()) return false;
  place = {last[0][0].c_str(), last[0][1].c_str()};
  return true;
}

}  // namespace kakunin
