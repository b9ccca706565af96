#include "server/commands/terminal_options.h"

#include <iterator>
#include <map>

#include "absl/time/civil_time.h"
#include "domain/civil_day.h"
#include "server/clock.h"
#include "server/commands/command_output.h"
#include "server/commands/enum_option.h"
#include "server/commands/session_file.h"

namespace kakunin {
namespace {

constexpr const char* kRoles[] = {"GENERAL", "ADMINISTRATOR", "DOCTOR",
                                  "DENTIST", "PHARMACIST",    "OTHER_QUALIFIED"};

}  // namespace

google::type::Date DateOf(const std::string& flag, const std::string& text) {
  absl::CivilDay day;
  if (!absl::ParseCivilTime(text, &day)) {
    throw CLI::ValidationError(flag, "not a day: write YYYY-MM-DD");
  }
  google::type::Date date;
  date.set_year(static_cast<int>(day.year()));
  date.set_month(day.month());
  date.set_day(day.day());
  return date;
}

google::type::Date DayOf(const TerminalOptions& options) {
  if (!options.day.empty()) return DateOf("--day", options.day);
  const absl::Time now = options.clock_offset_file.empty()
                             ? SystemClock().Now()
                             : SandboxClock(options.clock_offset_file).Now();
  return DateOf("--day", std::string(absl::FormatCivilTime(CivilDayAt(now))));
}

void AddTerminalOptions(CLI::App& command, TerminalOptions& options) {
  AddClientOptions(command, options.client);
  command.add_option("--day", options.day, "Day to ask for (YYYY-MM-DD); default: today in Japan");
  AddEnumOption<v1::FormOfCare>(command, "--form-of-care", options.form_of_care, "FORM_OF_CARE_",
                                "Form of care");
  command.add_option("--appointment-date", options.appointment_day,
                     "With online care: the day of the appointment");
  command.add_option("--user", options.user, "Who operates the terminal (opaque)");
  command.add_option("--role", options.role, "The user's role: GENERAL, DOCTOR ...")
      ->transform(CLI::CheckedTransformer(
          [] {
            std::map<std::string, int> roles;
            for (size_t i = 0; i < std::size(kRoles); ++i) roles[kRoles[i]] = static_cast<int>(i);
            return roles;
          }(),
          CLI::ignore_case))
      ->each([&options](const std::string&) { options.role_given = true; })
      ->option_text("ROLE");
  AddFlagOrVariable(command, "--session", "KAKUNIN_SESSION", options.session_file,
                    "The file of `kakunin call login`: user and role are proven by it");
  AddFlagOrVariable(command, "--clock-offset-file", "KAKUNIN_CLOCK_OFFSET_FILE",
                    options.clock_offset_file, "Sandbox: take today from its clock");
}

std::unique_ptr<grpc::ClientContext> TerminalContext(const TerminalOptions& options) {
  auto context = ContextFor(options.client);
  if (!options.user.empty()) context->AddMetadata("kakunin-user", options.user);
  if (options.session_file.empty() || options.role_given) {
    context->AddMetadata("kakunin-role", kRoles[options.role]);
  }
  if (!options.session_file.empty()) {
    context->AddMetadata("kakunin-session", OrFail("call", ReadSessionFile(options.session_file)));
  }
  return context;
}

}  // namespace kakunin
