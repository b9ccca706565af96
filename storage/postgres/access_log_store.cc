#include "storage/postgres/access_log_store.h"

#include <array>
#include <limits>

#include "storage/postgres/audit_columns.h"
#include "storage/postgres/binary_array.h"
#include "storage/postgres/lane_challenges.h"
#include "storage/postgres/lane_connection.h"

namespace kakunin {
namespace {

using enum ElementType;

constexpr size_t kAccessArrays = 8;

// $2 from, $3 to (first instant not meant), $4 to $6 the place behind which the page begins, $7 the
// most rows.
constexpr char kFacilitySql[] =
    "SELECT f.at, f.stream, f.number, f.terminal_id, f.facility_user, f.role, f.operation, f.code,"
    " f.reason, f.validity, f.kinds, f.person_id"
    " FROM facility_access f WHERE f.facility_code = $1::text"
    " AND f.at >= $2::timestamptz AND f.at < $3::timestamptz"
    " AND (f.at, f.stream, f.number) < ($4::timestamptz, $5::uuid, $6::int8)"
    " ORDER BY f.at DESC, f.stream DESC, f.number DESC LIMIT $7::int8";

constexpr char kProgressSql[] = "SELECT through FROM facility_access_progress";

// Two tables by person, each cut to a page before they are mixed; beside each row what the
// projection knows of the same call, as soon as it does.
#define PERSONS_PAGE(columns, table, condition)                                       \
  "(SELECT t.at, t.stream, t.number, t.facility_code, " columns " FROM " table        \
  " t WHERE t.person_id = $1::uuid"                                                   \
  " AND t.at >= $2::timestamptz AND t.at < $3::timestamptz"                           \
  " AND (t.at, t.stream, t.number) < ($4::timestamptz, $5::uuid, $6::int8)" condition \
  " ORDER BY t.at DESC, t.stream DESC, t.number DESC LIMIT $7::int8)"
// A search in abnormal times (192) confirms at its own instant whom it has found, and is told once.
#define NOT_OF_A_SEARCH                                                          \
  " AND NOT EXISTS (SELECT FROM record_access s WHERE s.person_id = t.person_id" \
  " AND s.at = t.at AND s.facility_code = t.facility_code AND s.operation = 192)"
constexpr char kPatientSql[] =
    "SELECT x.at, x.stream, x.number, x.facility_code, coalesce(c.name, ''), p.role,"
    "  coalesce(x.operation, p.operation), x.reason, x.validity, coalesce(p.kinds, ''),"
    "  coalesce(x.own_act, false), coalesce(y.situation, 0::int2), coalesce(y.rehearsal, false)"
    " FROM (" PERSONS_PAGE("t.operation, t.reason, 0::int2 AS validity, t.own_act, t.view_id",
                           "record_access", "")
    " UNION ALL " PERSONS_PAGE("NULL::int2, '', t.validity, t.own_act, NULL::uuid", "confirmation",
                               NOT_OF_A_SEARCH)
    ") x LEFT JOIN facility c ON c.facility_code = x.facility_code"
    " LEFT JOIN facility_access p ON p.facility_code = x.facility_code AND p.at = x.at"
    "  AND p.stream = x.stream AND p.number = x.number"
    " LEFT JOIN abnormal_times_view v ON v.view_id = x.view_id"
    " LEFT JOIN abnormal_times_policy y ON y.policy_id = v.policy_id"
    " ORDER BY x.at DESC, x.stream DESC, x.number DESC LIMIT $7::int8";
#undef NOT_OF_A_SEARCH
#undef PERSONS_PAGE

constexpr char kHolderSql[] =
    "SELECT l.person_id, l.superseded_at IS NOT NULL, l.medium FROM card_link l"
    " WHERE l.issuer_key_id = $1::bytea AND l.serial = $2::bytea";

constexpr char kInQuestionSql[] =
    "SELECT EXISTS (SELECT FROM identity_case_person c"
    " WHERE c.person_id = $1::uuid AND c.ended_at IS NULL)";

constexpr char kHidesFacilitiesSql[] =
    "SELECT coalesce((SELECT p.hide_facility_names FROM person_protection p"
    " WHERE p.person_id = $1::uuid), false)";

constexpr char kInsertAccess[] =
    "INSERT INTO record_access (stream, person_id, at, number, facility_code, facility_user,"
    " operation, reason, own_act) "
    "SELECT $1::uuid, unnest($24::uuid[]), unnest($25::timestamptz[]), unnest($26::int8[]), "
    "unnest($27::text[]), unnest($28::text[]), unnest($29::int2[]), unnest($30::text[]), "
    "unnest($31::bool[])";

enum Statement {
  kConsume,
  kConsumed,
  kHolder,
  kFacility,
  kProgress,
  kPatient,
  kInQuestion,
  kHidesFacilities,
  kAudit,
  kAccessed,
  kExists,
  kStatements
};

std::span<const LaneStatement> Statements() {
  static const std::string accessed =
      "WITH audited AS (" + std::string(kInsertAudit) + ") " + kInsertAccess;
  static const std::array<LaneStatement, kStatements> statements = {{
      {"access_consume", kConsumeChallenges, true},
      {"access_consumed", kConsumedChallenges, false},
      {"access_holder", kHolderSql, false},
      {"access_facility", kFacilitySql, false},
      {"access_progress", kProgressSql, false},
      {"access_patient", kPatientSql, false},
      {"access_in_question", kInQuestionSql, false},
      {"access_hides_facilities", kHidesFacilitiesSql, false},
      {"access_audit", kInsertAudit, true},
      {"access_accessed", accessed.c_str(), true},
      {"access_exists", kAuditRowExists, true},
  }};
  return statements;
}

// RangeParameters are $2 to $7 in binary form; they live as long as the call of Run.
struct RangeParameters {
  explicit RangeParameters(const AccessRange& range)
      : from(range.from),
        to(range.to),
        before(range.before ? range.before->at : absl::InfiniteFuture()),
        stream(range.before ? range.before->audit_id.stream : StreamId{}),
        number(range.before ? range.before->audit_id.number : std::numeric_limits<int64_t>::max()),
        limit(static_cast<int64_t>(range.limit)) {}

