#pragma once

#include <memory>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/status/statusor.h"
#include "domain/retention.h"
#include "server/clock.h"
#include "server/config/config.h"
#include "storage/database.h"

namespace kakunin {

// DatabaseOptions is how a command is told where the database is: --config or --database.
struct DatabaseOptions {
  std::string config;
  std::string database;  // libpq connection string
};

// AddDatabaseOptions adds the two to a subcommand.
void AddDatabaseOptions(CLI::App& command, DatabaseOptions& options);

// DatabaseAccess is what follows from them.
struct DatabaseAccess {
  std::string conninfo;
  std::unique_ptr<Clock> clock;  // the sandbox's when the configuration names one
  RetentionRules retention;      // the configured ones, or the defaults
};

// AccessAs logs in as the role that `login` points to, a member of Config. FAILED_PRECONDITION or
// LoadConfig's errors; a CLI::ParseError unless exactly one option was given.
absl::StatusOr<DatabaseAccess> AccessAs(const DatabaseOptions& options, LoginConfig Config::*login);

// OpenPool is a pool of one connection, an audit stream of its own if it writes.
std::unique_ptr<Database> OpenPool(const std::string& conninfo, const std::string& application);

}  // namespace kakunin
