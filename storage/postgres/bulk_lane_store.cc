#include "storage/postgres/bulk_lane_store.h"

#include <cstring>
#include <vector>

#include "domain/error.h"
#include "storage/postgres/bulk_content.h"
#include "storage/postgres/confirmation_lane_store.h"
#include "storage/postgres/lane_truth.h"

namespace kakunin {
namespace {

enum BulkStatement {
  kBegin,
  kCommit,
  kRollback,
  kRunning,
  kLock,
  kUnlock,
  kNext,
  kAnswer,
  kStop,
  kLastTold,
  kKnownAt,
  kCountsOf,
  kDropSome
};

// The states of domain/bulk_inquiry.h: 2 runs, 3 is done, 5 was stopped, 6 was deleted.
std::vector<LaneStatement> BulkStatements() {
  return {
      LaneStatement{"bulk_begin", "BEGIN", false},
      LaneStatement{"bulk_commit", "COMMIT", true},
      LaneStatement{"bulk_rollback", "ROLLBACK", false},
      LaneStatement{"bulk_running",
                    "SELECT bulk_id FROM bulk_inquiry WHERE state = 2 ORDER BY touched_at, bulk_id"
                    " LIMIT $1::int8",
                    false},
      LaneStatement{"bulk_lock", "SELECT pg_try_advisory_lock($1::int8)", false},
      LaneStatement{"bulk_unlock", "SELECT pg_advisory_unlock($1::int8)", false},
      LaneStatement{"bulk_next",
                    "SELECT i.facility_code, i.request_id, i.terminal_id, i.facility_user, i.role,"
                    " i.day, i.form_of_care, i.state, i.answered,"
                    " r.first_row, r.rows, r.octets FROM bulk_inquiry i LEFT JOIN LATERAL (SELECT "
                    "* FROM bulk_rows"
                    " r WHERE r.bulk_id = i.bulk_id AND r.first_row <= i.answered + 1"
                    " AND i.answered < i.rows ORDER BY r.first_row DESC LIMIT 1) r ON true"
                    " WHERE i.bulk_id = $1::uuid",
                    false},
      LaneStatement{
          "bulk_answer",
          "WITH moved AS (UPDATE bulk_inquiry SET answered = answered + $3::int8,"
          " errors = errors + $5::int8, not_found = not_found + $6::int8,"
          " state = CASE WHEN answered + $3::int8 = rows THEN 3 ELSE state END,"
          " touched_at = CASE WHEN answered + $3::int8 = rows THEN $7::timestamptz"
          " ELSE touched_at END"
          " WHERE bulk_id = $1::uuid AND answered + 1 = $2::int8 AND state = 2 RETURNING bulk_id),"
          " kept AS (INSERT INTO bulk_results (bulk_id, first_row, rows, octets)"
          " SELECT bulk_id, $2::int8, $3::int8, $4::bytea FROM moved RETURNING 1)"
          " SELECT count(*) FROM kept",
          true},
      LaneStatement{"bulk_stop",
                    "UPDATE bulk_inquiry SET state = 5, reason = $2::text,"
                    " touched_at = $3::timestamptz WHERE bulk_id = $1::uuid AND state = 2",
                    true},
      LaneStatement{"bulk_last_told",
                    "SELECT p.o::int8, c.at, c.day, coalesce(c.opened & 1, 0) <> 0, c.validity,"
                    " c.asked_key, EXISTS (SELECT"
                    " FROM coverage v WHERE v.person_id = p.person_id AND (v.known_from > c.at OR"
                    " v.known_to > c.at)) FROM (SELECT unnest($1::uuid[]) AS person_id,"
                    " generate_subscripts($1::uuid[], 1) AS o) p CROSS JOIN LATERAL (SELECT at, "
                    "day, validity, asked_key,"
                    " opened FROM confirmation WHERE person_id = p.person_id"
                    " AND facility_code = $2::text AND at >= $3::timestamptz"
                    " AND own_act IS NOT TRUE ORDER BY at DESC LIMIT 1) c",
                    false},
      LaneStatement{"bulk_known_at", ReadTruthAtSql().c_str(), false},
      LaneStatement{"bulk_counts_of",
                    "SELECT coalesce(sum(answered - errors), 0)::int8, coalesce(sum(not_found),"
                    " 0)::int8 FROM bulk_inquiry WHERE facility_code = $1::text"
                    " AND touched_at > $2::timestamptz",
                    false},
      LaneStatement{"bulk_drop_some", kDropSomeBulkContent, true},
  };
}

// AllStatements is what the lane prepares.
std::span<const LaneStatement> AllStatements() {
  static const std::vector<LaneStatement> all = [] {
    const std::span<const LaneStatement> confirmations = ConfirmationStatements();
    std::vector<LaneStatement> both(confirmations.begin(), confirmations.end());
    for (const LaneStatement& statement : BulkStatements()) both.push_back(statement);
    return both;
  }();
  return all;
}

const LaneStatement& StatementOf(BulkStatement statement) {
  return AllStatements()[static_cast<size_t>(kStatements) + static_cast<size_t>(statement)];
}

// LockKey is the list's place among PostgreSQL's advisory locks; its first octets are random.
int64_t LockKey(const BulkId& id) {
  int64_t key = 0;
  std::memcpy(&key, id.octets.data(), sizeof(key));
  return key;
}

class PostgresBulkLaneStore final : public PostgresConfirmationStore, public BulkLaneStore {
 public:
  PostgresBulkLaneStore(ConnectionParameters parameters, AuditFence* fence)
      : PostgresConfirmationStore(std::move(parameters), fence, AllStatements()) {}

