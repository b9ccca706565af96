#include <fmt/format.h>

#include <chrono>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "domain/error.h"
#include "server/commands/command_output.h"
#include "server/commands/commands.h"
#include "server/commands/database_options.h"
#include "server/commands/operator_bootstrap.h"
#include "server/rpc/record_octets.h"
#include "storage/postgres/answer_rows.h"
#include "storage/postgres/consent_persons.h"
#include "storage/postgres/migrator.h"
#include "storage/postgres/month_records.h"
#include "storage/postgres/partitions.h"

namespace kakunin {
namespace {

struct MigrateOptions {
  DatabaseOptions database;
  bool json = false;
  bool dry_run = false;
  bool commit = false;
  int months_ahead = kMonthsAhead;
  OperatorToBootstrap op;
  std::string certificate_file;
};

struct Session {
  DatabaseAccess access;
  std::unique_ptr<Migrator> migrator;
};

Session Open(std::string_view command, const MigrateOptions& options) {
  Session session{OrFail(command, AccessAs(options.database, &Config::migrate)), nullptr};
  session.migrator = OrFail(command, Migrator::Connect(session.access.conninfo));
  return session;
}

void Up(const MigrateOptions& options) {
  const Session session = Open("migrate up", options);
  const std::vector<std::string> names =
      OrFail("migrate up", session.migrator->Up(session.access.clock->Now(), options.dry_run));
  if (options.json) {
    fmt::print("{}\n",
               JsonObject().Flag("dry_run", options.dry_run).Texts("migrations", names).ToString());
    return;
  }
  for (const std::string& name : names) {
    fmt::print("{} {}\n", options.dry_run ? "would apply" : "applied", name);
  }
  if (names.empty()) fmt::print("the schema is up to date\n");
}

const char* StateOf(const MigrationStatus& row) {
  if (row.altered) return "ALTERED";
  if (row.unknown) return "UNKNOWN";
  return row.applied_at ? "applied" : "pending";
}

void Status(const MigrateOptions& options) {
  const Session session = Open("migrate status", options);
  const auto rows = OrFail("migrate status", session.migrator->Status());
  std::vector<std::string> objects;
  for (const MigrationStatus& row : rows) {
    const std::string at = row.applied_at ? absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", *row.applied_at,
                                                             absl::UTCTimeZone())
                                          : "";
    if (options.json) {
      objects.push_back(JsonObject()
                            .Number("version", row.version)
                            .Text("name", row.name)
                            .Text("state", StateOf(row))
                            .Text("applied_at", at)
                            .ToString());
    } else {
      fmt::print("{:>4} {:<8} {:<20} {}\n", row.version, StateOf(row), at, row.name);
    }
  }
  if (options.json) fmt::print("{}\n", JsonArray(objects));
}

// The comparison reads every person; an installation of a country takes its time.
constexpr auto kAnswersBound = std::chrono::hours(12);

// Compare holds every answer row and look-up against the truth.
AnswerDifferences Compare(std::string_view command, Database& database) {
  AnswerDifferences found;
  OrFail(command, database.Read(std::chrono::steady_clock::now() + kAnswersBound,
                                [&](Transaction& tx) -> absl::Status {
                                  ASSIGN_OR_RETURN(found,
                                                   CompareAnswers(tx, CopiesOfThisFormat().answer));
                                  return absl::OkStatus();
                                }));
  return found;
}

bool AnyDifference(const AnswerDifferences& found) {
  return found.answers_differ + found.lookups_missing + found.lookups_unfounded > 0;
}

std::string Describe(const AnswerDifferences& found) {
  return fmt::format(
      "{} persons: {} answer rows differ from the truth, {} look-ups missing, {} unfounded",
      found.persons, found.answers_differ, found.lookups_missing, found.lookups_unfounded);
}

// CompareMonths holds every month record against the truth; empty when they are equal.
std::string CompareMonths(std::string_view command, Database& database) {
  MonthRecordDifferences found;
  OrFail(command, database.Read(std::chrono::steady_clock::now() + kAnswersBound,
                                [&](Transaction& tx) -> absl::Status {
                                  ASSIGN_OR_RETURN(found,
                                                   CompareMonthRecords(tx, CopiesOfThisFormat()));
                                  return absl::OkStatus();
                                }));
  if (found.differ + found.missing + found.unfounded == 0) return "";
  return fmt::format("{} month records: {} differ from the truth, {} missing, {} unfounded",
                     found.records, found.differ, found.missing, found.unfounded);
}

// CompareConsents looks for consents of one person by another's card; empty when there is none.
std::string CompareConsents(std::string_view command, Database& database) {
  int64_t found = 0;
  OrFail(command, database.Read(std::chrono::steady_clock::now() + kAnswersBound,
                                [&](Transaction& tx) -> absl::Status {
                                  ASSIGN_OR_RETURN(found, CountConsentsOfOthers(tx));
                                  return absl::OkStatus();
                                }));
  if (found == 0) return "";
  return fmt::format(
      "{} consents are kept under another person than their card's: see docs/operations.md, 5",
      found);
}

void Verify(const MigrateOptions& options) {
  constexpr char kName[] = "migrate verify";
  const Session session = Open(kName, options);
  auto faults = OrFail(kName, session.migrator->Verify());
  // Of another schema the answers cannot be read.
  if (faults.empty()) {
    const auto database = OpenPool(session.access.conninfo, "kakunin migrate");
    const AnswerDifferences found = Compare(kName, *database);
    if (AnyDifference(found)) faults.push_back(Describe(found) + ": see kakunin migrate answers");
    const std::string months = CompareMonths(kName, *database);
    if (!months.empty()) faults.push_back(months);
    const std::string consents = CompareConsents(kName, *database);
    if (!consents.empty()) faults.push_back(consents);
  }
  if (options.json) {
    fmt::print("{}\n", JsonObject().Texts("faults", faults).ToString());
  } else {
    for (const std::string& fault : faults) fmt::print("{}\n", fault);
    if (faults.empty()) {
      fmt::print(
          "the schema is this binary's, and whole; every copy equals the truth,"
          " every consent is of its card's person\n");
    }
  }
  if (!faults.empty()) throw CLI::RuntimeError(1);
}

// InspectOnly is what `migrate partitions` would find, without making anything.
absl::StatusOr<PartitionReport> InspectOnly(const DatabaseAccess& access) {
  const auto database = OpenPool(access.conninfo, "kakunin migrate");
  PartitionReport report;
  const absl::Status status =
      database->Read(std::chrono::steady_clock::now() + std::chrono::seconds(10),
                     [&](Transaction& tx) -> absl::Status {
                       ASSIGN_OR_RETURN(report, ReadPartitions(tx, access.clock->Now()));
                       return absl::OkStatus();
                     });
  if (!status.ok()) return status;
  return report;
}

void Partitions(const MigrateOptions& options) {
  constexpr char kName[] = "migrate partitions";
  PartitionReport report;
  if (options.dry_run) {
    report =
        OrFail(kName, InspectOnly(OrFail(kName, AccessAs(options.database, &Config::migrate))));
  } else {
    const Session session = Open(kName, options);
    report = OrFail(
        kName, session.migrator->Partitions(options.months_ahead, session.access.clock->Now()));
  }
  if (options.json) {
    fmt::print("{}\n", JsonObject()
                           .Flag("dry_run", options.dry_run)
                           .Texts("created", report.created)
                           .Number("days_left", report.days_left)
                           .Texts("default_holds_rows", report.default_holds_rows)
                           .ToString());
    return;
  }
  for (const std::string& name : report.created) fmt::print("created {}\n", name);
  for (const std::string& table : report.default_holds_rows) {
    fmt::print("warning: the default partition of {} holds rows outside the months made\n", table);
  }
  fmt::print("months are made for {} days\n", report.days_left);
}

void BootstrapTheOperator(MigrateOptions options) {
  constexpr char kName[] = "migrate operator";
  std::ifstream file(options.certificate_file, std::ios::binary);
  std::ostringstream pem;
  if (!file || !(pem << file.rdbuf())) {
    FailCommand(kName, absl::NotFoundError("cannot read the certificate " +
                                           options.certificate_file + ": name a PEM file"));
  }
  options.op.certificate_pem = pem.str();
  const DatabaseAccess access = OrFail(kName, AccessAs(options.database, &Config::migrate));
  const BootstrappedOperator done = OrFail(
      kName, BootstrapOperator(access.conninfo, options.op, access.clock->Now(), options.commit));
  if (options.json) {
    fmt::print("{}\n", JsonObject()
                           .Text("operator", options.op.name)
                           .Flag("committed", options.commit)
                           .Flag("created", done.created)
                           .Text("fingerprint", done.fingerprint)
                           .Text("audit_id", done.audit_id)
                           .ToString());
    return;
  }
  fmt::print("{} operator {}, certificate {}\n",
             !options.commit ? (done.created ? "would register" : "would change")
                             : (done.created ? "registered" : "changed"),
             options.op.name, done.fingerprint);
  if (!options.commit) fmt::print("nothing was written: add --commit to do it\n");
}

constexpr int kAnswersBatch = 5000;

using Rebuild = absl::StatusOr<RebuiltAnswers> (*)(Transaction&, const PersonId& after);

absl::StatusOr<RebuiltAnswers> RebuildSomeAnswers(Transaction& tx, const PersonId& after) {
  return RebuildAnswers(tx, CopiesOfThisFormat().answer, WhichFormats::kOther, after,
                        kAnswersBatch);
}
absl::StatusOr<RebuiltAnswers> RebuildSomeMonths(Transaction& tx, const PersonId& after) {
  return RebuildMonthRecords(tx, CopiesOfThisFormat(), WhichFormats::kOther, after, kAnswersBatch);
}

// RebuildAll rewrites the copies of another format, a batch a transaction.
int64_t RebuildAll(Database& database, const char* what, Rebuild rebuild) {
  int64_t rebuilt = 0;
  RebuiltAnswers step;
  do {
    const PersonId after = step.last;
    OrFail("migrate answers", database.Write(std::chrono::steady_clock::now() + kAnswersBound,
                                             [&](Transaction& tx) -> absl::Status {
                                               ASSIGN_OR_RETURN(step, rebuild(tx, after));
                                               return absl::OkStatus();
                                             }));
    rebuilt += step.rebuilt;
    fmt::print(stderr, "rebuilt {} {}\n", rebuilt, what);
  } while (step.looked_at > 0);
  return rebuilt;
}

void Answers(const MigrateOptions& options) {
  constexpr char kName[] = "migrate answers";
  const DatabaseAccess access = OrFail(kName, AccessAs(options.database, &Config::migrate));
  const auto database = OpenPool(access.conninfo, "kakunin migrate");
  int64_t rebuilt = 0;
  if (options.commit) {
    rebuilt = RebuildAll(*database, "answer rows", &RebuildSomeAnswers);
    RebuildAll(*database, "month records", &RebuildSomeMonths);
  }
  const AnswerDifferences found = Compare(kName, *database);
  if (options.json) {
    fmt::print("{}\n", JsonObject()
                           .Number("persons", found.persons)
                           .Number("rebuilt", rebuilt)
                           .Number("answers_differ", found.answers_differ)
                           .Number("lookups_missing", found.lookups_missing)
                           .Number("lookups_unfounded", found.lookups_unfounded)
                           .ToString());
  } else {
    fmt::print("{}\n", Describe(found));
    if (found.answers_differ > 0 && !options.commit) {
      fmt::print("nothing was written: --commit rebuilds the rows of another format\n");
    }
  }
  if (AnyDifference(found)) throw CLI::RuntimeError(1);
}

CLI::App* AddStep(CLI::App& app, const std::string& name, const std::string& what,
                  const std::shared_ptr<MigrateOptions>& options,
                  void (*run)(const MigrateOptions&)) {
  CLI::App* command = app.add_subcommand(name, what);
  AddDatabaseOptions(*command, options->database);
  command->add_flag("--json", options->json, "Print JSON");
  command->callback([options, run] { run(*options); });
  command->footer(fmt::format(
      "Examples:\n  kakunin migrate {0} --config kakunin.toml\n"
      "  kakunin migrate {0} --database \"host=/run/pg dbname=kakunin user=kakunin_migrate\"\n",
      name));
  return command;
}

void AddOperator(CLI::App& app, const std::shared_ptr<MigrateOptions>& options) {
  CLI::App* command = app.add_subcommand(
      "operator", "Register the first operator, who registers everybody else over the API");
  AddDatabaseOptions(*command, options->database);
  command->add_option("--name", options->op.name, "Name, as in the certificate")->required();
  command
      ->add_option("--certificate", options->certificate_file, "The operator's certificate (PEM)")
      ->required();
  command->add_option("--body", options->op.body,
                      "Whose operator it is, such as a ministry or a prefecture: policies for "
                      "abnormal times need two of different bodies");
  command->add_flag("--commit", options->commit, "Do it; without it nothing is written");
  command->add_flag("--json", options->json, "Print JSON");
  command->footer(
      "Example:\n"
      "  kakunin migrate operator --config kakunin.toml --name operator-1 --certificate op.pem "
      "--commit\n");
  command->callback([options] { BootstrapTheOperator(*options); });
}

}  // namespace

