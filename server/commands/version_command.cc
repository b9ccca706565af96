#include <fmt/format.h>
#include <google/protobuf/stubs/common.h>
#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "server/commands/command_output.h"
#include "server/commands/commands.h"
#include "storage/postgres/embedded_migrations.h"

namespace kakunin {
namespace {

std::string Protobuf() {
  return google::protobuf::internal::VersionString(GOOGLE_PROTOBUF_VERSION);
}

std::string VersionText() {
  return fmt::format("kakunin {}, schema {}, gRPC {}, protobuf {}", KAKUNIN_VERSION,
                     EmbeddedMigrations().back().version, grpc::Version(), Protobuf());
}

}  // namespace

void AddVersionCommand(CLI::App& app) {
  app.set_version_flag("--version", &VersionText, "Print the version and what it is built of");
  CLI::App* command = app.add_subcommand("version", "Print the version and what it is built of");
  const auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "Print JSON");
  command->footer("Examples:\n  kakunin version\n  kakunin version --json\n");
  command->callback([json] {
    if (*json) {
      fmt::print("{}\n", JsonObject()
                             .Text("version", KAKUNIN_VERSION)
                             .Number("schema", EmbeddedMigrations().back().version)
                             .Text("grpc", grpc::Version())
                             .Text("protobuf", Protobuf())
                             .ToString());
      return;
    }
    fmt::print("{}\n", VersionText());
  });
}

}  // namespace kakunin