  ConfirmationStore& Confirmations() override { return *this; }

  void Attach(const BulkId& id, BulkAnswers answers) override {
    attached_ = {id, std::move(answers)};
  }

  absl::Status Write(std::span<const AuditRecord> audit,
                     std::span<const Confirmation> confirmations,
                     std::span<const ConsentAct> consents, std::span<const NoMatch> no_matches,
                     MonotonicTime deadline) override {
    if (!attached_) {
      return PostgresConfirmationStore::Write(audit, confirmations, consents, no_matches, deadline);
    }
    const auto [id, answers] = *std::exchange(attached_, std::nullopt);
    absl::Status status =
        WriteWith(id, answers, audit, confirmations, consents, no_matches, deadline);
    // A transaction that failed must end before the connection is used again.
    if (!status.ok() && connection().Connected() && !RunNow(kRollback, {}, deadline).ok()) {
      connection().Drop();
    }
    return status;
  }

  absl::StatusOr<std::vector<std::optional<Told>>> LastTold(std::span<const PersonId> persons,
                                                            std::string_view facility_code,
                                                            absl::Time since,
                                                            MonotonicTime deadline) override {
    std::vector<std::optional<Told>> told(persons.size());
    BinaryArray ids;
    ids.Begin(ElementType::kUuid, persons.size());
    for (const PersonId& person : persons) ids.Uuid(person);
    const BinaryScalar from(since);
    ASSIGN_OR_RETURN(const LaneResult found,
                     RunNow(kLastTold, {{ids.octets(), facility_code, from.octets()}}, deadline));
    for (int row = 0; row < found.rows(); ++row) {
      const auto index = static_cast<size_t>(Int8From(found.Cell(row, 0)) - 1);
      told[index] = Told{.at = InstantFrom(found.Cell(row, 1)),
                         .day = DayFrom(found.Cell(row, 2)),
                         .validity = static_cast<Validity>(Int2From(found.Cell(row, 4))),
                         .limit_certificate = found.Cell(row, 3)[0] != 0,
                         .known_since = found.Cell(row, 6)[0] != 0};
      if (!found.IsNull(row, 5)) told[index]->key = UuidFrom<KeyHash>(found.Cell(row, 5));
    }
    return told;
  }

  absl::StatusOr<std::vector<Coverage>> KnownAt(const PersonId& person, absl::Time at,
                                                MonotonicTime deadline) override {
    return LaneReadTruthAt(connection(), StatementOf(kKnownAt), person, at, deadline);
  }

  absl::StatusOr<std::vector<BulkId>> Running(int most, MonotonicTime deadline) override {
    const BinaryScalar count(int64_t{most});
    ASSIGN_OR_RETURN(const LaneResult found, RunNow(kRunning, {{count.octets()}}, deadline));
    std::vector<BulkId> ids;
    ids.reserve(static_cast<size_t>(found.rows()));
    for (int row = 0; row < found.rows(); ++row)
      ids.push_back(UuidFrom<BulkId>(found.Cell(row, 0)));
    return ids;
  }

  absl::StatusOr<bool> Lock(const BulkId& id, MonotonicTime deadline) override {
    const BinaryScalar key(LockKey(id));
    ASSIGN_OR_RETURN(const LaneResult locked, RunNow(kLock, {{key.octets()}}, deadline));
    return locked.rows() == 1 && locked.Cell(0, 0)[0] != 0;
  }
  absl::Status Unlock(const BulkId& id, MonotonicTime deadline) override {
    const BinaryScalar key(LockKey(id));
    return RunNow(kUnlock, {{key.octets()}}, deadline).status();
  }

  absl::StatusOr<std::optional<Work>> Next(const BulkId& id, MonotonicTime deadline) override;

