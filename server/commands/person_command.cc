#include "server/commands/case_decisions.h"
#include "server/commands/commands.h"

namespace kakunin {

void AddPersonCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand("person", "Persons who may be taken for somebody else");
  command->require_subcommand(1);
  AddCaseDecisions(*command);
}

}  // namespace kakunin
