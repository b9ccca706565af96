#include "storage/postgres/statement_failure.h"

#include <gtest/gtest.h>

#include <pqxx/except>

namespace kakunin {
namespace {

template <class Exception>
absl::Status StatusOf(const Exception& thrown) {
  try {
    throw thrown;
  } catch (const std::exception&) {
    return StatusOfCurrentException();
  }
}

// What libpqxx makes of a backend that was killed in the middle of a statement.
TEST(StatementFailure, AnEndWithoutAWordIsAnOutageAndNoFaultOfOurs) {
  const absl::Status status =
      StatusOf(pqxx::sql_error("server closed the connection unexpectedly", "SELECT 1"));
  EXPECT_EQ(StoreFailureOf(status), StoreFailure::kUnavailable);
  EXPECT_EQ(ToldReason(status), Reason::kDatabaseUnavailable);
  EXPECT_EQ(status.message().find("closed"), std::string::npos);
}

TEST(StatementFailure, AStatementThatDoesNotFitTheSchemaIsAFaultOfOurs) {
  const absl::Status status = StatusOf(pqxx::sql_error("no such table", "SELECT 1", "42P01"));
  EXPECT_EQ(StoreFailureOf(status), StoreFailure::kBroken);
  EXPECT_EQ(SqlStateOf(status), "42P01");
}

TEST(StatementFailure, AFullDiskIsAnOutageThatTellsTheOperatorToMakeRoom) {
  const absl::Status status = StatusOf(pqxx::disk_full("could not extend file", "INSERT"));
  EXPECT_EQ(StoreFailureOf(status), StoreFailure::kUnavailable);
  EXPECT_EQ(SqlStateOf(status), "53100");
  EXPECT_EQ(ToldReason(status), Reason::kDatabaseUnavailable);
  EXPECT_NE(status.message().find("make room"), std::string::npos) << status.message();
}

}  // namespace
}  // namespace kakunin
