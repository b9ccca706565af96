#include "storage/postgres/joining_job_store.h"

#include <pqxx/result>

#include "domain/account_registration_state.h"
#include "storage/postgres/database.h"
#include "storage/postgres/facility_terms.h"
#include "storage/postgres/statement_failure.h"
#include "storage/postgres/text_value.h"

namespace kakunin {

absl::StatusOr<std::vector<FacilityOnGround>> PostgresJoiningJobStore::FacilitiesOnGrounds(
    Transaction& tx, const std::string& after, int limit) {
  return RunStatements([&]() -> absl::StatusOr<std::vector<FacilityOnGround>> {
    std::vector<FacilityOnGround> facilities;
    // A ground by configuration may end without a report.
    for (const auto& row : PostgresTransaction::Work(tx).exec_params(
             "SELECT f.facility_code, " + std::string(kFacilityTermColumns) +
                 ", r.day, r.last_day FROM kakunin.facility f LEFT JOIN LATERAL (SELECT g.day,"
                 " g.last_day FROM kakunin.ground_reminder g WHERE g.facility_code ="
                 " f.facility_code ORDER BY g.day DESC LIMIT 1) r ON true WHERE f.facility_code > "
                 "$1 AND f.ground IS NOT NULL"
                 " AND f.active AND f.introduction_type = $2"
                 " AND (f.ground_ending_day IS NOT NULL OR f.ground >= $3)"
                 " ORDER BY f.facility_code LIMIT $4",
             after, static_cast<int>(IntroductionType::kRestricted),
             static_cast<int>(RestrictedGround::kTreatmentHouse), limit)) {
      FacilityOnGround& facility = facilities.emplace_back(
          FacilityOnGround{.facility_code = row[0].c_str(), .terms = FacilityTermsFrom(row, 1)});
      if (row[8].is_null()) continue;
      facility.reminded = DayFromText(row[8].c_str());
      facility.reminded_of = DayFromText(row[9].c_str());
    }
    return facilities;
  });
}

absl::StatusOr<bool> PostgresJoiningJobStore::NoteReminder(Transaction& tx,
                                                           const std::string& facility_code,
                                                           absl::CivilDay last_day,
                                                           absl::CivilDay day) {
  return RunStatements([&]() -> absl::StatusOr<bool> {
    return PostgresTransaction::Work(tx)
               .exec_params(
                   "INSERT INTO kakunin.ground_reminder (facility_code, last_day, day)"
                   " VALUES ($1, $2::date, $3::date)"
                   " ON CONFLICT (facility_code, last_day, day) DO NOTHING",
                   facility_code, DayText(last_day), DayText(day))
               .affected_rows() == 1;
  });
}

absl::StatusOr<std::optional<NewsReceiver>> PostgresJoiningJobStore::HoldReceiver(
    Transaction& tx, const std::string& facility_code) {
  return RunStatements([&]() -> absl::StatusOr<std::optional<NewsReceiver>> {
    const auto rows = PostgresTransaction::Work(tx).exec_params(
        "SELECT p.account, a.application_id::text FROM kakunin.application a"
        " JOIN kakunin.applicant p ON p.account = a.account"
        " WHERE a.facility_code = $1 AND a.kind = $2 AND a.state IN ($3, $4)"
        " ORDER BY a.first_submitted_at DESC LIMIT 1 FOR UPDATE OF p",
        facility_code, static_cast<int>(ApplicationKind::kUse),
        static_cast<int>(ApplicationState::kOperationTest),
        static_cast<int>(ApplicationState::kInUse));
    if (rows.empty()) return std::optional<NewsReceiver>();
    return std::optional(
        NewsReceiver{.account = rows[0][0].c_str(),
                     .application = UuidFromText<ApplicationId>(rows[0][1].c_str())});
  });
}

absl::StatusOr<std::optional<WaitingMail>> PostgresJoiningJobStore::HoldMail(Transaction& tx,
                                                                             int skipped) {
  return RunStatements([&]() -> absl::StatusOr<std::optional<WaitingMail>> {
    const auto rows = PostgresTransaction::Work(tx).exec_params(
        "SELECT m.account, m.number, m.at, p.mail, p.facility_name, m.text"
        " FROM kakunin.applicant_mail m JOIN kakunin.applicant p ON p.account = m.account"
        " ORDER BY m.at, m.account, m.number OFFSET $1 LIMIT 1 FOR UPDATE OF m SKIP LOCKED",
        skipped);
    if (rows.empty()) return std::optional<WaitingMail>();
    return std::optional(WaitingMail{.account = rows[0][0].c_str(),
                                     .number = rows[0][1].as<int64_t>(),
                                     .at = InstantFromText(rows[0][2].c_str()),
                                     .to = rows[0][3].c_str(),
                                     .facility_name = rows[0][4].c_str(),
                                     .text = rows[0][5].c_str()});
  });
}

absl::Status PostgresJoiningJobStore::DropMail(Transaction& tx, const WaitingMail& mail) {
  return RunStatements([&] {
    PostgresTransaction::Work(tx).exec_params(
        "DELETE FROM kakunin.applicant_mail WHERE account = $1 AND number = $2", mail.account,
        mail.number);
    return absl::OkStatus();
  });
}

absl::StatusOr<int64_t> PostgresJoiningJobStore::DropMailBefore(Transaction& tx, absl::Time before,
                                                                int limit) {
  return RunStatements([&]() -> absl::StatusOr<int64_t> {
    return PostgresTransaction::Work(tx)
        .exec_params(
            "DELETE FROM kakunin.applicant_mail WHERE (account, number) IN (SELECT account, number"
            " FROM kakunin.applicant_mail WHERE at < $1::timestamptz LIMIT $2)",
            InstantText(before), limit)
        .affected_rows();
  });
}

absl::StatusOr<int64_t> PostgresJoiningJobStore::DeleteUnconfirmed(Transaction& tx,
                                                                   absl::Time before, int limit) {
  return RunStatements([&]() -> absl::StatusOr<int64_t> {
    // Whoever confirms one meanwhile holds its row, and it stays.
    return PostgresTransaction::Work(tx)
        .exec_params(
            "DELETE FROM kakunin.applicant WHERE account IN (SELECT account FROM"
            " kakunin.applicant WHERE state = $1 AND registered_at <= $2::timestamptz"
            " LIMIT $3 FOR UPDATE SKIP LOCKED) AND state = $1",
            static_cast<int>(AccountRegistrationState::kRegistered), InstantText(before), limit)
        .affected_rows();
  });
}

}  // namespace kakunin