  absl::StatusOr<BulkCounts> CountsOf(std::string_view facility_code, absl::Time since,
                                      MonotonicTime deadline) override {
    const BinaryScalar from(since);
    ASSIGN_OR_RETURN(const LaneResult found,
                     RunNow(kCountsOf, {{facility_code, from.octets()}}, deadline));
    return BulkCounts{.asked = Int8From(found.Cell(0, 0)), .not_found = Int8From(found.Cell(0, 1))};
  }

  absl::StatusOr<int64_t> DropSome(const BulkId& id, MonotonicTime deadline) override {
    const BinaryScalar list(id);
    ASSIGN_OR_RETURN(const LaneResult gone, RunNow(kDropSome, {{list.octets()}}, deadline));
    return Int8From(gone.Cell(0, 0));
  }

  absl::Status Stop(const BulkId& id, std::string_view reason, absl::Time at,
                    MonotonicTime deadline) override {
    const BinaryScalar list(id);
    const BinaryScalar instant(at);
    return RunNow(kStop, {{list.octets(), reason, instant.octets()}}, deadline).status();
  }

 private:
  absl::StatusOr<LaneResult> RunNow(BulkStatement statement,
                                    std::vector<std::string_view> parameters,
                                    MonotonicTime deadline) {
    return connection().Run(StatementOf(statement), parameters, deadline);
  }

  absl::Status WriteWith(const BulkId& id, const BulkAnswers& answers,
                         std::span<const AuditRecord> audit,
                         std::span<const Confirmation> confirmations,
                         std::span<const ConsentAct> consents, std::span<const NoMatch> no_matches,
                         MonotonicTime deadline) {
    RETURN_IF_ERROR(RunNow(kBegin, {}, deadline).status());
    RETURN_IF_ERROR(
        PostgresConfirmationStore::Write(audit, confirmations, consents, no_matches, deadline));
    const BinaryScalar list(id);
    const BinaryScalar first(answers.piece.first_row);
    const BinaryScalar rows(int64_t{answers.piece.rows});
    const BinaryScalar errors(int64_t{answers.errors});
    const BinaryScalar not_found(int64_t{answers.not_found});
    const BinaryScalar at(audit.back().at);
    ASSIGN_OR_RETURN(const LaneResult kept,
                     RunNow(kAnswer,
                            {{list.octets(), first.octets(), rows.octets(), answers.piece.octets,
                              errors.octets(), not_found.octets(), at.octets()}},
                            deadline));
    if (Int8From(kept.Cell(0, 0)) != 1) return StoreError(StoreFailure::kUnavailable);
    return RunNow(kCommit, {}, deadline).status();
  }

  std::optional<std::pair<BulkId, BulkAnswers>> attached_;
};

absl::StatusOr<std::optional<BulkLaneStore::Work>> PostgresBulkLaneStore::Next(
    const BulkId& id, MonotonicTime deadline) {
  const BinaryScalar list(id);
  ASSIGN_OR_RETURN(const LaneResult found, RunNow(kNext, {{list.octets()}}, deadline));
  if (found.rows() == 0) return std::optional<Work>();
  Work work;
  BulkInquiryRow& inquiry = work.inquiry;
  inquiry.id = id;
  inquiry.header.facility_code = found.Cell(0, 0);
  inquiry.header.request_id = UuidFrom<RequestId>(found.Cell(0, 1));
  inquiry.header.terminal_id = found.Cell(0, 2);
  inquiry.header.user = found.Cell(0, 3);
  inquiry.header.role = static_cast<Role>(Int2From(found.Cell(0, 4)));
  inquiry.header.day = DayFrom(found.Cell(0, 5));
  inquiry.header.form_of_care = static_cast<FormOfCare>(Int2From(found.Cell(0, 6)));
  inquiry.state = static_cast<BulkState>(Int2From(found.Cell(0, 7)));
  inquiry.answered = Int8From(found.Cell(0, 8));
  if (!found.IsNull(0, 9)) {
    work.piece = {.first_row = Int8From(found.Cell(0, 9)),
                  .rows = Int4From(found.Cell(0, 10)),
                  .octets = std::string(found.Cell(0, 11))};
  }
  return std::optional<Work>(std::move(work));
}

}  // namespace

std::unique_ptr<BulkLaneStore> MakeBulkLaneStore(const std::string& conninfo,
                                                 const std::string& role,
                                                 const std::string& application_name,
                                                 AuditFence* fence) {
  return std::make_unique<PostgresBulkLaneStore>(
      ConnectionParametersFor(conninfo, role, application_name), fence);
}

}  // namespace kakunin
