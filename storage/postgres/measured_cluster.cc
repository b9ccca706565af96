#include "storage/postgres/measured_cluster.h"

#include <fmt/format.h>

#include <pqxx/pqxx>
#include <utility>

namespace kakunin {
namespace {

constexpr std::pair<const char*, const char*> kSettings[] = {
    {"max_wal_size", "24GB"},
    {"min_wal_size", "2GB"},
    {"checkpoint_timeout", "60min"},
    {"wal_buffers", "64MB"},
};

template <class Act>
auto Guarded(const std::string& conninfo, Act act)
    -> decltype(act(std::declval<pqxx::nontransaction&>())) {
  try {
    pqxx::connection connection(conninfo);
    pqxx::nontransaction statements(connection);
    return act(statements);
  } catch (const pqxx::sql_error& error) {
    return absl::InternalError(fmt::format("the bench's cluster: SQLSTATE {}", error.sqlstate()));
  } catch (const pqxx::failure&) {
    return absl::InternalError("the bench's cluster cannot be reached");
  }
}

}  // namespace

absl::StatusOr<bool> TuneCluster(const std::string& conninfo) {
  return Guarded(conninfo, [](auto& statements) -> absl::StatusOr<bool> {
    for (const auto& [name, value] : kSettings) {
      statements.exec(fmt::format("ALTER SYSTEM SET {} = '{}'", name, value));
    }
    statements.exec("SELECT pg_reload_conf()");
    // Only this one waits for a restart; the server may not have read the file yet.
    return statements.exec1("SELECT pg_size_bytes(current_setting('wal_buffers'))")[0]
               .template as<int64_t>() != int64_t{64} << 20;
  });
}

absl::Status WarmCluster(const std::string& conninfo) {
  return Guarded(conninfo, [](auto& statements) -> absl::Status {
    // Later rows cost more than the first ones: two runs compare only from the same beginning.
    statements.exec(
        "TRUNCATE kakunin.audit_event, kakunin.confirmation, kakunin.consent_act,"
        " kakunin.challenge, kakunin.record_access, kakunin.consent_end");
    statements.exec("CREATE EXTENSION IF NOT EXISTS pg_prewarm SCHEMA public");
    statements.exec("VACUUM (ANALYZE)");
    statements.exec(
        "SELECT public.pg_prewarm(c.oid) FROM pg_class c"
        " WHERE c.relnamespace = 'kakunin'::regnamespace AND c.relkind IN ('r', 'i', 't')"
        " AND pg_relation_size(c.oid) > 0");
    statements.exec("CHECKPOINT");
    return absl::OkStatus();
  });
}

}  // namespace kakunin
