#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "CLI/CLI.hpp"
#include "google/type/date.pb.h"
#include "kakunin/v1/types.pb.h"
#include "server/commands/client_connection.h"

namespace kakunin {

inline constexpr char kConnectionFooter[] =
    "The connection may come from the environment: KAKUNIN_SERVER, KAKUNIN_CERTIFICATE, "
    "KAKUNIN_KEY,\nKAKUNIN_CA.\n";

// TerminalOptions is what every question of a terminal takes.
struct TerminalOptions {
  ClientOptions client;
  std::string user;
  int role = 0;
  bool role_given = false;  // by a flag: a command's own default is not sent beside a session
  std::string session_file;
  std::string day;
  int form_of_care = v1::FORM_OF_CARE_OUTPATIENT;
  std::string appointment_day;
  std::string clock_offset_file;
};

// AddTerminalOptions adds them, those of the connection among them.
void AddTerminalOptions(CLI::App& command, TerminalOptions& options);

// TerminalContext is the context of one call: deadline, and who is at the terminal: the session of
// --session, or the user and role that are asserted. Fails the command when the file cannot be
// used.
std::unique_ptr<grpc::ClientContext> TerminalContext(const TerminalOptions& options);

// DateOf reads YYYY-MM-DD; throws CLI::ValidationError that names `flag`.
google::type::Date DateOf(const std::string& flag, const std::string& text);

// DayOf is the asked day; today in Japan when none was given.
google::type::Date DayOf(const TerminalOptions& options);

}  // namespace kakunin
