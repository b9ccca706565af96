#include "server/commands/command_output.h"

#include <fmt/format.h>

#include <cstdio>

#include "CLI/CLI.hpp"
#include "server/observe/json_formatter.h"

namespace kakunin {

void FailCommand(std::string_view command, const absl::Status& status, int exit_code) {
  const std::string message(status.message());
  fmt::print(stderr, "kakunin {}: {}\n", command,
             message.empty() ? absl::StatusCodeToString(status.code()) : message);
  throw CLI::RuntimeError(exit_code);
}

void JsonObject::Name(std::string_view name) {
  if (!members_.empty()) members_ += ',';
  AppendJsonString(name, members_);
  members_ += ':';
}

JsonObject& JsonObject::Text(std::string_view name, std::string_view value) {
  Name(name);
  AppendJsonString(value, members_);
  return *this;
}

JsonObject& JsonObject::Number(std::string_view name, long long value) {
  return Raw(name, fmt::format("{}", value));
}

JsonObject& JsonObject::Flag(std::string_view name, bool value) {
  return Raw(name, value ? "true" : "false");
}

JsonObject& JsonObject::Raw(std::string_view name, std::string_view json) {
  Name(name);
  members_ += json;
  return *this;
}

JsonObject& JsonObject::Texts(std::string_view name, const std::vector<std::string>& values) {
  std::vector<std::string> quoted;
  for (const std::string& value : values) AppendJsonString(value, quoted.emplace_back());
  return Raw(name, JsonArray(quoted));
}

std::string JsonArray(const std::vector<std::string>& values) {
  return fmt::format("[{}]", fmt::join(values, ","));
}

}  // namespace kakunin
