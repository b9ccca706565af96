#include "server/commands/database_options.h"

#include "auth/digest.h"
#include "domain/error.h"
#include "storage/postgres/database.h"

namespace kakunin {

void AddDatabaseOptions(CLI::App& command, DatabaseOptions& options) {
  CLI::Option* config =
      command.add_option("--config", options.config, "Configuration file of the installation");
  command
      .add_option("--database", options.database,
                  "libpq connection string instead, such as \"host=/run/pg dbname=kakunin "
                  "user=kakunin_migrate\"")
      ->excludes(config);
}

absl::StatusOr<DatabaseAccess> AccessAs(const DatabaseOptions& options,
                                        LoginConfig Config::*login) {
  if (!options.database.empty()) {
    return DatabaseAccess{options.database, std::make_unique<SystemClock>(), {}};
  }
  if (options.config.empty()) {
    throw CLI::ValidationError("name the database: --config FILE or --database CONNINFO");
  }
  ASSIGN_OR_RETURN(const Config config, LoadConfig(options.config));
  DatabaseAccess access;
  ASSIGN_OR_RETURN(access.conninfo, ConnectionString(config.database, config.*login));
  access.retention = config.retention;
  if (config.environment.clock_offset_file.empty()) {
    access.clock = std::make_unique<SystemClock>();
  } else {
    access.clock = std::make_unique<SandboxClock>(config.environment.clock_offset_file.string());
  }
  return access;
}

std::unique_ptr<Database> OpenPool(const std::string& conninfo, const std::string& application) {
  PostgresOptions options;
  options.conninfo = conninfo;
  options.application_name = application;
  options.pool_size = 1;
  options.hash = [](std::string_view octets) -> Digest32 { return auth::Sha256(octets); };
  options.new_stream = [] { return StreamId{auth::RandomArray<16>()}; };
  return std::make_unique<PostgresDatabase>(std::move(options));
}

}  // namespace kakunin
