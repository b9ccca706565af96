#include "storage/postgres/statement_failure.h"

#include <pqxx/except>

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
    return StoreError(FailureForSqlState(error.sqlstate()), error.sqlstate());
  } catch (const std::exception&) {
    return StoreError(StoreFailure::kBroken);
  }
}

}  // namespace kakunin
