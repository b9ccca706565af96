#include "storage/postgres/statement_failure.h"

#include <pqxx/except>
#include <string>

namespace kakunin {

StoreFailure FailureForSqlState(std::string_view sqlstate) {
  if (sqlstate.starts_with("22") || sqlstate.starts_with("23")) return StoreFailure::kBadData;
  if (sqlstate == "40001" || sqlstate == "40P01") return StoreFailure::kSerialisation;
  if (sqlstate == "57014") return StoreFailure::kTimedOut;
  if (sqlstate == "42501" || sqlstate.starts_with("28")) return StoreFailure::kDenied;
  // 08 connection, 25006 a standby now, 53 resources, 57P shutting down.
  if (sqlstate.starts_with("08") || sqlstate == "25006" || sqlstate.starts_with("53") ||
      sqlstate.starts_with("57P")) {
    return StoreFailure::kUnavailable;
  }
  return StoreFailure::kBroken;
}

namespace {

// SqlStateOfError reads the SQLSTATE; libpqxx 6.4 forgets it for some of the classes it names.
std::string SqlStateOfError(const pqxx::sql_error& error) {
  if (!error.sqlstate().empty()) return error.sqlstate();
  if (dynamic_cast<const pqxx::insufficient_privilege*>(&error) != nullptr) return "42501";
  if (dynamic_cast<const pqxx::unique_violation*>(&error) != nullptr) return "23505";
  if (dynamic_cast<const pqxx::foreign_key_violation*>(&error) != nullptr) return "23503";
  if (dynamic_cast<const pqxx::not_null_violation*>(&error) != nullptr) return "23502";
  if (dynamic_cast<const pqxx::check_violation*>(&error) != nullptr) return "23514";
  if (dynamic_cast<const pqxx::integrity_constraint_violation*>(&error) != nullptr) return "23000";
  if (dynamic_cast<const pqxx::data_exception*>(&error) != nullptr) return "22000";
  if (dynamic_cast<const pqxx::disk_full*>(&error) != nullptr) return "53100";
  if (dynamic_cast<const pqxx::insufficient_resources*>(&error) != nullptr) return "53000";
  return "";
}

}  // namespace

absl::Status StatusOfCurrentException() {
  try {
    throw;
  } catch (const pqxx::in_doubt_error&) {
    return StoreError(StoreFailure::kUnknownOutcome);
  } catch (const pqxx::statement_completion_unknown&) {
    return StoreError(StoreFailure::kUnknownOutcome, "40003");
  } catch (const pqxx::serialization_failure&) {
    return StoreError(StoreFailure::kSerialisation, "40001");
  } catch (const pqxx::deadlock_detected&) {
    return StoreError(StoreFailure::kSerialisation, "40P01");
  } catch (const pqxx::broken_connection&) {
    return StoreError(StoreFailure::kUnavailable);
  } catch (const pqxx::sql_error& error) {
    const std::string sqlstate = SqlStateOfError(error);
    // PostgreSQL always says one: a process of it that died has said nothing, and libpqxx takes the
    // end of the connection for an error of the statement.
    if (sqlstate.empty()) return StoreError(StoreFailure::kUnavailable);
    return StoreError(FailureForSqlState(sqlstate), sqlstate);
  } catch (const std::exception&) {
    return StoreError(StoreFailure::kBroken);
  }
}

}  // namespace kakunin