  BinaryScalar from, to, before, stream, number, limit;
};

AuditId AuditIdAt(const LaneResult& rows, int row) {
  return {.stream = UuidFrom<StreamId>(rows.Cell(row, 1)), .number = Int8From(rows.Cell(row, 2))};
}

class PostgresAccessLogStore final : public AccessLogStore {
 public:
  PostgresAccessLogStore(ConnectionParameters parameters, AuditFence* fence)
      : connection_(std::move(parameters), Statements(), fence) {}

  bool Connected() const override { return connection_.Connected(); }
  absl::Status Reconnect(MonotonicTime deadline) override {
    return connection_.Reconnect(deadline);
  }
  void NoticeLoss() override { connection_.DropIfClosed(); }
  absl::StatusOr<ChallengeOutcome> ConsumeChallenge(const ChallengeUse& use, absl::Time now,
                                                    MonotonicTime deadline) override;
  absl::StatusOr<std::optional<LinkedPerson>> FindHolder(const CardKey& card,
                                                         MonotonicTime deadline) override;
  absl::StatusOr<FacilityAccesses> ReadFacility(std::string_view facility_code,
                                                const AccessRange& range,
                                                MonotonicTime deadline) override;
  absl::StatusOr<bool> IsInQuestion(const PersonId& person, MonotonicTime deadline) override {
    return Tells(kInQuestion, person, deadline);
  }
  absl::StatusOr<bool> HidesFacilityNames(const PersonId& person, MonotonicTime deadline) override {
    return Tells(kHidesFacilities, person, deadline);
  }
  absl::StatusOr<std::vector<Access>> ReadPatient(const PersonId& person, const AccessRange& range,
                                                  MonotonicTime deadline) override;
  absl::Status Write(const AuditRecord& audit, const std::optional<RecordAccess>& access,
                     MonotonicTime deadline) override;
  absl::StatusOr<bool> AuditRowExists(const AuditId& id, MonotonicTime deadline) override {
    return LaneAuditRowExists(connection_, Statements()[kExists], id, deadline);
  }

