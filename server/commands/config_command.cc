#include <fmt/format.h>

#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "server/commands/command_output.h"
#include "server/commands/commands.h"
#include "server/config/config.h"
#include "server/config/config_files.h"
#include "server/config/config_warnings.h"

namespace kakunin {
namespace {

struct ConfigOptions {
  std::string file;
  bool json = false;
  bool text_only = false;
};

// JsonOf tells a text that is made of lines.
JsonObject JsonOf(const ConfigOptions& options, std::string_view member, std::string_view text) {
  std::vector<std::string> lines;
  std::istringstream stream{std::string(text)};
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return JsonObject().Text("file", options.file).Texts(member, lines);
}

void Check(const ConfigOptions& options) {
  const auto config = LoadConfig(options.file);
  std::string faults(config.status().message());
  if (config.ok() && !options.text_only) {
    faults = fmt::format("{}", fmt::join(FileFaults(*config), "\n"));
  }
  std::vector<std::string> warnings;
  if (config.ok()) warnings = ConfigWarnings(*config);
  if (options.json) {
    fmt::print("{}\n", JsonOf(options, "faults", faults).Texts("warnings", warnings).ToString());
  } else {
    for (const std::string& warning : warnings) fmt::print(stderr, "warning: {}\n", warning);
  }
  if (!faults.empty()) {
    if (!options.json) fmt::print(stderr, "{}\n", faults);
    throw CLI::RuntimeError(1);
  }
  if (options.json) return;
  fmt::print("{}: good\n", options.file);
}

void Print(const ConfigOptions& options) {
  const Config config = OrFail("config print", LoadConfig(options.file));
  const std::string text = PrintConfig(config);
  if (options.json) {
    fmt::print("{}\n", JsonOf(options, "lines", text).ToString());
  } else {
    fmt::print("{}", text);
  }
}

CLI::App* AddWithFile(CLI::App& app, const std::string& name, const std::string& what,
                      const std::shared_ptr<ConfigOptions>& options) {
  CLI::App* command = app.add_subcommand(name, what);
  command->add_option("FILE", options->file, "Configuration file (TOML)")->required();
  command->add_flag("--json", options->json, "Print JSON");
  command->footer(fmt::format("Example:\n  kakunin config {} /etc/kakunin/kakunin.toml\n", name));
  return command;
}

}  // namespace

void AddConfigCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand("config", "Check, print or begin a configuration");
  command->require_subcommand(1);
  command->footer(
      "Examples:\n"
      "  kakunin config example > kakunin.toml\n"
      "  kakunin config check kakunin.toml     every fault, with its line, and warnings\n"
      "  kakunin config print kakunin.toml     what is in force, defaults included\n");
  const auto options = std::make_shared<ConfigOptions>();
  CLI::App* check = AddWithFile(
      *command, "check",
      "Find every fault of a configuration, and of the files it names: run it as the server's user",
      options);
  check->add_flag("--text-only", options->text_only,
                  "Do not look at the files that it names, as on another machine");
  check->callback([options] { Check(*options); });
  AddWithFile(*command, "print", "Print what is in force; of secrets only the paths", options)
      ->callback([options] { Print(*options); });
  CLI::App* example = command->add_subcommand("example", "Print a commented configuration");
  example->add_flag("--json", options->json, "Print JSON");
  example->footer("Example:\n  kakunin config example > kakunin.toml\n");
  example->callback([options] {
    if (options->json) {
      fmt::print("{}\n", JsonObject().Text("example", ExampleConfig()).ToString());
    } else {
      fmt::print("{}", ExampleConfig());
    }
  });
}

}  // namespace kakunin
