#include <fmt/format.h>
#include <google/protobuf/stubs/common.h>
#include <grpcpp/grpcpp.h>

#include <memory>

#include "server/commands/command_output.h"
#include "server/commands/commands.h"
#include "storage/postgres/embedded_migrations.h"

namespace kakunin {

void AddVersionCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand("version", "Print the version and what it is built of");
  const auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "Print JSON");
  command->footer("Examples:\n  kakunin version\n  kakunin version --json\n");
  command->callback([json] {
    const int schema = EmbeddedMigrations().back().version;
    const std::string protobuf = google::protobuf::internal::VersionString(GOOGLE_PROTOBUF_VERSION);
    if (*json) {
      fmt::print("{}\n", JsonObject()
                             .Text("version", KAKUNIN_VERSION)
                             .Number("schema", schema)
                             .Text("grpc", grpc::Version())
                             .Text("protobuf", protobuf)
                             .ToString());
      return;
    }
    fmt::print("kakunin {}, schema {}, gRPC {}, protobuf {}\n", KAKUNIN_VERSION, schema,
               grpc::Version(), protobuf);
  });
}

}  // namespace kakunin
