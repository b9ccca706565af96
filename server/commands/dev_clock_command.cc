#include "server/commands/dev_clock_command.h"

#include <fmt/format.h>

#include <memory>
#include <string>

#include "domain/civil_day.h"
#include "domain/error.h"
#include "server/clock.h"
#include "server/commands/command_output.h"
#include "server/config/config.h"

namespace kakunin {
namespace {

constexpr char kCommand[] = "dev clock";

struct ClockOptions {
  std::string config;
  std::string instant;
  std::string span;
  bool json = false;
};

// OffsetFileOf finds the file that every server and command of the sandbox reads.
absl::StatusOr<std::string> OffsetFileOf(const std::string& config_file) {
  ASSIGN_OR_RETURN(const Config config, LoadConfig(config_file));
  if (!config.environment.IsSandbox()) {
    return absl::FailedPreconditionError(
        config_file + " is no sandbox: the clock of any other installation is the machine's");
  }
  if (config.environment.clock_offset_file.empty()) {
    return absl::FailedPreconditionError(
        config_file + " names no clock_offset_file in [environment]: add one and restart");
  }
  return config.environment.clock_offset_file.string();
}

void Show(const ClockOptions& options, absl::Duration offset) {
  const absl::Time now = SystemClock().Now() + offset;
  const std::string instant = absl::FormatTime("%Y-%m-%dT%H:%M:%E3S%Ez", now, JapanTime());
  if (options.json) {
    fmt::print("{}\n", JsonObject()
                           .Text("now", instant)
                           .Number("offset_seconds", absl::ToInt64Seconds(offset))
                           .ToString());
    return;
  }
  fmt::print("{} (offset {})\n", instant, absl::FormatDuration(offset));
}

void Move(const ClockOptions& options, const std::string& file, absl::Duration offset) {
  OrFail(kCommand, SandboxClock::WriteOffset(file, offset));
  Show(options, offset);
}

void ShowClock(const ClockOptions& options) {
  const std::string file = OrFail(kCommand, OffsetFileOf(options.config));
  Show(options, OrFail(kCommand, SandboxClock::ReadOffset(file)));
}

void SetClock(const ClockOptions& options) {
  const std::string file = OrFail(kCommand, OffsetFileOf(options.config));
  if (options.instant == "machine") return Move(options, file, absl::ZeroDuration());
  absl::Time wanted;
  std::string ignored;
  const bool parsed =
      absl::ParseTime(absl::RFC3339_full, options.instant, &wanted, &ignored) ||
      absl::ParseTime("%Y-%m-%d%ET%H:%M:%S", options.instant, JapanTime(), &wanted, &ignored) ||
      absl::ParseTime("%Y-%m-%d", options.instant, JapanTime(), &wanted, &ignored);
  if (!parsed) {
    throw CLI::ValidationError("instant",
                               "write 2026-04-01, 2026-04-01T09:00:00 (both Japanese "
                               "time), an RFC 3339 instant, or machine");
  }
  Move(options, file, wanted - SystemClock().Now());
}

void AdvanceClock(const ClockOptions& options) {
  const std::string file = OrFail(kCommand, OffsetFileOf(options.config));
  absl::Duration span;
  if (!absl::ParseDuration(options.span, &span)) {
    throw CLI::ValidationError("span", "write 90s, 15m, 25h or -1h");
  }
  Move(options, file, OrFail(kCommand, SandboxClock::ReadOffset(file)) + span);
}

CLI::App* AddStep(CLI::App& clock, const std::string& name, const std::string& what,
                  const std::shared_ptr<ClockOptions>& options, void (*run)(const ClockOptions&)) {
  CLI::App* step = clock.add_subcommand(name, what);
  step->add_option("--config", options->config, "Configuration of the sandbox")->required();
  step->add_flag("--json", options->json, "Print JSON");
  step->callback([options, run] { run(*options); });
  return step;
}

}  // namespace

void AddDevClockCommand(CLI::App& dev) {
  CLI::App* clock = dev.add_subcommand("clock", "Show or move the clock of a sandbox");
  clock->require_subcommand(1);
  clock->footer(
      "Rules and stored instants follow it within 100 ms, in every server and command of the "
      "sandbox;\ndeadlines do not.\n"
      "Examples:\n"
      "  kakunin dev clock show --config var/demo-10000/config.toml\n"
      "  kakunin dev clock set 2026-04-01T09:00:00 --config var/demo-10000/config.toml\n"
      "  kakunin dev clock set machine --config var/demo-10000/config.toml\n"
      "  kakunin dev clock advance 25h --config var/demo-10000/config.toml\n");
  const auto options = std::make_shared<ClockOptions>();
  AddStep(*clock, "show", "Print the sandbox's time", options, &ShowClock);
  AddStep(*clock, "set", "Set it to an instant, or back to the machine's", options, &SetClock)
      ->add_option("instant", options->instant, "Instant, or machine")
      ->required();
  AddStep(*clock, "advance", "Move it on by a span", options, &AdvanceClock)
      ->add_option("span", options->span, "Span, such as 25h")
      ->required();
}

}  // namespace kakunin
