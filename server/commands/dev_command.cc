#include <memory>
#include <string>

#include "server/commands/commands.h"
#include "server/commands/dev_clock_command.h"
#include "server/commands/dev_up_command.h"

namespace kakunin {

void AddDevCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand("dev", "Sandboxes: bring one up, set its clock");
  command->require_subcommand(1);
  command->footer(
      "Examples:\n"
      "  deploy/demo                                      builds, then runs `kakunin dev up`\n"
      "  kakunin dev clock advance 25h --config var/demo-10000/config.toml\n");
  AddDevUpCommand(*command);
  AddDevClockCommand(*command);
}

}  // namespace kakunin
