#include "storage/postgres/application_store.h"

#include <pqxx/result>

#include "domain/bulk_inquiry.h"
#include "storage/postgres/database.h"
#include "storage/postgres/statement_failure.h"
#include "storage/postgres/text_value.h"

namespace kakunin {
namespace {

constexpr char kApplication[] =
    "SELECT application_id::text, account, kind, state, facility_code, facility_type,"
    " facility_name, introduction_type, group_name, version, steps, first_submitted_at,"
    " changed_at, start_requested_at FROM kakunin.application";

std::string OptionalText(const std::optional<absl::Time>& at) {
  return at ? InstantText(*at) : std::string();
}

Application ApplicationFrom(const pqxx::row& row) {
  Application application{.id = UuidFromText<ApplicationId>(row[0].c_str()),
                          .account = row[1].c_str(),
                          .kind = static_cast<ApplicationKind>(row[2].as<int>()),
                          .state = static_cast<ApplicationState>(row[3].as<int>()),
                          .facility_code = row[4].c_str(),
                          .facility_type = static_cast<FacilityType>(row[5].as<int>()),
                          .facility_name = row[6].c_str(),
                          .group_name = row[8].c_str(),
                          .version = row[9].as<int>(),
                          .steps = row[10].as<int>(),
                          .first_submitted = InstantFromText(row[11].c_str()),
                          .changed = InstantFromText(row[12].c_str())};
  if (!row[7].is_null()) {
    application.introduction_type = static_cast<IntroductionType>(row[7].as<int>());
  }
  if (!row[13].is_null()) application.start_requested = InstantFromText(row[13].c_str());
  return application;
}

std::vector<Application> ApplicationsFrom(const pqxx::result& rows) {
  std::vector<Application> applications;
  for (const auto& row : rows) applications.push_back(ApplicationFrom(row));
  return applications;
}

absl::StatusOr<std::optional<Application>> ReadOne(Transaction& tx, const ApplicationId& id,
                                                   const char* lock) {
  return RunStatements([&]() -> absl::StatusOr<std::optional<Application>> {
    const auto rows = PostgresTransaction::Work(tx).exec_params(
        std::string(kApplication) + " WHERE application_id = $1::uuid" + lock, UuidText(id));
    if (rows.empty()) return std::optional<Application>();
    return std::optional(ApplicationFrom(rows[0]));
  });
}

}  // namespace

absl::Status PostgresApplicationStore::Insert(Transaction& tx, const Application& application) {
  return RunStatements([&] {
    PostgresTransaction::Work(tx).exec_params(
        "INSERT INTO kakunin.application (application_id, account, kind, state, facility_code,"
        " facility_type, facility_name, introduction_type, group_name, version, steps,"
        " first_submitted_at, changed_at) VALUES ($1::uuid, $2, $3, $4, $5, $6, $7,"
        " nullif($8, 0), $9, $10, $11, $12::timestamptz, $13::timestamptz)",
        UuidText(application.id), application.account, static_cast<int>(application.kind),
        static_cast<int>(application.state), application.facility_code,
        static_cast<int>(application.facility_type), application.facility_name,
        application.introduction_type ? static_cast<int>(*application.introduction_type) : 0,
        application.group_name, application.version, application.steps,
        InstantText(application.first_submitted), InstantText(application.changed));
    return absl::OkStatus();
  });
}

absl::StatusOr<std::optional<Application>> PostgresApplicationStore::Hold(Transaction& tx,
                                                                          const ApplicationId& id) {
  return ReadOne(tx, id, " FOR UPDATE");
}

absl::StatusOr<std::optional<Application>> PostgresApplicationStore::Find(Transaction& tx,
                                                                          const ApplicationId& id) {
  return ReadOne(tx, id, "");
}

absl::Status PostgresApplicationStore::UpdateAsApplicant(Transaction& tx,
                                                         const Application& application) {
  return RunStatements([&] {
    PostgresTransaction::Work(tx).exec_params(
        "UPDATE kakunin.application SET state = $2, version = $3, steps = $4,"
        " changed_at = $5::timestamptz, start_requested_at = nullif($6, '')::timestamptz,"
        " facility_type = $7, facility_name = $8, introduction_type = nullif($9, 0)"
        " WHERE application_id = $1::uuid",
        UuidText(application.id), static_cast<int>(application.state), application.version,
        application.steps, InstantText(application.changed),
        OptionalText(application.start_requested), static_cast<int>(application.facility_type),
        application.facility_name,
        application.introduction_type ? static_cast<int>(*application.introduction_type) : 0);
    return absl::OkStatus();
  });
}

absl::Status PostgresApplicationStore::UpdateAsOperator(Transaction& tx,
                                                        const Application& application) {
  return RunStatements([&] {
    PostgresTransaction::Work(tx).exec_params(
        "UPDATE kakunin.application SET state = $2, steps = $3, changed_at = $4::timestamptz"
        " WHERE application_id = $1::uuid",
        UuidText(application.id), static_cast<int>(application.state), application.steps,
        InstantText(application.changed));
    return absl::OkStatus();
  });
}

absl::StatusOr<std::vector<Application>> PostgresApplicationStore::List(
    Transaction& tx, const ApplicationRange& range) {
  return RunStatements([&]() -> absl::StatusOr<std::vector<Application>> {
    return ApplicationsFrom(PostgresTransaction::Work(tx).exec_params(
        std::string(kApplication) +
            " WHERE ($1 = '' OR account = $1) AND ($2 = 0 OR state = $2)"
            " AND (first_submitted_at, application_id) > ($3::timestamptz, $4::uuid)"
            " ORDER BY first_submitted_at, application_id LIMIT $5",
        range.account, range.state ? static_cast<int>(*range.state) : 0, InstantText(range.after),
        UuidText(range.after_id), range.limit));
  });
}

absl::Status PostgresApplicationStore::HoldUses(Transaction& tx, const std::string& facility_code) {
  return RunStatements([&] {
    pqxx::transaction_base& work = PostgresTransaction::Work(tx);
    // A facility that nobody has applied for has no row yet. Repairs have the number before.
    work.exec_params("SELECT pg_advisory_xact_lock(17, hashtext($1))", facility_code);
    work.exec_params(
        "SELECT FROM kakunin.application WHERE facility_code = $1 AND kind = $2"
        " ORDER BY application_id FOR UPDATE",
        facility_code, static_cast<int>(ApplicationKind::kUse));
    return absl::OkStatus();
  });
}

absl::Status PostgresApplicationStore::DropLists(Transaction& tx,
                                                 const std::string& facility_code) {
  return RunStatements([&] {
    PostgresTransaction::Work(tx).exec_params(
        "UPDATE kakunin.bulk_inquiry SET state = $2 WHERE facility_code = $1 AND state <> $2",
        facility_code, static_cast<int>(BulkState::kDeleted));
    return absl::OkStatus();
  });
}

absl::StatusOr<std::vector<Application>> PostgresApplicationStore::OfFacility(
    Transaction& tx, const std::string& account, const std::string& facility_code,
    ApplicationKind kind) {
  return RunStatements([&]() -> absl::StatusOr<std::vector<Application>> {
    return ApplicationsFrom(PostgresTransaction::Work(tx).exec_params(
        std::string(kApplication) + " WHERE facility_code = $1 AND kind = $2"
                                    " AND ($3 = '' OR account = $3)"
                                    " ORDER BY first_submitted_at, application_id",
        facility_code, static_cast<int>(kind), account));
  });
}

absl::Status PostgresApplicationStore::AddVersion(Transaction& tx, const ApplicationId& id,
                                                  const ApplicationVersion& version) {
  return RunStatements([&] {
    PostgresTransaction::Work(tx).exec_params(
        "INSERT INTO kakunin.application_version (application_id, version, submitted_at,"
        " content_format, content, working, password_given_by)"
        " VALUES ($1::uuid, $2, $3::timestamptz, $4, $5::bytea, $6, $7)",
        UuidText(id), version.version, InstantText(version.submitted), kFormFormat,
        ByteaText(version.content), version.working, version.password_given_by);
    return absl::OkStatus();
  });
}

absl::StatusOr<std::optional<ApplicationVersion>> PostgresApplicationStore::FindVersion(
    Transaction& tx, const ApplicationId& id, int version) {
  return RunStatements([&]() -> absl::StatusOr<std::optional<ApplicationVersion>> {
    const auto rows = PostgresTransaction::Work(tx).exec_params(
        "SELECT version, submitted_at, content, working, password_given_by"
        " FROM kakunin.application_version WHERE application_id = $1::uuid AND version = $2",
        UuidText(id), version);
    if (rows.empty()) return std::optional<ApplicationVersion>();
    return std::optional(ApplicationVersion{.version = rows[0][0].as<int>(),
                                            .submitted = InstantFromText(rows[0][1].c_str()),
                                            .content = ByteaFromText(rows[0][2].c_str()),
                                            .working = rows[0][3].c_str(),
                                            .password_given_by = rows[0][4].c_str()});
  });
}

absl::Status PostgresApplicationStore::AddStep(Transaction& tx, const ApplicationId& id,
                                               const ApplicationStep& step) {
  return RunStatements([&] {
    PostgresTransaction::Work(tx).exec_params(
        "INSERT INTO kakunin.application_step (application_id, step, at, actor, event, state, note)"
        " VALUES ($1::uuid, $2, $3::timestamptz, $4, $5, $6, $7)",
        UuidText(id), step.step, InstantText(step.at), step.actor, static_cast<int>(step.event),
        static_cast<int>(step.state), step.note);
    return absl::OkStatus();
  });
}

absl::StatusOr<std::vector<ApplicationStep>> PostgresApplicationStore::Steps(
    Transaction& tx, const ApplicationId& id) {
  return RunStatements([&]() -> absl::StatusOr<std::vector<ApplicationStep>> {
    std::vector<ApplicationStep> steps;
    for (const auto& row : PostgresTransaction::Work(tx).exec_params(
             "SELECT step, at, actor, event, state, note FROM kakunin.application_step"
             " WHERE application_id = $1::uuid ORDER BY step",
             UuidText(id))) {
      steps.push_back({.step = row[0].as<int>(),
                       .at = InstantFromText(row[1].c_str()),
                       .actor = row[2].c_str(),
                       .event = static_cast<ApplicationEvent>(row[3].as<int>()),
                       .state = static_cast<ApplicationState>(row[4].as<int>()),
                       .note = row[5].c_str()});
    }
    return steps;
  });
}

absl::Status PostgresApplicationStore::AddNews(Transaction& tx, const std::string& account,
                                               const News& news) {
  return RunStatements([&] {
    PostgresTransaction::Work(tx).exec_params(
        "WITH news AS (INSERT INTO kakunin.applicant_news (account, number, at, application_id,"
        " text) SELECT $1, coalesce(max(number), 0) + 1, $2::timestamptz,"
        " nullif($3, '')::uuid, $4"
        " FROM kakunin.applicant_news WHERE account = $1 RETURNING number)"
        " INSERT INTO kakunin.applicant_mail (account, number, at, text)"
        " SELECT $1, number, $2::timestamptz, $5 FROM news",
        account, InstantText(news.at),
        news.application == ApplicationId{} ? std::string() : UuidText(news.application), news.text,
        news.mail_text);
    return absl::OkStatus();
  });
}

absl::StatusOr<std::vector<News>> PostgresApplicationStore::ListNews(Transaction& tx,
                                                                     const std::string& account,
                                                                     int64_t after, int limit) {
  return RunStatements([&]() -> absl::StatusOr<std::vector<News>> {
    std::vector<News> news;
    for (const auto& row : PostgresTransaction::Work(tx).exec_params(
             "SELECT number, at, application_id::text, text FROM kakunin.applicant_news"
             " WHERE account = $1 AND number > $2 ORDER BY number LIMIT $3",
             account, after, limit)) {
      News& one = news.emplace_back();
      one.number = row[0].as<int64_t>();
      one.at = InstantFromText(row[1].c_str());
      if (!row[2].is_null()) one.application = UuidFromText<ApplicationId>(row[2].c_str());
      one.text = row[3].c_str();
    }
    return news;
  });
}

absl::Status PostgresApplicationStore::Tick(Transaction& tx, const std::string& facility_code,
                                            OperationTestItem item, absl::Time at) {
  return RunStatements([&] {
    PostgresTransaction::Work(tx).exec_params(
        "INSERT INTO kakunin.operation_test_item (facility_code, item, ticked_at)"
        " VALUES ($1, $2, $3::timestamptz) ON CONFLICT (facility_code, item) DO UPDATE SET"
        " ticked_at = greatest(operation_test_item.ticked_at, excluded.ticked_at)",
        facility_code, static_cast<int>(item), InstantText(at));
    return absl::OkStatus();
  });
}

absl::StatusOr<OperationTestChecklist> PostgresApplicationStore::Checklist(
    Transaction& tx, const std::string& facility_code, absl::Time since) {
  return RunStatements([&]() -> absl::StatusOr<OperationTestChecklist> {
    uint32_t bits = 0;
    for (const auto& row : PostgresTransaction::Work(tx).exec_params(
             "SELECT item FROM kakunin.operation_test_item WHERE facility_code = $1"
             " AND ticked_at >= $2::timestamptz",
             facility_code, InstantText(since))) {
      bits |= 1U << (row[0].as<unsigned>() - 1);
    }
    return OperationTestChecklist(bits);
  });
}

}  // namespace kakunin
