#include "storage/postgres/reception_app_store.h"

#include <pqxx/result>

#include "storage/postgres/database.h"
#include "storage/postgres/statement_failure.h"
#include "storage/postgres/text_value.h"

namespace kakunin {
namespace {

constexpr char kColumns[] = "a.app_id, a.display_name, a.public_key, a.registered_at, a.revoked_at";

ReceptionApp AppFrom(const pqxx::row& row) {
  ReceptionApp app{.app_id = row[0].c_str(),
                   .display_name = row[1].c_str(),
                   .public_key = ByteaFromText(row[2].c_str()),
                   .registered = InstantFromText(row[3].c_str())};
  if (!row[4].is_null()) app.revoked = InstantFromText(row[4].c_str());
  return app;
}

absl::StatusOr<std::optional<ReceptionApp>> FindApp(Transaction& tx, std::string_view app_id,
                                                    const char* lock) {
  return RunStatements([&]() -> absl::StatusOr<std::optional<ReceptionApp>> {
    const auto rows = PostgresTransaction::Work(tx).exec_params(
        std::string("SELECT ") + kColumns + " FROM kakunin.reception_app a WHERE app_id = $1" +
            lock,
        std::string(app_id));
    if (rows.empty()) return std::optional<ReceptionApp>();
    return std::optional(AppFrom(rows[0]));
  });
}

}  // namespace

absl::StatusOr<std::optional<ReceptionApp>> PostgresReceptionAppStore::Find(
    Transaction& tx, std::string_view app_id) {
  return FindApp(tx, app_id, "");
}

absl::StatusOr<std::optional<ReceptionApp>> PostgresReceptionAppStore::Hold(
    Transaction& tx, std::string_view app_id) {
  return FindApp(tx, app_id, " FOR UPDATE");
}

absl::StatusOr<bool> PostgresReceptionAppStore::IsKeyOfAnother(Transaction& tx,
                                                               const ReceptionApp& app) {
  return RunStatements([&]() -> absl::StatusOr<bool> {
    const auto rows = PostgresTransaction::Work(tx).exec_params(
        "SELECT EXISTS (SELECT FROM kakunin.reception_app WHERE public_key = $1::bytea"
        " AND app_id <> $2)",
        ByteaText(app.public_key), app.app_id);
    return rows[0][0].as<bool>();
  });
}

absl::Status PostgresReceptionAppStore::Put(Transaction& tx, const ReceptionApp& app) {
  return RunStatements([&]() -> absl::Status {
    const pqxx::result put = PostgresTransaction::Work(tx).exec_params(
        "INSERT INTO kakunin.reception_app (app_id, display_name, public_key, registered_at,"
        " revoked_at) VALUES ($1, $2, $3::bytea, $4::timestamptz, nullif($5, '')::timestamptz)"
        " ON CONFLICT (app_id) DO UPDATE SET display_name = excluded.display_name,"
        " public_key = excluded.public_key, revoked_at = excluded.revoked_at"
        " WHERE reception_app.registered_at = excluded.registered_at",
        app.app_id, app.display_name, ByteaText(app.public_key), InstantText(app.registered),
        app.revoked ? InstantText(*app.revoked) : "");
    // Somebody else has registered the id since Hold found nobody.
    if (put.affected_rows() == 0) return StoreError(StoreFailure::kSerialisation);
    return absl::OkStatus();
  });
}

absl::StatusOr<std::vector<ReceptionApp>> PostgresReceptionAppStore::List(Transaction& tx) {
  return RunStatements([&]() -> absl::StatusOr<std::vector<ReceptionApp>> {
    std::vector<ReceptionApp> apps;
    for (const auto& row : PostgresTransaction::Work(tx).exec(
             std::string("SELECT ") + kColumns +
             ", (SELECT count(*) FROM kakunin.reception_app_naming n WHERE n.app_id = a.app_id)"
             " FROM kakunin.reception_app a ORDER BY app_id")) {
      apps.push_back(AppFrom(row));
      apps.back().named_by = row[5].as<int>();
    }
    return apps;
  });
}

absl::Status PostgresReceptionAppStore::Name(Transaction& tx, std::string_view facility_code,
                                             std::string_view app_id, absl::Time at) {
  return RunStatements([&]() -> absl::Status {
    const pqxx::result put = PostgresTransaction::Work(tx).exec_params(
        "INSERT INTO kakunin.reception_app_naming (facility_code, app_id, named_at)"
        " VALUES ($1, $2, $3::timestamptz) ON CONFLICT DO NOTHING",
        std::string(facility_code), std::string(app_id), InstantText(at));
    return absl::OkStatus();
  });
}

absl::Status PostgresReceptionAppStore::Drop(Transaction& tx, std::string_view facility_code,
                                             std::string_view app_id) {
  return RunStatements([&]() -> absl::Status {
    PostgresTransaction::Work(tx).exec_params(
        "DELETE FROM kakunin.reception_app_naming WHERE facility_code = $1 AND app_id = $2",
        std::string(facility_code), std::string(app_id));
    return absl::OkStatus();
  });
}

absl::StatusOr<std::vector<NamedApp>> PostgresReceptionAppStore::ListNamed(
    Transaction& tx, std::string_view facility_code) {
  return RunStatements([&]() -> absl::StatusOr<std::vector<NamedApp>> {
    std::vector<NamedApp> named;
    for (const auto& row : PostgresTransaction::Work(tx).exec_params(
             std::string("SELECT ") + kColumns +
                 ", n.named_at FROM kakunin.reception_app_naming n"
                 " JOIN kakunin.reception_app a USING (app_id) WHERE n.facility_code = $1"
                 " ORDER BY a.app_id",
             std::string(facility_code))) {
      named.push_back({.app = AppFrom(row), .named = InstantFromText(row[5].c_str())});
    }
    return named;
  });
}

}  // namespace kakunin