void AddMigrateCommand(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("migrate", "Move the schema on, as the role kakunin_migrate");
  command->require_subcommand(1);
  command->footer(
      "Migrations go forward only; each runs in a transaction of its own.\n"
      "Examples:\n"
      "  kakunin migrate up --config kakunin.toml --dry-run   what would be done\n"
      "  kakunin migrate up --config kakunin.toml\n"
      "  kakunin migrate partitions --config kakunin.toml     months ahead; run it daily\n");
  const auto options = std::make_shared<MigrateOptions>();
  AddStep(*command, "up", "Apply what is pending", options, &Up)
      ->add_flag("--dry-run", options->dry_run, "Tell what would be applied, and change nothing");
  AddStep(*command, "status", "List every step", options, &Status);
  AddStep(*command, "verify", "Tell where database and binary differ; exit 1 when they do", options,
          &Verify);
  AddStep(*command, "answers", "Compare every answer row with the truth; exit 1 when any differs",
          options, &Answers)
      ->add_flag("--commit", options->commit,
                 "First rebuild the rows of another format, and month records");
  CLI::App* partitions =
      AddStep(*command, "partitions", "Make the months ahead", options, &Partitions);
  partitions->add_flag("--dry-run", options->dry_run, "Tell how far they reach, and make none");
  partitions->add_option("--months-ahead", options->months_ahead, "Months beyond the present one")
      ->check(CLI::Range(1, 24))
      ->capture_default_str();
  AddOperator(*command, options);
}

}  // namespace kakunin