 private:
  // Tells runs a statement that answers one yes or no about a person.
  absl::StatusOr<bool> Tells(Statement statement, const PersonId& person, MonotonicTime deadline);
  absl::StatusOr<LaneResult> RunRange(Statement statement, std::string_view first,
                                      const AccessRange& range, MonotonicTime deadline);

  LaneConnection connection_;
  std::array<BinaryArray, kAuditArrays + kAccessArrays> arrays_;
};

absl::StatusOr<ChallengeOutcome> PostgresAccessLogStore::ConsumeChallenge(const ChallengeUse& use,
                                                                          absl::Time now,
                                                                          MonotonicTime deadline) {
  auto outcomes = LaneConsumeChallenges(connection_, Statements()[kConsume],
                                        Statements()[kConsumed], std::span(&use, 1), now,
                                        std::span(arrays_).first(kChallengeUseArrays), deadline);
  if (!outcomes.ok()) return outcomes.status();
  return std::move(outcomes->front());
}

absl::StatusOr<std::optional<LinkedPerson>> PostgresAccessLogStore::FindHolder(
    const CardKey& card, MonotonicTime deadline) {
  const std::array<std::string_view, 2> parameters = {card.issuer_key_id, card.serial};
  const auto found = connection_.Run(Statements()[kHolder], parameters, deadline);
  if (!found.ok()) return found.status();
  if (found->rows() == 0) return std::nullopt;
  return LinkedPerson{.person = UuidFrom<PersonId>(found->Cell(0, 0)),
                      .superseded = found->Cell(0, 1)[0] != 0,
                      .medium = Int2From(found->Cell(0, 2))};
}

absl::StatusOr<LaneResult> PostgresAccessLogStore::RunRange(Statement statement,
                                                            std::string_view first,
                                                            const AccessRange& range,
                                                            MonotonicTime deadline) {
  const RangeParameters bounds(range);
  const std::array<std::string_view, 7> parameters = {first,
                                                      bounds.from.octets(),
                                                      bounds.to.octets(),
                                                      bounds.before.octets(),
                                                      bounds.stream.octets(),
                                                      bounds.number.octets(),
                                                      bounds.limit.octets()};
  return connection_.Run(Statements()[statement], parameters, deadline);
}

absl::StatusOr<FacilityAccesses> PostgresAccessLogStore::ReadFacility(
    std::string_view facility_code, const AccessRange& range, MonotonicTime deadline) {
  FacilityAccesses page;
  // First how far the copy goes: what comes meanwhile is shown beyond what is promised.
  const auto progress = connection_.Run(Statements()[kProgress], {}, deadline);
  if (!progress.ok()) return progress.status();
  if (!progress->IsNull(0, 0)) page.copied_through = InstantFrom(progress->Cell(0, 0));
  const auto rows = RunRange(kFacility, facility_code, range, deadline);
  if (!rows.ok()) return rows.status();
  for (int row = 0; row < rows->rows(); ++row) {
    Access access;
    access.at = InstantFrom(rows->Cell(row, 0));
    access.audit_id = AuditIdAt(*rows, row);
    access.facility_code = facility_code;
    access.terminal_id = rows->Cell(row, 3);
    access.user = rows->Cell(row, 4);
    access.role = static_cast<Role>(Int2From(rows->Cell(row, 5)));
    access.operation = static_cast<Operation>(Int2From(rows->Cell(row, 6)));
    if (Int2From(rows->Cell(row, 7)) != 0) access.denial = ToldReason(rows->Cell(row, 8));
    access.validity = Int2From(rows->Cell(row, 9));
    access.kinds = AccessedKinds(rows->Cell(row, 10));
    if (!rows->IsNull(row, 11)) access.person = UuidFrom<PersonId>(rows->Cell(row, 11));
    page.accesses.push_back(std::move(access));
  }
  return page;
}

absl::StatusOr<bool> PostgresAccessLogStore::Tells(Statement statement, const PersonId& person,
                                                   MonotonicTime deadline) {
  const BinaryScalar id(person);
  const std::string_view parameters[] = {id.octets()};
  const absl::StatusOr<LaneResult> result =
      connection_.Run(Statements()[statement], parameters, deadline);
  if (!result.ok()) return result.status();
  return result->Cell(0, 0)[0] != 0;
}

absl::StatusOr<std::vector<Access>> PostgresAccessLogStore::ReadPatient(const PersonId& person,
                                                                        const AccessRange& range,
                                                                        MonotonicTime deadline) {
  const BinaryScalar who(person);
  const auto rows = RunRange(kPatient, who.octets(), range, deadline);
  if (!rows.ok()) return rows.status();
  std::vector<Access> page;
  for (int row = 0; row < rows->rows(); ++row) {
    Access access;
    access.at = InstantFrom(rows->Cell(row, 0));
    access.audit_id = AuditIdAt(*rows, row);
    access.facility_code = rows->Cell(row, 3);
    access.facility_name = rows->Cell(row, 4);
    if (!rows->IsNull(row, 5)) access.role = static_cast<Role>(Int2From(rows->Cell(row, 5)));
    if (!rows->IsNull(row, 6)) {
      access.operation = static_cast<Operation>(Int2From(rows->Cell(row, 6)));
    }
    access.denial = ToldReason(rows->Cell(row, 7));
    access.validity = Int2From(rows->Cell(row, 8));
    access.kinds = AccessedKinds(rows->Cell(row, 9));
    access.own_act = rows->Cell(row, 10)[0] != 0;
    access.situation = static_cast<Situation>(Int2From(rows->Cell(row, 11)));
    access.rehearsal = rows->Cell(row, 12)[0] != 0;
    // At home there is one way to be confirmed.
    if (access.own_act && !access.operation) access.operation = Operation::kConfirmByCard;
    page.push_back(std::move(access));
  }
  return page;
}

absl::Status PostgresAccessLogStore::Write(const AuditRecord& audit,
                                           const std::optional<RecordAccess>& access,
                                           MonotonicTime deadline) {
  BinaryArray* next = FillAuditColumns(arrays_.data(), std::span(&audit, 1));
  Statement statement = kAudit;
  if (access) {
    statement = kAccessed;
    using Row = RecordAccess;
    const std::span<const Row> rows(&*access, 1);
    Column(next, kUuid, rows, [](BinaryArray& a, const Row& r) { a.Uuid(r.person); });
    Column(next, kInstant, rows, [](BinaryArray& a, const Row& r) { a.Instant(r.at); });
    Column(next, kInt8, rows, [](BinaryArray& a, const Row& r) { a.Int8(r.audit_id.number); });
    Column(next, kText, rows, [](BinaryArray& a, const Row& r) { a.Octets(r.facility_code); });
    Column(next, kText, rows, [](BinaryArray& a, const Row& r) { a.Octets(r.user); });
    Column(next, kInt2, rows, [](BinaryArray& a, const Row& r) { a.Int2(r.operation); });
    Column(next, kText, rows, [](BinaryArray& a, const Row& r) { a.Octets(r.reason); });
    Column(next, kBool, rows, [](BinaryArray& a, const Row& r) {
      if (!r.own_act) return a.Null();
      a.Bool(true);
    });
  }
  const BinaryScalar stream(audit.id.stream);
  std::array<std::string_view, 2 + std::tuple_size_v<decltype(arrays_)>> parameters = {
      stream.octets(), audit.key_id};
  size_t count = 2;
  for (const BinaryArray* array = arrays_.data(); array != next; ++array) {
    parameters[count++] = array->octets();
  }
  connection_.WillWrite(audit);
  return connection_.Run(Statements()[statement], std::span(parameters).first(count), deadline)
      .status();
}

}  // namespace

std::unique_ptr<AccessLogStore> MakeAccessLogStore(const std::string& conninfo,
                                                   const std::string& role,
                                                   const std::string& application_name,
                                                   AuditFence* fence) {
  return std::make_unique<PostgresAccessLogStore>(
      ConnectionParametersFor(conninfo, role, application_name), fence);
}

}  // namespace kakunin
